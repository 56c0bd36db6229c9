import Foundation
import QuartermasterCEL
import Synchronization
import Testing

@testable import QuartermasterAccess
@testable import QuartermasterCore

/// Who knows the password gets in, and nobody else learns anything.
struct LogInTests {
  @Test func `the right password opens a session, a wrong one does not`() throws {
    let shop = try AccountShop()
    let accounts = try shop.accounts(try shop.open(inMemory: true))
    let ann = try accounts.signUp("ann", password: "Grüße aus Köln")
    let signedIn = try accounts.logIn("ann", password: "Grüße aus Köln")
    #expect(signedIn.session.userID == ann.id)
    #expect(signedIn.token.text.wholeMatch(of: /r:[0-9a-f]{32}/) != nil)
    // The same password from a keyboard that puts letters together.
    _ = try accounts.logIn("ann", password: "Gru\u{308}ße aus Ko\u{308}ln")
    for wrong in ["grüße aus köln", "Grüße aus Köln ", "Grüße aus Köl", "", "x"] {
      refused(.wrongNameOrPassword) { _ = try accounts.logIn("ann", password: wrong) }
    }
  }

  @Test func `unknown names, locked users and wrong passwords say the same after the same work`()
    throws
  {
    let shop = try AccountShop()
    let engine = try shop.open(inMemory: true)
    let work = Mutex<[PasswordCost]>([])
    let accounts = try shop.accounts(engine) { settings in
      settings.passwords.derives = { cost in work.withLock { $0.append(cost) } }
      settings.guesses.free = 1000
    }
    let ann = try accounts.signUp("ann", password: "correct horse")
    let bob = try accounts.signUp("bob", password: "correct horse")
    try accounts.lock(bob.id)
    try engine.write { db in try db.create("User", ["username": .string("no-password")]) }
    let attempts = [
      ("ann", "wrong horse"), ("nobody", "correct horse"), ("bob", "correct horse"), ("bob", "*"),
      ("no-password", ""), ("no-password", "x"), ("", ""), (ann.id, "correct horse"),
      ("ann", String(repeating: "x", count: 10_000)),
      (String(repeating: "x", count: 10_000), "correct horse"), ("ann", ""), ("ann", "a\u{0}b"),
    ]
    for (name, password) in attempts {
      work.withLock { $0 = [] }
      refused(.wrongNameOrPassword) { _ = try accounts.logIn(name, password: password) }
      #expect(work.withLock { $0 } == [.forTests], "\(name.prefix(20))")
    }
  }

  @Test func `a hash of another cost becomes one of today's when its user logs in`() throws {
    let shop = try AccountShop()
    let engine = try shop.open(inMemory: true)
    let old = try shop.accounts(engine)
    let ann = try old.signUp("ann", password: "correct horse")
    let token = try old.logIn("ann", password: "correct horse").token.text
    let journal = try engine.perform { interpreter throws(Refusal) in
      try interpreter.store.dump(["_journal"])
    }
    let dearer = try PasswordCost(logN: 5, blockSize: 8, parallelism: 2)
    let accounts = try shop.accounts(engine) { $0.passwords.cost = dearer }
    refused(.wrongNameOrPassword) { _ = try accounts.logIn("ann", password: "wrong horse") }
    #expect(try kept(engine, ann.id).hasPrefix("$scrypt$ln=4,r=8,p=1$"))
    _ = try accounts.logIn("ann", password: "correct horse")
    let now = try kept(engine, ann.id)
    #expect(now.hasPrefix("$scrypt$ln=5,r=8,p=2$"))
    // It is the same password: sessions go on, no rule and no journal hears of it, and it is done once.
    _ = try accounts.session(token: token)
    _ = try accounts.logIn("ann", password: "correct horse")
    #expect(try kept(engine, ann.id) == now)
    try engine.perform { interpreter throws(Refusal) in
      #expect(try interpreter.store.dump(["_journal"]) == journal)
    }
    // The history goes on behind it.
    try engine.write { db in try db.set("User", id: ann.id, ["address": .string("moved")]) }
    _ = try accounts.logIn("ann", password: "correct horse")
  }

  private func kept(_ engine: Engine, _ id: String) throws -> String {
    try engine.readAccounts { try $0.user(id: id)?.password ?? "" }
  }

  // MARK: Guesses

  @Test func `wrong guesses make the next ones wait, in the file and for unknown names alike`()
    throws
  {
    let shop = try AccountShop()
    var engine = try shop.open()
    var accounts = try shop.accounts(engine)
    try accounts.signUp("ann", password: "correct horse")
    var waits: [String: [Int64]] = [:]
    for name in ["ann", "nobody"] {
      for _ in 0..<12 {
        if let until = try wait(accounts, name, "wrong") {
          let wait = (until.milliseconds - shop.time.now.milliseconds) / 1000
          waits[name, default: []].append(wait)
          // Not even the right password is taken, nor is anything different after a restart.
          try engine.close()
          engine = try shop.open()
          accounts = try shop.accounts(engine)
          #expect(try self.wait(accounts, name.uppercased(), "correct horse") == until)
          shop.time.move(seconds: wait)
          #expect(try self.wait(accounts, name, "wrong") == nil)
        }
      }
    }
    #expect(waits["ann"] == [1, 2, 4, 8, 16, 32])
    #expect(waits["nobody"] == waits["ann"])
    shop.time.move(seconds: 64)
    // Who knows it gets in after the wait, and begins anew.
    _ = try accounts.logIn("ann", password: "correct horse")
    for _ in 0..<5 {
      refused(.wrongNameOrPassword) { _ = try accounts.logIn("ann", password: "wrong") }
    }
    _ = try accounts.logIn("ann", password: "correct horse")
    try engine.close()
  }

