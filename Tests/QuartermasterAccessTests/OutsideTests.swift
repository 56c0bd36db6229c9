import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterAccess
@testable import QuartermasterCore

/// What other programs write to the table of users with plain SQL.
@Suite(.enabled(if: AccountShop.hasShell, "sqlite3 is not installed"))
struct OutsideTests {
  @Test func `a password in clear becomes a hash, names and sessions follow`() throws {
    let shop = try AccountShop()
    let engine = try shop.open()
    let accounts = try shop.accounts(engine)
    let ann = try accounts.signUp("ann", password: "correct horse")
    let bob = try accounts.signUp("bob", password: "correct horse")
    let tokens = try ["ann", "bob"].map {
      try accounts.logIn($0, password: "correct horse").token.text
    }
    try shop.shell(
      "UPDATE User SET password = 'written with sql' WHERE objectId = '\(ann.id)'; "
        + "UPDATE User SET username = 'Robert' WHERE objectId = '\(bob.id)'; "
        + "UPDATE User SET password = 'short' WHERE objectId = '\(bob.id)'")
    // Before it is taken in, nobody gets in by what stands in clear.
    refused(.wrongNameOrPassword) { _ = try accounts.logIn("ann", password: "written with sql") }
    #expect(try accounts.account(id: ann.id)?.state == .inClear)
    #expect(try accounts.account(named: "bob") == nil)
    try engine.write { db in try db.create("Note", ["text": .string("x")]) }
    _ = try accounts.logIn("ann", password: "written with sql")
    #expect(try accounts.account(named: "robert")?.id == bob.id)
    #expect(try accounts.account(id: bob.id)?.state == .locked)
    for token in tokens { refused(.notSignedIn) { _ = try accounts.session(token: token) } }
    try engine.perform { interpreter throws(Refusal) in
      let told = try interpreter.store.dump(["_refused"])
      #expect(told.contains { $0.contains("its password was locked") })
      #expect(!told.contains { $0.contains("short'") || $0.contains("written with sql") })
      #expect(!(try interpreter.store.dump(["User"])).contains { $0.contains("written") })
    }
    // A user who is deleted and one who is made there.
    try shop.shell(
      "DELETE FROM User WHERE objectId = '\(ann.id)'; "
        + "INSERT INTO User (objectId, createdAt, updatedAt, username, role, _last) "
        + "VALUES ('eve', 0, 0, 'Eve', 'customer', 0)")
    try engine.write { db in try db.create("Note", ["text": .string("y")]) }
    #expect(try accounts.account(named: "ann") == nil)
    #expect(try accounts.account(named: "eve")?.id == "eve")
    try accounts.signUp("Ann", password: "correct horse")
    try engine.close()
  }

  @Test func `doctor finds passwords in clear and what is left of users, and mends it`() throws {
    let shop = try AccountShop()
    let engine = try shop.open()
    let accounts = try shop.accounts(engine)
    let ann = try accounts.signUp("ann", password: "correct horse")
    let bob = try accounts.signUp("bob", password: "correct horse")
    try accounts.grant("pickers", to: bob.id)
    _ = try accounts.logIn("bob", password: "correct horse")
    try engine.perform { interpreter throws(Refusal) in
      // As an older version left it, without triggers that tell of it.
      let store = interpreter.store
      try store.begin()
      try store.execute(
        "UPDATE User SET password = 'from-an-old-file' WHERE objectId = '\(ann.id)'")
      try store.execute("UPDATE _names SET user = '\(ann.id)' WHERE name = 'bob'")
      try store.execute("UPDATE _sessions SET user = 'gone'")
      try store.execute("UPDATE _roles SET user = 'gone'")
      try store.commit()
    }
    try engine.close()
    var options = Doctor.Options()
    options.passwords = .scrypt(PasswordSettings(cost: .forTests))
    let found = try Doctor.examine(shop.path, schema: shop.schema, options: options)
    #expect(
      found.problems.map(\.text) == [
        "the password of User/\(ann.id) stands in clear",
        "the names of users are not as their records say",
        "1 session of users who are not there", "1 role of users who are not there",
      ])
    #expect(found.problems.allSatisfy { $0.mend != nil })
    options.mends = true
    _ = try Doctor.examine(shop.path, schema: shop.schema, options: options)
    options.mends = false
    let left = try Doctor.examine(shop.path, schema: shop.schema, options: options)
    #expect(left.problems.map(\.text) == [])
    let again = try shop.accounts(try shop.open())
    _ = try again.logIn("ann", password: "from-an-old-file")
    _ = try again.logIn("bob", password: "correct horse")
  }
}

extension AccountShop {
  /// Whether the sqlite3 program is there.
  static let hasShell: Bool =
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/sqlite3")
    }

  /// Runs SQL in the sqlite3 program, as an operator would.
  func shell(_ sql: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["sqlite3", "-bail", path]
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    process.standardError = output
    try process.run()
    input.fileHandleForWriting.write(Data((".timeout 5000\n" + sql + "\n").utf8))
    try input.fileHandleForWriting.close()
    let text = String(
      decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(text)")
  }
}
