import Foundation
import QuartermasterAccess
import QuartermasterCore

/// What is done to the users of a project whose process may end in the midst of it.
///
///     FaultHarness FOLDER sign-up:NAME|log-in:NAME:PASSWORD|password:NAME:OLD:NEW PLACE
///
/// It prints what came of it: `done`, a token, or an error.
struct AccountFaults {
  private let parts: [String]

  init?(_ text: String) {
    parts = text.split(separator: ":").map(String.init)
    guard let first = parts.first, ["sign-up", "log-in", "password"].contains(first),
      parts.count == (first == "sign-up" ? 2 : first == "log-in" ? 3 : 4)
    else { return nil }
  }

  func run(_ project: Project, _ observer: StatementObserver?) throws {
    let rules = try LoadedRules(
      files: project.ruleFiles, schema: project.schema, settings: project.settings)
    var configuration = Engine.Configuration()
    configuration.settings = project.settings
    configuration.observer = observer
    let engine = try Engine(
      path: project.dataPath, schema: project.schema, rules: rules, configuration: configuration)
    var settings = AccountSettings()
    settings.passwords.cost = .forTests
    let accounts = try Accounts(engine, settings: settings)
    do { print(try act(accounts)) } catch let error as AccountError { print("error: \(error)") }
    try engine.close()
  }

  private func act(_ accounts: Accounts) throws -> String {
    switch parts[0] {
    case "sign-up":
      try accounts.signUp(parts[1], password: "correct horse")
      return "done"
    case "log-in": return try accounts.logIn(parts[1], password: parts[2]).token.text
    default:
      guard let user = try accounts.account(named: parts[1]) else { return "nobody" }
      try accounts.changePassword(of: user.id, from: parts[2], to: parts[3])
      return "done"
    }
  }
}
