/// What becomes of a password in clear that is written to `User.password`: by a host, a rule, an import, a stream or at
/// the prompt.
///
/// `QuartermasterAccess` gives one that uses scrypt:
///
/// ```swift
/// var configuration = Engine.Configuration()
/// configuration.passwords = .scrypt()
/// ```
///
/// It runs inside the operation, so that the lock of the file is held for the time of one hash for each password.
public struct PasswordHasher: Sendable {
  private let body: (@Sendable (String) throws -> String)?
  private let isLocking: Bool

  /// Creates a hasher.
  ///
  /// - Parameter hash: Gives what is kept of a password, as `$scrypt$ln=15,r=8,p=3$SALT$HASH`; another text is refused.
  ///   What it throws is the refusal of the write, so it must not repeat the password.
  public init(_ hash: @escaping @Sendable (String) throws -> String) {
    body = hash
    isLocking = false
  }

  private init(isLocking: Bool) {
    body = nil
    self.isLocking = isLocking
  }

  /// Refuses every password in clear: the choice of an engine that is given no other.
  public static let refusing = PasswordHasher(isLocking: false)

  /// Keeps no password at all, so that nobody can log in: for copies, tests of rules and previews.
  package static let locking = PasswordHasher(isLocking: true)

  /// Returns what is kept of a password.
  ///
  /// - Parameters:
  ///   - password: In clear, or what is kept already, which stays as it is.
  ///   - field: The field, which may ask for more: a length, a pattern.
  ///   - className: The class, for messages.
  /// - Returns: What is kept.
  /// - Throws: ``Refusal``, which never repeats the password.
  func kept(_ password: String, _ field: FieldDefinition, class className: String) throws(Refusal)
    -> String
  {
    if PasswordHash.isKept(password) { return password }
    let place = "\(className).\(field.name)"
    try field.validateInClear(password, class: className)
    if isLocking { return PasswordHash.locked }
    guard let body else {
      throw Refusal(
        .schema,
        "\(place): of a password only its hash is kept, and this engine cannot make one; open it with "
          + "`configuration.passwords = .scrypt()` of QuartermasterAccess, or sign up with its Accounts"
      )
    }
    let text: String
    do { text = try body(password) } catch let refusal as Refusal { throw refusal } catch {
      throw Refusal(.schema, "\(place): \(error)")
    }
    if PasswordHash(text) == nil {
      throw Refusal(.error, "\(place): what the host's hasher gave is no hash of a password")
    }
    return text
  }
}
