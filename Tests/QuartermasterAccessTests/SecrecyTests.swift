import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterAccess
@testable import QuartermasterCore

/// What nobody may read stands nowhere: the very texts are looked for in every byte.
struct SecrecyTests {
  /// What is done to a file that should leave nothing behind.
  private struct Life {
    var passwords: [String] = [], tokens: [String] = [], hashes: [String] = []
    var said: [String] = []
  }

  private func live(_ shop: AccountShop) throws -> Life {
    var life = Life()
    let engine = try shop.open()
    let accounts = try shop.accounts(engine)
    func note(_ body: () throws -> Any) {
      do { life.said.append("\(try body())") } catch {
        life.said.append("\(error) \(String(reflecting: error))")
      }
    }
    func hash(_ id: String) throws {
      life.hashes.append(try engine.readAccounts { try $0.user(id: id)?.password ?? "" })
    }
    life.passwords = [
      "first-Secret-of-ann", "second-Secret-of-ann", "third-Secret-of-ann", "by-the-door-Secret",
      "refused-Secret", "guessed-Secret", "robot-Secret-that-fails",
    ]
    let ann = try accounts.signUp("ann", password: life.passwords[0])
    try hash(ann.id)
    let first = try accounts.logIn("ann", password: life.passwords[0])
    life.tokens.append(first.token.text)
    life.said.append("\(first) \(String(reflecting: first))")
    var dumped = ""
    dump(first, to: &dumped)
    life.said.append(dumped)
    note { try accounts.session(token: first.token.text) }
    note { try accounts.signUp("ANN", password: life.passwords[4]) }
    note { try accounts.signUp("robot", password: life.passwords[6]) }
    for _ in 0..<7 { note { try accounts.logIn("ann", password: life.passwords[5]) } }
    note { try accounts.logIn(life.passwords[5], password: "ann") }
    try accounts.setPassword(of: ann.id, to: life.passwords[1])
    try hash(ann.id)
    try accounts.changePassword(of: ann.id, from: life.passwords[1], to: life.passwords[2])
    try hash(ann.id)
    life.tokens.append(try accounts.logIn("ann", password: life.passwords[2]).token.text)
    // What is written past the accounts, kept and refused.
    let outcome = try engine.write { db in
      try db.set("User", id: ann.id, ["password": .string(life.passwords[3])])
    }
    life.said.append("\(outcome.changes) \(outcome.firings)")
    try hash(ann.id)
    note {
      try engine.write { db in
        try db.set("User", id: ann.id, ["password": .string(life.passwords[4])])
        try db.create("Note", ["text": .null])
      }
    }
    note { try engine.read { try $0.query("User.map(u, u.password)") } }
    note {
      try engine.read { db in
        let found = try db.find("User", id: ann.id)
        return try db.value(try #require(found), "password")
      }
    }
    note { try engine.read { try $0.query("User[\"\(ann.id)\"]") } }
    note { try accounts.allAccounts() }
    note { try accounts.sessions(of: ann.id) }
    note { try accounts.session(token: life.tokens[0]) }
    try engine.close()
    return life
  }

  @Test func `no password and no token stands in any byte of the file`() throws {
    let shop = try AccountShop()
    let life = try live(shop)
    let bytes = try shop.bytes()
    #expect(bytes.count > 10_000)
    for text in life.passwords + life.tokens {
      #expect(bytes.count(of: text) == 0, "\(text)")
      // Nor what a look-alike encoding would be.
      #expect(bytes.count(of: Data(text.utf8).base64EncodedString()) == 0, "\(text)")
      #expect(bytes.count(of: String(text.dropFirst(2))) == 0, "\(text)")
    }
    // The look finds what is there.
    #expect(bytes.count(of: "ann") > 0)
  }

  @Test func `a hash stands in the table of users alone`() throws {
    let shop = try AccountShop()
    let life = try live(shop)
    #expect(life.hashes.count == 4 && life.hashes.allSatisfy { PasswordHash($0) != nil })
    let engine = try shop.open()
    try engine.perform { interpreter throws(Refusal) in
      let store = interpreter.store
      let names = try store.statement(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      var tables: [String] = []
      while try names.step() { tables.append(names.text(0)) }
      #expect(tables.contains("_journal") && tables.contains("_refused"))
      for table in tables where table != "User" {
        let rows = try store.dump([table])
        for hash in life.hashes { #expect(!rows.contains { $0.contains(hash) }, "\(table)") }
        #expect(!rows.contains { $0.contains("$scrypt$") }, "\(table)")
      }
      #expect(try store.dump(["User"]).filter { $0.contains("$scrypt$") }.count == 1)
    }
    try engine.close()
  }

  @Test func `nothing that is said repeats a password, a token or a hash`() throws {
    let shop = try AccountShop()
    let life = try live(shop)
    #expect(life.said.count > 20)
    for said in life.said {
      for text in life.passwords + life.tokens + life.hashes {
        #expect(!said.contains(text), "\(said)")
      }
      #expect(!said.contains("$scrypt$"), "\(said)")
    }
  }

  @Test func `a rule that runs later is kept without the hash`() throws {
    let shop = try AccountShop()
    let engine = try shop.open(
      """
      - rule: later
        phase: later
        trigger:
          saved: User
        when: Note.exists(n, n.text == "never")
        action:
          - create: Note
            text: x
      - rule: fails
        phase: later
        trigger:
          saved: User
        action:
          - reject: not now
      """)
    let accounts = try shop.accounts(engine)
    let ann = try accounts.signUp("ann", password: "correct horse")
    try engine.write { db in try db.set("User", id: ann.id, ["address": .string("x")]) }
    try engine.perform { interpreter throws(Refusal) in
      let waiting = try interpreter.store.dump(["_later"])
      #expect(waiting.contains { $0.contains("\"username\":\"ann\"") })
      #expect(!waiting.contains { $0.contains("scrypt") || $0.contains("password") })
    }
    try engine.close()
  }
}
