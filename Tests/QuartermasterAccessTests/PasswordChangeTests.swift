import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterAccess
@testable import QuartermasterCore

/// A password that changes, through whichever door.
struct PasswordChangeTests {
  @Test func `who changes it ends all sessions but the own one`() throws {
    let shop = try AccountShop()
    let accounts = try shop.accounts(try shop.open(inMemory: true))
    let ann = try accounts.signUp("ann", password: "correct horse")
    let own = try accounts.logIn("ann", password: "correct horse").token.text
    let other = try accounts.logIn("ann", password: "correct horse").token.text
    let bob = try accounts.signUp("bob", password: "correct horse")
    let foreign = try accounts.logIn("bob", password: "correct horse").token.text
    try accounts.changePassword(
      of: ann.id, from: "correct horse", to: "battery staple", keeping: own)
    _ = try accounts.session(token: own)
    refused(.notSignedIn) { _ = try accounts.session(token: other) }
    refused(.wrongNameOrPassword) { _ = try accounts.logIn("ann", password: "correct horse") }
    _ = try accounts.logIn("ann", password: "battery staple")
    // Another one's token keeps nothing.
    try accounts.changePassword(
      of: ann.id, from: "battery staple", to: "correct horse", keeping: foreign)
    refused(.notSignedIn) { _ = try accounts.session(token: own) }
    #expect(try accounts.session(token: foreign).userID == bob.id)
    #expect(try accounts.sessions(of: ann.id).isEmpty)
  }

  @Test func `a wrong present password changes nothing and counts as a guess`() throws {
    let shop = try AccountShop()
    let accounts = try shop.accounts(try shop.open(inMemory: true))
    let ann = try accounts.signUp("ann", password: "correct horse")
    let token = try accounts.logIn("ann", password: "correct horse").token.text
    for _ in 0..<6 {
      refused(.wrongNameOrPassword) {
        try accounts.changePassword(of: ann.id, from: "wrong", to: "battery staple")
      }
    }
    guard case .tooManyGuesses? = refusal({ _ = try accounts.logIn("ann", password: "x") }) else {
      return
    }
    _ = try accounts.session(token: token)
    refused(.wrongNameOrPassword) {
      try accounts.changePassword(of: "nobody", from: "correct horse", to: "battery staple")
    }
  }

  @Test(arguments: [
    "", "short", "1234567", "ann smith", "ANN SMITH", "tab\tinside", "nul\u{0}inside",
    String(repeating: "x", count: 257),
  ])
  func `a password that cannot be used is refused without being repeated`(password: String) throws {
    let shop = try AccountShop()
    let engine = try shop.open(inMemory: true)
    let accounts = try shop.accounts(engine)
    let user = try accounts.signUp("bob", password: "correct horse")
    try engine.write { db in try db.set("User", id: user.id, ["username": .string("ann smith")]) }
    let errors = [
      refusal { try accounts.setPassword(of: user.id, to: password) },
      refusal {
        try accounts.changePassword(of: user.id, from: "correct horse", to: password)
      },
    ]
    for error in errors {
      guard case .password(let why)? = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(password.isEmpty || !why.contains(password))
    }
    _ = try accounts.logIn("ann smith", password: "correct horse")
  }

