import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterAccess
@testable import QuartermasterCore

/// A token stands for a user as long as its session goes on.
struct SessionTests {
  @Test func `a session tells who acts, with the roles of the moment`() throws {
    let shop = try AccountShop()
    let accounts = try shop.accounts(try shop.open())
    let ann = try accounts.signUp("ann", password: "correct horse")
    let token = try accounts.logIn("ann", password: "correct horse").token.text
    #expect(
      try accounts.session(token: token).principal
        == Principal(userID: ann.id, roles: ["customer"]))
    try accounts.grant("night shift", to: ann.id)
    let session = try accounts.session(token: token)
    #expect(session.principal == Principal(userID: ann.id, roles: ["customer", "night shift"]))
    #expect(session.username == "ann")
    try accounts.take("night shift", from: ann.id)
    #expect(try accounts.session(token: token).principal.roles == ["customer"])
    try accounts.logOut(token: token)
    refused(.notSignedIn) { _ = try accounts.session(token: token) }
    refused(.notSignedIn) { try accounts.logOut(token: token) }
  }

  @Test func `sessions go on after a restart, and in another process`() throws {
    let shop = try AccountShop()
    let engines = [try shop.open(), try shop.open()]
    let accounts = try engines.map { try shop.accounts($0) }
    let ann = try accounts[0].signUp("ann", password: "correct horse")
    let token = try accounts[0].logIn("ann", password: "correct horse").token.text
    #expect(try accounts[1].session(token: token).userID == ann.id)
    for engine in engines { try engine.close() }
    let again = try shop.accounts(try shop.open())
    #expect(try again.session(token: token).userID == ann.id)
    // The same where the rules run by a clock of their own that stands still.
    #expect(try again.session(token: token).createdAt == shop.time.now)
  }

  @Test func `no two tokens are alike`() throws {
    let tokens = Set((0..<1000).map { _ in SessionToken().text })
    #expect(tokens.count == 1000)
  }

  @Test(arguments: [
    "", "r:", "r:0123456789abcdef0123456789abcde", "r:0123456789abcdef0123456789abcdef0",
    "R:0123456789abcdef0123456789abcdef", "r:0123456789ABCDEF0123456789ABCDEF",
    "r:0123456789abcdef0123456789abcdeg", "{\"$ne\": null}", "{\"$regex\": \"^r:\"}", "%", "null",
    "[object Object]", "' OR 1=1 --", "r:０123456789abcdef0123456789abcde",
    "r:0123456789abcdef0123456789abcdef", "\u{0}", String(repeating: "r:", count: 100_000),
  ])
  func `what is no token is refused whatever it is`(text: String) throws {
    let shop = try AccountShop()
    let accounts = try shop.accounts(try shop.open(inMemory: true))
    try accounts.signUp("ann", password: "correct horse")
    _ = try accounts.logIn("ann", password: "correct horse")
    refused(.notSignedIn) { _ = try accounts.session(token: text) }
    refused(.notSignedIn) { try accounts.logOut(token: text) }
  }

  @Test func `a session ends when its time is over, whatever the clock says later`() throws {
    let shop = try AccountShop()
    let engine = try shop.open(inMemory: true)
    let accounts = try shop.accounts(engine) { $0.sessionLength = TimeSpan(days: 30) }
    let ann = try accounts.signUp("ann", password: "correct horse")
    let token = try accounts.logIn("ann", password: "correct horse").token.text
    shop.time.move(seconds: 30 * 86_400 - 1)
    #expect(
      try accounts.session(token: token).expiresAt.milliseconds
        == shop.time.now.milliseconds + 1000)
    #expect(try accounts.sessions(of: ann.id).count == 1)
    shop.time.move(seconds: 1)
    #expect(try accounts.sessions(of: ann.id).isEmpty)
    refused(.notSignedIn) { _ = try accounts.session(token: token) }
    shop.time.move(days: -20)
    refused(.notSignedIn) { _ = try accounts.session(token: token) }
    try engine.perform { interpreter throws(Refusal) in
      #expect(try interpreter.store.dump(["_sessions"]) == [])
    }
  }

  @Test func `a log-in drops what ended, and the oldest of too many`() throws {
    let shop = try AccountShop()
    let engine = try shop.open(inMemory: true)
    let accounts = try shop.accounts(engine) {
      $0.sessionLength = TimeSpan(days: 30)
      $0.mostSessions = 3
    }
    try accounts.signUp("ann", password: "correct horse")
    let bob = try accounts.signUp("bob", password: "correct horse")
    _ = try accounts.logIn("ann", password: "correct horse")
    shop.time.move(days: 31)
    var tokens: [String] = []
    for _ in 0..<5 {
      shop.time.move(seconds: 1)
      tokens.append(try accounts.logIn("bob", password: "correct horse").token.text)
    }
    #expect(try accounts.sessions(of: bob.id).count == 3)
    for token in tokens.prefix(2) {
      refused(.notSignedIn) { _ = try accounts.session(token: token) }
    }
    for token in tokens.suffix(3) { _ = try accounts.session(token: token) }
    let rows = try engine.perform { interpreter throws(Refusal) in
      try interpreter.store.integer("SELECT count(*) FROM _sessions")
    }
    #expect(rows == 3)
  }

  @Test func `the last use is noted now and then`() throws {
    let shop = try AccountShop()
    let accounts = try shop.accounts(try shop.open(inMemory: true))
    let ann = try accounts.signUp("ann", password: "correct horse")
    let token = try accounts.logIn("ann", password: "correct horse").token.text
    let start = shop.time.now
    shop.time.move(seconds: 599)
    _ = try accounts.session(token: token)
    #expect(try accounts.sessions(of: ann.id).map(\.lastUsedAt) == [start])
    shop.time.move(seconds: 1)
    _ = try accounts.session(token: token)
    #expect(try accounts.sessions(of: ann.id).map(\.lastUsedAt) == [shop.time.now])
    // A clock that was ahead does not stop it.
    shop.time.move(days: -5)
    _ = try accounts.session(token: token)
    #expect(try accounts.sessions(of: ann.id).map(\.lastUsedAt) == [shop.time.now])
  }

  @Test func `sessions are ended one by one, of a user, and all`() throws {
    let shop = try AccountShop()
    let accounts = try shop.accounts(try shop.open(inMemory: true))
    let ann = try accounts.signUp("ann", password: "correct horse")
    let bob = try accounts.signUp("bob", password: "correct horse")
    let first = try accounts.logIn("ann", password: "correct horse")
    let second = try accounts.logIn("ann", password: "correct horse")
    let other = try accounts.logIn("bob", password: "correct horse")
    refused(.notSignedIn) { try accounts.revokeSession(first.session.id, of: bob.id) }
    try accounts.revokeSession(first.session.id, of: ann.id)
    refused(.notSignedIn) { _ = try accounts.session(token: first.token.text) }
    _ = try accounts.session(token: second.token.text)
    #expect(try accounts.revokeSessions(of: ann.id) == 1)
    refused(.notSignedIn) { _ = try accounts.session(token: second.token.text) }
    _ = try accounts.session(token: other.token.text)
    #expect(try accounts.revokeAllSessions() == 1)
    refused(.notSignedIn) { _ = try accounts.session(token: other.token.text) }
    refused(.noUser("nobody")) { try accounts.revokeSessions(of: "nobody") }
  }

  @Test func `a user who is gone is not signed in, nor is who comes with the same id`() throws {
    let shop = try AccountShop()
    let engine = try shop.open(inMemory: true)
    let accounts = try shop.accounts(engine)
    let ann = try accounts.signUp("ann", password: "correct horse")
    try accounts.grant("manager", to: ann.id)
    let token = try accounts.logIn("ann", password: "correct horse").token.text
    try engine.write { db in try db.delete("User", id: ann.id) }
    refused(.notSignedIn) { _ = try accounts.session(token: token) }
    try engine.write { db in try db.create("User", id: ann.id, ["username": .string("mallory")]) }
    refused(.notSignedIn) { _ = try accounts.session(token: token) }
    #expect(try accounts.roles(of: ann.id) == ["customer"])
  }

  @Test func `a user whom others point at is locked, not removed`() throws {
    let shop = try AccountShop()
    let engine = try shop.open(inMemory: true)
    let accounts = try shop.accounts(engine)
    let ann = try accounts.signUp("ann", password: "correct horse")
    let token = try accounts.logIn("ann", password: "correct horse").token.text
    try engine.write { db in
      try db.create("Order", ["number": .string("1"), "customer": .string(ann.id)])
    }
    #expect(throws: Refusal.self) { try accounts.remove(ann.id) }
    _ = try accounts.session(token: token)
    try accounts.lock(ann.id)
    #expect(try accounts.account(id: ann.id)?.state == .locked)
    refused(.notSignedIn) { _ = try accounts.session(token: token) }
    refused(.wrongNameOrPassword) { _ = try accounts.logIn("ann", password: "correct horse") }
    // Twice, and of a user who never had a password, as well.
    try accounts.lock(ann.id)
    try accounts.setPassword(of: ann.id, to: "battery staple")
    _ = try accounts.logIn("ann", password: "battery staple")
    refused(.noUser("x")) { try accounts.remove("x") }
  }

  @Test func `roles are the host's to grant`() throws {
    let shop = try AccountShop()
    let engine = try shop.open(inMemory: true)
    let accounts = try shop.accounts(engine)
    let ann = try accounts.signUp("ann", password: "correct horse", role: "manager")
    let bob = try accounts.signUp("bob", password: "correct horse")
    #expect(try accounts.grant("pickers", to: ann.id))
    #expect(try !accounts.grant("pickers", to: ann.id))
    #expect(try !accounts.grant("manager", to: ann.id))
    #expect(try accounts.grant("manager", to: bob.id))
    #expect(try accounts.members(of: "manager").map(\.username) == ["ann", "bob"])
    #expect(try accounts.principal(of: ann.id).roles == ["manager", "pickers"])
    // Roles tell capitals apart, as permissions do.
    #expect(try accounts.grant("Pickers", to: ann.id))
    #expect(try accounts.take("Pickers", from: ann.id))
    #expect(try !accounts.take("Pickers", from: ann.id))
    guard case .role? = refusal({ try accounts.take("manager", from: ann.id) }) else { return }
    refused(.noUser("x")) { try accounts.grant("manager", to: "x") }
    for name in ["", " x", "x ", "role:x", "*", "a/b", "a\nb", "x\u{0}", "'", "ä,b"] {
      guard case .role? = refusal({ try accounts.grant(name, to: ann.id) }) else { continue }
    }
    #expect(try accounts.grant("Köche 2-a_b", to: ann.id))
  }
}
