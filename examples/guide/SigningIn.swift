import Quartermaster
import QuartermasterAccess

/// What Docs/accounts.md shows: users sign up, log in, and are known by their token.
func signingIn() throws {
  // The least work for a hash, as tests use it; leave it out where passwords matter.
  let cost = PasswordCost.forTests

  var configuration = Engine.Configuration()
  configuration.passwords = .scrypt(PasswordSettings(cost: cost))
  let engine = try Engine.open(nil, domain: .supply, configuration: configuration)

  var settings = AccountSettings()
  settings.passwords.cost = cost
  let accounts = try Accounts(engine, settings: settings)

  let password = "correct horse battery staple"
  let ann = try accounts.signUp(
    "ann", password: password, email: "ann@example.com",
    fields: ["address": "Main street 1"])
  print(ann.username, ann.roles)

  let signedIn = try accounts.logIn("Ann", password: password)
  let token = signedIn.token.text  // for the client alone; the file keeps a hash of it
  print(signedIn.token)

  let session = try accounts.session(token: token)
  print(session.username, session.principal.roles)

  try accounts.grant("night shift", to: ann.id)
  print(try accounts.session(token: token).principal.roles.sorted())

  do {
    _ = try accounts.logIn("ann", password: "guessed")
  } catch let error as AccountError {
    print(error)
  }

  try accounts.changePassword(
    of: ann.id, from: password, to: "battery staple correct horse", keeping: token)
  try accounts.logOut(token: token)
  try engine.close()
}