  @Test func `what the schema asks of a password is asked of it in clear`() throws {
    let shop = try AccountShop(
      """
      classes:
        User:
          username: {type: String, required: true, unique: true}
          password: {type: String, required: true, secret: true, pattern: '[0-9]', maxLength: 20}
      """)
    let engine = try shop.open("[]", inMemory: true)
    let accounts = try shop.accounts(engine)
    for wrong in ["no digits here", "1 and more than twenty characters"] {
      let error = #expect(throws: Refusal.self) { try accounts.signUp("ann", password: wrong) }
      #expect(error?.message.contains("User.password") == true)
      #expect(error?.message.contains(wrong) == false)
      #expect(throws: Refusal.self) {
        try engine.write { db in
          try db.create("User", ["username": .string("x"), "password": .string(wrong)])
        }
      }
    }
    try accounts.signUp("ann", password: "4 correct horses")
    _ = try accounts.logIn("ann", password: "4 correct horses")
    // It is required.
    #expect(throws: Refusal.self) {
      try engine.write { db in try db.create("User", ["username": .string("bob")]) }
    }
  }

  @Test func `through any door only a hash is kept, and sessions end`() throws {
    let shop = try AccountShop()
    let rules = """
      - rule: reset
        trigger:
          created: Note
        when: note.text == "reset ann"
        action:
          - set: person
            each: person in User.filter(u, u.username == "ann")
            password: set-by-a-rule

      - rule: temporary
        phase: before
        trigger:
          created: User
        when: user.username == "temp"
        action:
          - set: user
            password: set-before
      """
    let engine = try shop.open(rules)
    let accounts = try shop.accounts(engine)
    let ann = try accounts.signUp("ann", password: "correct horse")
    var token = try accounts.logIn("ann", password: "correct horse").token.text
    try engine.write { db in
      try db.set("User", id: ann.id, ["password": .string("set-by-the-host")])
    }
    refused(.notSignedIn) { _ = try accounts.session(token: token) }
    token = try accounts.logIn("ann", password: "set-by-the-host").token.text
    try engine.write { db in try db.create("Note", ["text": .string("reset ann")]) }
    refused(.notSignedIn) { _ = try accounts.session(token: token) }
    _ = try accounts.logIn("ann", password: "set-by-a-rule")
    try engine.write { db in try db.create("User", ["username": .string("temp")]) }
    _ = try accounts.logIn("temp", password: "set-before")
    // A hash from elsewhere is taken as it is.
    let hash = try PasswordSettings(cost: .forTests).newHash(of: "brought along").text
    try engine.write { db in try db.set("User", id: ann.id, ["password": .string(hash)]) }
    _ = try accounts.logIn("ann", password: "brought along")
    refused(.wrongNameOrPassword) { _ = try accounts.logIn("ann", password: hash) }
    try engine.close()
    let bytes = try shop.bytes()
    for text in ["correct horse", "set-by-the-host", "brought along"] {
      #expect(bytes.count(of: text) == 0, "\(text)")
    }
    // Those of the rules stand in the rules themselves, which the file keeps.
    for text in ["set-by-a-rule", "set-before"] { #expect(bytes.count(of: text) == 1) }
  }

  @Test func `an engine without a hasher takes none in clear`() throws {
    let shop = try AccountShop()
    let engine = try shop.open(passwords: .refusing)
    let error = #expect(throws: Refusal.self) {
      try engine.write { db in
        try db.create("User", ["username": .string("ann"), "password": .string("correct horse")])
      }
    }
    #expect(error?.message.contains("QuartermasterAccess") == true)
    // Accounts bring hashes of their own.
    let accounts = try shop.accounts(engine)
    try accounts.signUp("ann", password: "correct horse")
    _ = try accounts.logIn("ann", password: "correct horse")
    try engine.close()
    #expect(try shop.bytes().count(of: "correct horse") == 0)
  }

  @Test(arguments: [
    Value.int(12_345_678), .bool(true), .double(1.5), .list([.string("correct horse")]),
    .list([]),
  ])
  func `a password that is no text is refused`(value: Value) throws {
    let shop = try AccountShop()
    let engine = try shop.open(inMemory: true)
    let error = #expect(throws: Refusal.self) {
      try engine.write { db in
        try db.create("User", ["username": .string("ann"), "password": value])
      }
    }
    #expect(error?.message.contains("12345678") == false)
    #expect(error?.message.contains("horse") == false)
  }

  @Test(arguments: [
    "$scrypt$ln=4,r=8,p=1$AAAA$AAAA",
    "$scrypt$ln=40,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
    "$scrypt$ln=20,r=16,p=16$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
    "$scrypt$ln=-1,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
    "$scrypt$ln=04,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
    "$2b$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234",
  ])
  func `what only looks like a hash is a password`(text: String) throws {
    #expect(PasswordHash(text) == nil)
    let shop = try AccountShop()
    let engine = try shop.open(inMemory: true)
    try engine.write { db in
      try db.create("User", ["username": .string("ann"), "password": .string(text)])
    }
    _ = try shop.accounts(engine).logIn("ann", password: text)
  }
}
