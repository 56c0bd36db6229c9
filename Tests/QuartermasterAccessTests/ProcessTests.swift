import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterAccess
@testable import QuartermasterCore

/// Users of several processes on one file, one of which may be killed at any statement.
@Suite(.serialized)
struct ProcessTests {
  /// A project whose users other processes work on.
  private final class Shared {
    let shop: AccountShop

    init() throws {
      shop = try AccountShop()
      try Data(AccountShop.classes.utf8).write(
        to: URL(fileURLWithPath: shop.folder + "/schema.yaml"))
      try Data("data: shop.sqlite\n".utf8)
        .write(to: URL(fileURLWithPath: shop.folder + "/quartermaster.yaml"))
      try FileManager.default.createDirectory(
        atPath: shop.folder + "/rules", withIntermediateDirectories: true)
      try Data(AccountShop.rules.utf8)
        .write(to: URL(fileURLWithPath: shop.folder + "/rules/users.yaml"))
    }

    /// Starts a process.
    func start(_ action: String, at place: String = "never") throws -> (Process, Pipe) {
      let here = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0])
      let process = Process()
      process.executableURL = here.deletingLastPathComponent()
        .appendingPathComponent("FaultHarness")
      process.arguments = [shop.folder, action, place]
      let output = Pipe()
      process.standardOutput = output
      process.standardError = output
      try process.run()
      return (process, output)
    }

    /// Waits for a process; returns what it printed, nil when it was killed.
    func end(_ started: (process: Process, output: Pipe)) -> String? {
      let text = String(
        decoding: started.output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      started.process.waitUntilExit()
      if started.process.terminationReason == .uncaughtSignal {
        #expect(started.process.terminationStatus == SIGKILL, "\(text)")
        return nil
      }
      #expect(started.process.terminationStatus == 0, "\(text)")
      return text.trimmingCharacters(in: .newlines)
    }

    func run(_ action: String, at place: String = "never") throws -> String? {
      end(try start(action, at: place))
    }

    /// Opens the users here.
    func accounts() throws -> (Engine, Accounts) {
      let engine = try shop.open()
      var settings = AccountSettings()
      settings.passwords.cost = .forTests
      return (engine, try Accounts(engine, settings: settings))
    }
  }

  @Test func `two processes that sign up one name at once make one user`() throws {
    let shared = try Shared()
    #expect(try shared.run("sign-up:first") == "done")
    for round in 0..<4 {
      let started = try ["ann", "ANN", "Ann"].map { try shared.start("sign-up:\($0)\(round)") }
      let said = started.map { shared.end($0) ?? "killed" }
      #expect(said.filter { $0 == "done" }.count == 1, "\(said)")
      #expect(said.filter { $0.hasSuffix("is taken; choose another one") }.count == 2, "\(said)")
    }
    let (engine, accounts) = try shared.accounts()
    #expect(try accounts.allAccounts().count == 5)
    try engine.close()
  }

  @Test(arguments: [
    "begin:1:INSERT INTO \"User\"", "end:1:INSERT INTO \"User\"", "end:1:INSERT INTO _names",
    "end:1:INSERT INTO _journal", "begin:3:COMMIT", "begin:2:COMMIT", "begin:1:COMMIT",
  ])
  func `a sign-up that is killed happened or did not`(place: String) throws {
    let shared = try Shared()
    #expect(try shared.run("sign-up:bob") == "done")
    let said = try shared.run("sign-up:ann", at: place)
    let found = try Doctor.examine(
      shared.shop.path, schema: shared.shop.schema, options: Doctor.Options())
    #expect(found.problems.map(\.text) == [])
    let (engine, accounts) = try shared.accounts()
    let isThere = try accounts.account(named: "ann") != nil
    #expect(said != nil || !isThere)
    if isThere {
      _ = try accounts.logIn("ann", password: "correct horse")
    } else {
      try accounts.signUp("Ann", password: "correct horse")
    }
    try engine.close()
  }

  @Test func `a change of password that is killed keeps the old one with its sessions, or neither`()
    throws
  {
    // Each statement of the operation, before and after it ran.
    let texts = [
      "UPDATE \"User\"", "DELETE FROM _sessions", "DELETE FROM _guesses", "INSERT INTO _journal",
      "COMMIT",
    ]
    var kills = 0
    var outcomes: Set<String> = []
    for text in texts {
      for (moment, number) in [("begin", 1), ("end", 1), ("begin", 2), ("end", 2)] {
        let shared = try Shared()
        #expect(try shared.run("sign-up:ann") == "done")
        let token = try #require(try shared.run("log-in:ann:correct horse"))
        let said = try shared.run(
          "password:ann:correct horse:battery staple", at: "\(moment):\(number):\(text)")
        kills += said == nil ? 1 : 0
        let (engine, accounts) = try shared.accounts()
        let isOld = (try? accounts.logIn("ann", password: "correct horse")) != nil
        let isNew = (try? accounts.logIn("ann", password: "battery staple")) != nil
        let goesOn = (try? accounts.session(token: token)) != nil
        #expect(isOld != isNew)
        #expect(goesOn == isOld)
        if said == "done" { #expect(isNew) }
        outcomes.insert("\(said ?? "killed"): \(isOld ? "old" : "new")")
        try engine.close()
      }
    }
    #expect(kills >= 8)
    #expect(outcomes.isSuperset(of: ["killed: old", "done: new"]), "\(outcomes)")
  }

  @Test func `a guess that is killed before it was judged counts`() throws {
    let shared = try Shared()
    #expect(try shared.run("sign-up:ann") == "done")
    for _ in 0..<4 {
      // It was counted in a commit of its own; the one that takes it back, because it is right, never comes.
      #expect(
        try shared.run("log-in:ann:correct horse", at: "begin:1:DELETE FROM _guesses WHERE who")
          == nil)
    }
    let (engine, accounts) = try shared.accounts()
    #expect(try count(engine) == 4)
    _ = try accounts.logIn("ann", password: "correct horse")
    #expect(try count(engine) == 0)
    try engine.close()
  }

  private func count(_ engine: Engine) throws -> Int64 {
    try engine.perform { interpreter throws(Refusal) in
      try interpreter.store.integer("SELECT sum(count) FROM _guesses") ?? 0
    }
  }
}
