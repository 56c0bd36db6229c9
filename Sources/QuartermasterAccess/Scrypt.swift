internal import Crypto
internal import CryptoExtras
internal import Dispatch
internal import Foundation
internal import QuartermasterCore

/// Hashes of passwords by scrypt, from swift-crypto.
enum Scrypt {
  private static let saltLength = 16, hashLength = 32

  /// As many at once as there are processors: more take memory and are done no sooner.
  private static let gate = DispatchSemaphore(
    value: max(1, ProcessInfo.processInfo.activeProcessorCount))

  /// Returns the hash of a password under a salt of its own.
  static func hash(_ password: [UInt8], _ settings: PasswordSettings) throws -> PasswordHash {
    let salt = randomBytes(saltLength)
    let cost = settings.cost
    settings.derives?(cost)
    let bytes = try derived(password, salt: salt, hashLength, cost)
    guard
      let hash = PasswordHash(
        logN: cost.logN, blockSize: cost.blockSize, parallelism: cost.parallelism, salt: salt,
        bytes: bytes)
    else { throw AccountError.cost("a hash of this cost cannot be kept") }
    return hash
  }

  /// Returns whether a password is that of a hash, in a time that does not tell how near it comes.
  static func verify(
    _ password: [UInt8], _ hash: PasswordHash, _ settings: PasswordSettings
  ) throws -> Bool {
    // scrypt takes no empty password, and no hash is of one.
    let cost = try PasswordCost(
      logN: hash.logN, blockSize: hash.blockSize, parallelism: hash.parallelism)
    settings.derives?(cost)
    let bytes = try derived(
      password.isEmpty ? [0] : password, salt: hash.salt, hash.bytes.count, cost)
    var difference: UInt8 = password.isEmpty ? 1 : 0
    for (a, b) in zip(bytes, hash.bytes) { difference |= a ^ b }
    return difference == 0 && bytes.count == hash.bytes.count
  }

  /// Returns so many bytes of a password, which is not empty.
  static func derived(
    _ password: [UInt8], salt: [UInt8], _ count: Int, _ cost: PasswordCost
  ) throws -> [UInt8] {
    gate.wait()
    defer { gate.signal() }
    let key = try KDF.Scrypt.deriveKey(
      from: password, salt: salt, outputByteCount: count, rounds: 1 << cost.logN,
      blockSize: cost.blockSize, parallelism: cost.parallelism)
    return key.withUnsafeBytes { Array($0) }
  }

  /// Returns bytes from the system's secure generator.
  static func randomBytes(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }
}

extension PasswordHash {
  /// What it was made with.
  func isOf(_ cost: PasswordCost) -> Bool {
    logN == cost.logN && blockSize == cost.blockSize && parallelism == cost.parallelism
  }
}
