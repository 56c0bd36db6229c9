internal import Foundation
public import QuartermasterCore

/// What a password must be, and how its hash is made.
public struct PasswordSettings: Sendable {
  /// The work of a guess.
  public var cost = PasswordCost.standard
  /// The least number of characters; at least 1.
  public var shortest = 8
  /// The most bytes of UTF-8; a longer one is never even hashed.
  public var longest = 256
  /// Is told of each hash that is made.
  package var derives: (@Sendable (PasswordCost) -> Void)?

  /// Creates the usual settings.
  public init() {}

  /// Creates settings of a cost.
  public init(cost: PasswordCost) { self.cost = cost }

  /// Returns the bytes that are hashed: of the composed form (NFC), so that a password is the same from any keyboard.
  ///
  /// - Returns: The bytes; nil when no password is like that.
  func bytes(of password: String) -> [UInt8]? {
    if password.utf8.count > longest { return nil }
    return Array(password.precomposedStringWithCanonicalMapping.utf8)
  }

  /// Returns the hash of a new password.
  ///
  /// - Throws: ``AccountError/password(_:)``, which never repeats it.
  func newHash(of password: String, username: String? = nil) throws -> PasswordHash {
    let shortest = max(1, shortest)
    if password.count < shortest {
      throw AccountError.password("it has \(password.count) characters; at least \(shortest)")
    }
    guard let bytes = bytes(of: password) else {
      throw AccountError.password(
        "it has \(password.utf8.count) bytes; at most \(longest)")
    }
    if password.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
      throw AccountError.password("it holds a control character, such as a tab or a line end")
    }
    if let username, AccountClass.folded(username) == AccountClass.folded(password) {
      throw AccountError.password("it is the user name; choose another one")
    }
    return try Scrypt.hash(bytes, self)
  }
}

extension PasswordHasher {
  /// Keeps a hash by scrypt of each password that is written to `User.password`, through whichever door.
  ///
  /// - Parameter settings: What a password must be, and the cost of a hash.
  /// - Returns: The hasher, for ``Engine/Configuration/passwords``.
  public static func scrypt(_ settings: PasswordSettings = PasswordSettings()) -> PasswordHasher {
    PasswordHasher { try settings.newHash(of: $0).text }
  }
}