  /// Until when no guess is taken; nil when this one was judged, or was right.
  private func wait(
    _ accounts: Accounts, _ name: String, _ password: String
  ) throws -> Timestamp? {
    do { _ = try accounts.logIn(name, password: password) } catch AccountError.tooManyGuesses(
      let until)
    {
      return until
    } catch AccountError.wrongNameOrPassword { return nil }
    return nil
  }

  @Test func `the wait has an end, and is forgotten after a day`() throws {
    let shop = try AccountShop()
    let accounts = try shop.accounts(try shop.open(inMemory: true)) { $0.guesses.free = 0 }
    try accounts.signUp("ann", password: "correct horse")
    var longest: Int64 = 0
    for _ in 0..<20 {
      refused(.wrongNameOrPassword) { _ = try accounts.logIn("ann", password: "wrong") }
      if let until = try wait(accounts, "ann", "correct horse") {
        let wait = (until.milliseconds - shop.time.now.milliseconds) / 1000
        longest = max(longest, wait)
        shop.time.move(seconds: wait)
      }
    }
    #expect(longest == 900)
    shop.time.move(days: 2)
    refused(.wrongNameOrPassword) { _ = try accounts.logIn("ann", password: "wrong") }
    let until = try #require(try wait(accounts, "ann", "correct horse"))
    #expect(until.milliseconds - shop.time.now.milliseconds == 1000)
  }

  @Test func `many guesses at once are as dear as one after the other`() async throws {
    let shop = try AccountShop()
    let engines = [try shop.open(), try shop.open()]
    let accounts = try engines.map { try shop.accounts($0) }
    try accounts[0].signUp("ann", password: "correct horse")
    let judged = await withTaskGroup(of: Bool.self) { group in
      for number in 0..<40 {
        let accounts = accounts[number % 2]
        group.addTask {
          do {
            _ = try accounts.logIn("ann", password: "wrong \(number)")
            return false
          } catch { return error as? AccountError == .wrongNameOrPassword }
        }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    // Five are free, and the sixth begins the first wait.
    #expect(judged == 6)
    for engine in engines { try engine.close() }
  }

  @Test func `a clock that was ahead locks nobody out for ever`() throws {
    let shop = try AccountShop()
    let accounts = try shop.accounts(try shop.open(inMemory: true)) { $0.guesses.free = 0 }
    try accounts.signUp("ann", password: "correct horse")
    shop.time.move(days: 3650)
    refused(.wrongNameOrPassword) { _ = try accounts.logIn("ann", password: "wrong") }
    shop.time.move(days: -3650)
    _ = try accounts.logIn("ann", password: "correct horse")
  }

  @Test func `guesses at many names do not fill the file, and do not wash away those at one`()
    throws
  {
    let shop = try AccountShop()
    let engine = try shop.open(inMemory: true)
    let accounts = try shop.accounts(engine)
    let ann = try accounts.signUp("ann", password: "correct horse")
    for _ in 0..<6 {
      refused(.wrongNameOrPassword) { _ = try accounts.logIn("ann", password: "wrong") }
    }
    try engine.changeAccounts { tables in
      let now = shop.time.now.milliseconds
      for number in 0..<(AccountTables.mostGuessRows + 50) {
        try tables.keep(
          AccountTables.Guesses(count: 1, last: now, until: now), of: Array("\(number)".utf8))
      }
    }
    refused(.wrongNameOrPassword) { _ = try accounts.logIn("somebody", password: "wrong") }
    let count = try engine.perform { interpreter throws(Refusal) in
      try interpreter.store.integer("SELECT count(*) FROM _guesses") ?? 0
    }
    #expect(count == AccountTables.mostGuessRows)
    #expect(try wait(accounts, "ann", "correct horse") != nil)
    // The host's word ends the wait.
    try accounts.setPassword(of: ann.id, to: "battery staple")
    _ = try accounts.logIn("ann", password: "battery staple")
  }

  @Test func `a password that was typed as the name is not kept`() throws {
    let shop = try AccountShop()
    let engine = try shop.open()
    let accounts = try shop.accounts(engine)
    try accounts.signUp("ann", password: "correct-horse-battery")
    refused(.wrongNameOrPassword) {
      _ = try accounts.logIn("correct-horse-battery", password: "ann")
    }
    #expect(try shop.bytes().count(of: "correct-horse-battery") == 0)
    try engine.close()
  }
}
