import Crypto
import CryptoExtras
import Foundation
import Quartermaster
import QuartermasterAccess

/// What a log-in costs beside scrypt alone, and what a session costs to look up.
///
///     swift run -c release --package-path Benchmarks LogIn
@main
struct LogIn {
  static let password = "correct horse battery staple"

  static func main() throws {
    print("scrypt alone, and a log-in by it (median of 15, milliseconds)")
    for (logN, parallelism) in [(14, 5), (15, 3), (16, 2), (17, 1)] {
      let cost = try PasswordCost(logN: logN, blockSize: 8, parallelism: parallelism)
      let accounts = try Self.accounts(cost, users: 1)
      let alone = try median(15) { try scrypt(cost) }
      let right = try median(15) { _ = try accounts.logIn("user0", password: password) }
      let wrong = try median(15) { expectWrong(accounts, "user0") }
      let unknown = try median(15) { expectWrong(accounts, "nobody") }
      print(
        "2^\(logN), 8, \(parallelism) (\(cost.memory >> 20) MiB): scrypt \(shown(alone)), log-in \(shown(right)), "
          + "wrong password \(shown(wrong)), unknown name \(shown(unknown))")
    }
    for users in [1_000, 100_000] {
      let accounts = try Self.accounts(.forTests, users: users)
      let token = try accounts.logIn("user0", password: password).token.text
      let alone = try median(2000) { try scrypt(.forTests) }
      let logIn = try median(500) { _ = try accounts.logIn("user7", password: password) }
      let look = try median(20_000) { _ = try accounts.session(token: token) }
      print(
        "\(users) users: a log-in beside its hash \(shown(logIn - alone)), a session \(shown(look))"
      )
    }
  }

  /// A file on the disk with users.
  static func accounts(_ cost: PasswordCost, users: Int) throws -> Accounts {
    let folder = FileManager.default.temporaryDirectory.path + "/log-in-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let engine = try Engine.open(folder + "/users.sqlite", domain: .supply)
    var settings = AccountSettings()
    settings.passwords.cost = cost
    settings.guesses.free = 1_000_000
    let accounts = try Accounts(engine, settings: settings)
    let first = try accounts.signUp("user0", password: password)
    _ = first
    if users > 1 {
      try engine.write { db in
        for number in 1..<users {
          try db.create("User", ["username": .string("user\(number)")])
        }
      }
      if let user = try accounts.account(named: "user7") {
        try accounts.setPassword(of: user.id, to: password)
      }
    }
    return accounts
  }

  static func scrypt(_ cost: PasswordCost) throws {
    let salt = [UInt8](repeating: 7, count: 16)
    let key = try KDF.Scrypt.deriveKey(
      from: Array(password.utf8), salt: salt, outputByteCount: 32, rounds: 1 << cost.logN,
      blockSize: cost.blockSize, parallelism: cost.parallelism)
    precondition(key.bitCount == 256)
  }

  static func expectWrong(_ accounts: Accounts, _ name: String) {
    do {
      _ = try accounts.logIn(name, password: "a wrong one")
      preconditionFailure("it was taken")
    } catch { precondition(error as? AccountError == .wrongNameOrPassword, "\(error)") }
  }

  /// Returns the middle of the times that a body takes, in milliseconds.
  static func median(_ count: Int, _ body: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    var times: [Double] = []
    for _ in 0..<count {
      let time = try clock.measure(body)
      times.append(
        Double(time.components.seconds) * 1000 + Double(time.components.attoseconds) / 1e15)
    }
    return times.sorted()[count / 2]
  }

  static func shown(_ milliseconds: Double) -> String {
    let text = String(format: milliseconds < 1 ? "%.3f" : "%.1f", milliseconds)
    return "\(text) ms"
  }
}
