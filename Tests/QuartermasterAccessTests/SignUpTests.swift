import Foundation
import QuartermasterCEL
import Synchronization
import Testing

@testable import QuartermasterAccess
@testable import QuartermasterCore

/// Users are made through the one door, each under a name of its own.
struct SignUpTests {
  @Test func `a user who signs up is a record, and rules hear of it`() throws {
    let shop = try AccountShop()
    let engine = try shop.open()
    let accounts = try shop.accounts(engine)
    let ann = try accounts.signUp(
      "Ann", password: "correct horse", email: "ann@example.com",
      fields: ["address": .string("Ann street 1")])
    #expect(ann.username == "Ann" && ann.roles == ["customer"] && ann.state == .active)
    let found = try engine.read { db in
      "\(try db.query("User.map(u, [u.username, u.email, u.address])")) "
        + "\(try db.query("Note.map(n, n.text)"))"
    }
    #expect(
      found == "[[\"Ann\", \"ann@example.com\", \"Ann street 1\"]] [\"welcome Ann\"]")
    #expect(try accounts.account(named: "aNN") == ann)
    #expect(try accounts.account(named: "ANN@example.com") == ann)
    #expect(try accounts.account(id: ann.id) == ann)
    try engine.close()
  }

  @Test(arguments: [
    ("anna", "ANNA"), ("anna", "anna"), ("Ömer", "öMER"), ("ÉMILE", "e\u{301}mile"),
    ("ﬁn", "FIN"), ("ＡＢＣ", "abc"), ("ИВАН", "иван"), ("Kelvin", "\u{212A}elvin"),
  ])
  func `one name is taken for all its spellings`(first: String, second: String) throws {
    let shop = try AccountShop()
    let engine = try shop.open(inMemory: true)
    let accounts = try shop.accounts(engine)
    try accounts.signUp(first, password: "correct horse")
    refused(.nameTaken(second)) { try accounts.signUp(second, password: "battery staple") }
    // By any other door as well.
    #expect(throws: Refusal.self) {
      try engine.write { db in try db.create("User", ["username": .string(second)]) }
    }
    #expect(try accounts.logIn(second, password: "correct horse").session.username == first)
  }

  @Test func `a name is free again when its user is renamed or gone`() throws {
    let shop = try AccountShop()
    let engine = try shop.open(inMemory: true)
    let accounts = try shop.accounts(engine)
    let first = try accounts.signUp("ann", password: "correct horse")
    try engine.write { db in try db.set("User", id: first.id, ["username": .string("Anna")]) }
    let second = try accounts.signUp("Ann", password: "correct horse")
    try accounts.remove(second.id)
    try engine.write { db in try db.set("User", id: first.id, ["username": .string("ANN")]) }
    #expect(try accounts.account(named: "ann")?.id == first.id)
    // What is refused after it was written leaves no name behind.
    #expect(throws: CancellationError.self) {
      try engine.write { db in
        try db.create("User", ["username": .string("bob")])
        throw CancellationError()
      }
    }
    try accounts.signUp("bob", password: "correct horse")
  }

  @Test func `nobody is called like the address of another one`() throws {
    let shop = try AccountShop()
    let engine = try shop.open(inMemory: true)
    let accounts = try shop.accounts(engine)
    try accounts.signUp("ann", password: "correct horse", email: "ann@example.com")
    refused(.nameTaken("Ann@Example.com")) {
      try accounts.signUp("Ann@Example.com", password: "correct horse")
    }
    refused(.emailTaken("ANN@example.com")) {
      try accounts.signUp("bob", password: "correct horse", email: "ANN@example.com")
    }
    #expect(throws: Refusal.self) {
      try engine.write { db in try db.create("User", ["username": .string("ann@example.COM")]) }
    }
  }

  @Test func `of sign-ups at the same instant one wins`() async throws {
    let shop = try AccountShop()
    let engines = [try shop.open(), try shop.open()]
    let accounts = try engines.map { try shop.accounts($0) }
    for round in 0..<5 {
      let won = await withTaskGroup(of: Bool.self) { group in
        for number in 0..<8 {
          let accounts = accounts[number % 2]
          let name = number < 4 ? "round\(round)" : "ROUND\(round)"
          group.addTask {
            do {
              try accounts.signUp(name, password: "correct horse \(number)")
              return true
            } catch { return false }
          }
        }
        return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      #expect(won == 1)
    }
    #expect(try accounts[0].allAccounts().count == 5)
    for engine in engines { try engine.close() }
  }

  @Test func `a rule that refuses leaves no user and no name`() throws {
    let shop = try AccountShop()
    let engine = try shop.open(inMemory: true)
    let accounts = try shop.accounts(engine)
    let error = #expect(throws: Refusal.self) {
      try accounts.signUp("robot", password: "correct horse")
    }
    #expect(error?.reason == .reject && error?.message == "robots may not sign up")
    #expect(try accounts.account(named: "robot") == nil)
    try engine.perform { interpreter throws(Refusal) in
      #expect(try interpreter.store.dump(["_names"]) == [])
    }
  }

  @Test(arguments: [
    "", " ann", "ann ", "a\tb", "a\u{0}b", "a\u{202E}b", "a\u{200B}b", "\n",
    String(repeating: "x", count: 101),
  ])
  func `names that nobody could tell apart are refused`(name: String) throws {
    let shop = try AccountShop()
    let accounts = try shop.accounts(try shop.open(inMemory: true))
    guard case .name? = refusal({ try accounts.signUp(name, password: "correct horse") }) else {
      Issue.record("it is no matter of the name")
      return
    }
  }

  @Test(arguments: [
    "constructor", "__proto__", "toString", "hasOwnProperty", "objectId", "null", "undefined",
    "'; DROP TABLE User; --", "\" OR \"\"=\"", "ann' OR '1'='1", "%", "_", "*", "role:manager",
    "$where", "{\"$ne\": null}", "[object Object]", "\\u0000", "r:0123456789abcdef0123456789abcdef",
    "😀", String(repeating: "ß", count: 100),
  ])
  func `any other text is a name like all others`(name: String) throws {
    let shop = try AccountShop()
    let engine = try shop.open(inMemory: true)
    let accounts = try shop.accounts(engine)
    let other = try accounts.signUp("ann", password: "battery staple")
    let account = try accounts.signUp(name, password: "correct horse")
    #expect(try accounts.account(named: name) == account)
    #expect(try accounts.logIn(name, password: "correct horse").session.userID == account.id)
    refused(.wrongNameOrPassword) { _ = try accounts.logIn(name, password: "battery staple") }
    try accounts.grant("constructor", to: account.id)
    #expect(try accounts.roles(of: account.id) == ["constructor", "customer"])
    #expect(try accounts.roles(of: other.id) == ["customer"])
    #expect(try accounts.allAccounts().count == 2)
  }

  @Test func `fields that are the host's to set are no fields of a form`() throws {
    let shop = try AccountShop()
    let engine = try shop.open(inMemory: true)
    let accounts = try shop.accounts(engine)
    for field in ["role", "password", "username", "email"] {
      guard
        case .field? = refusal({
          try accounts.signUp(
            "ann", password: "correct horse", fields: [field: .string("manager")])
        })
      else {
        Issue.record("\(field) is taken from the form")
        continue
      }
    }
    #expect(throws: Refusal.self) {
      try accounts.signUp("ann", password: "correct horse", fields: ["rank": .string("x")])
    }
    let ann = try accounts.signUp("ann", password: "correct horse", role: "manager")
    #expect(ann.roles == ["manager"])
  }

  @Test func `an id may not look like a role`() throws {
    let shop = try AccountShop()
    let engine = try shop.open(inMemory: true)
    for id in ["role:manager", "Role:x", "*"] {
      let error = #expect(throws: Refusal.self) {
        try engine.write { db in try db.create("User", id: id, ["username": .string("ann")]) }
      }
      #expect(error?.message.contains("a role") == true)
      // access.yaml may say that another class holds the users.
      #expect(throws: Refusal.self) {
        try engine.write { db in try db.create("Note", id: id, ["text": .string("x")]) }
      }
    }
  }

  @Test(arguments: [
    ("classes: {User: {name: String}}", "username"),
    ("classes: {User: {username: String, password: {type: String, secret: true}}}", "unique"),
    ("classes: {User: {username: {type: String, unique: true}}}", "secret"),
    ("classes: {Thing: {name: String}}", "class User"),
  ])
  func `a schema without log-ins says what it lacks`(classes: String, word: String) throws {
    let shop = try AccountShop(classes)
    let engine = try shop.open("[]", inMemory: true)
    guard case .schema(let text)? = refusal({ _ = try Accounts(engine) }) else { return }
    #expect(text.contains(word))
  }

  @Test func `the state of an instant has the names of then, and nobody signed in`() throws {
    let shop = try AccountShop()
    let engine = try shop.open()
    let accounts = try shop.accounts(engine)
    let ann = try accounts.signUp("ann", password: "correct horse")
    let after = Timestamp(milliseconds: engine.now.milliseconds + 1)
    while engine.now < after {}
    try engine.write { db in try db.set("User", id: ann.id, ["username": .string("Anna")]) }
    try accounts.signUp("bob", password: "correct horse")
    _ = try accounts.logIn("bob", password: "correct horse")
    try engine.close()
    let past = try PastState(at: after, schema: shop.schema) { path throws(Refusal) in
      try Store.copy(shop.path, to: path)
    }
    try past.store.perform { store throws(Refusal) in
      #expect(try store.dump(["_names", "_sessions"]) == ["_names: username|ann|\(ann.id)"])
    }
    past.close()
  }

  @Test func `users of an older file are found, and doctor tells of two with one name`() throws {
    let shop = try AccountShop()
    var engine = try shop.open()
    var accounts = try shop.accounts(engine)
    try accounts.signUp("ann", password: "correct horse")
    let bob = try accounts.signUp("bob", password: "correct horse")
    // As a file from before the names were kept, in which two differ in capitals alone.
    try engine.perform { interpreter throws(Refusal) in
      let store = interpreter.store
      try store.begin()
      try store.execute("DELETE FROM _names")
      try store.execute("DELETE FROM _meta WHERE key = 'names'")
      try store.execute("UPDATE User SET username = 'ANN' WHERE objectId = '\(bob.id)'")
      try store.commit()
    }
    try engine.close()
    engine = try shop.open()
    accounts = try shop.accounts(engine)
    #expect(try accounts.account(named: "Ann")?.username == "ann")
    try engine.close()
    let found = try Doctor.examine(shop.path, schema: shop.schema, options: Doctor.Options())
    // The change was made past the journal, which is told of as well.
    let problems = found.problems.filter { $0.check == .accounts }
    #expect(problems.map { $0.text.contains("but for capitals") } == [true])
  }
}

extension StoreSession {
  func dump(_ tables: [String]) throws(Refusal) -> [String] {
    var rows: [String] = []
    for table in tables {
      let read = try statement("SELECT * FROM \"\(table)\" ORDER BY 1, 2")
      while try read.step() {
        let row = (0..<read.columnCount).map { read.text($0) }
        rows.append("\(table): \(row.joined(separator: "|"))")
      }
    }
    return rows
  }
}
