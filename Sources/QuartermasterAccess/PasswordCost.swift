internal import QuartermasterCore

/// How much work a guess at a password is: the parameters of scrypt (RFC 7914).
///
/// They are kept with each hash, so that changing them concerns new passwords at once, and older ones when their users
/// log in the next time.
public struct PasswordCost: Sendable, Equatable {
  /// The binary logarithm of scrypt's N: one more is twice the time and twice the memory.
  public let logN: Int
  /// Scrypt's r.
  public let blockSize: Int
  /// Scrypt's p: how often it is done, one after the other, in the same memory.
  public let parallelism: Int

  /// Creates a cost.
  ///
  /// - Parameters:
  ///   - logN: From 1 to 20.
  ///   - blockSize: From 1 to 16.
  ///   - parallelism: From 1 to 16.
  /// - Throws: ``AccountError/cost(_:)`` outside of that, or for more than 256 MiB.
  public init(logN: Int, blockSize: Int = 8, parallelism: Int = 1) throws(AccountError) {
    let zeros = [UInt8](repeating: 0, count: 16)
    guard
      PasswordHash(
        logN: logN, blockSize: blockSize, parallelism: parallelism, salt: zeros, bytes: zeros)
        != nil
    else {
      throw .cost(
        "a cost of logN \(logN), blockSize \(blockSize), parallelism \(parallelism) is out of range: at "
          + "most 20, 16 and 16, and 256 MiB together")
    }
    self.init(unchecked: logN, blockSize, parallelism)
  }

  private init(unchecked logN: Int, _ blockSize: Int, _ parallelism: Int) {
    self.logN = logN
    self.blockSize = blockSize
    self.parallelism = parallelism
  }

  /// N = 2^15, r = 8, p = 3: 32 MiB, one of the least that OWASP's Password Storage Cheat Sheet asks for.
  public static let standard = PasswordCost(unchecked: 15, 8, 3)

  /// N = 2^4: for tests only, which would wait for hours otherwise.
  public static let forTests = PasswordCost(unchecked: 4, 8, 1)

  /// The memory that a hash takes while it is made, in bytes.
  public var memory: Int { 128 * blockSize << logN }
}
