public import QuartermasterCEL

/// Why somebody cannot log in, sign up or go on.
///
/// The texts are fit for users: none repeats a password or a token, and that of a log-in does not tell whether the name
/// is there. What the schema, a rule or the file refuses is thrown as `Refusal`.
public enum AccountError: Error, Sendable, Equatable {
  /// There is no such user, or the password is another one, or the user is locked.
  case wrongNameOrPassword
  /// Too many guesses at this user name failed; none is taken before this instant.
  case tooManyGuesses(until: Timestamp)
  /// The token is none, or its session has ended.
  case notSignedIn
  /// Another user has the name, or one that differs only in capitals.
  case nameTaken(String)
  /// Another user has the e-mail address, where the schema says that they are unique.
  case emailTaken(String)
  /// The name is not allowed; why.
  case name(String)
  /// The password is not allowed; why, without the password.
  case password(String)
  /// The name of a role is not allowed, or it is not granted like that; why.
  case role(String)
  /// A field is set in another way; how.
  case field(String)
  /// No user has this id or name.
  case noUser(String)
  /// The cost of a hash is out of range; why.
  case cost(String)
  /// The schema has no users who could log in; what it lacks.
  case schema(String)
}

extension AccountError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .wrongNameOrPassword: "the user name or the password is wrong"
    case .tooManyGuesses(let until):
      "too many wrong passwords for this name; the next one is taken at \(until)"
    case .notSignedIn: "not signed in, or the session has ended; log in again"
    case .nameTaken(let name): "the user name \(name) is taken; choose another one"
    case .emailTaken(let email): "the e-mail address \(email) is another user's"
    case .name(let why): "the user name cannot be used: \(why)"
    case .password(let why): "the password cannot be used: \(why)"
    case .role(let why), .field(let why), .cost(let why), .schema(let why): why
    case .noUser(let name): "there is no user \(name)"
    }
  }
}
