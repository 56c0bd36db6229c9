package import QuartermasterCEL

/// Who may do what with the records of a schema: access.yaml, read and checked.
///
/// The host itself is bound by none of it. Docs/access.md says how it is written.
public struct AccessPolicy: Sendable {
  /// What may be done with the records of a class.
  package enum Verb: String, Sendable, CaseIterable {
    /// Finding records by what is in them: queries, relations, `exists`.
    case find
    /// Reading one record by its id, or through a pointer. Who may find a record may also get it.
    case get
    /// Counting all records of the class, whatever is in them. Who may find a record may also count it.
    case count
    case create, update, delete
  }

  /// Who is granted something.
  package enum Grantee: Sendable, Hashable {
    /// Also who is not signed in.
    case everyone
    /// Every user.
    case signedIn
    /// The users who have a role.
    case role(String)
    /// One user, by id.
    case user(String)
    /// The user at whom a path of pointers ends; of a user's own record the path is empty.
    case own([String])
  }

  /// A field that not everybody may see, or change.
  package struct FieldLimit: Sendable {
    /// The place of the field among those of the class; nil for a field that every class has.
    package let field: String
    /// For whom the limit does not hold.
    package let exceptions: [Grantee]
    package let span: SourceSpan
  }

  /// What is said of a class.
  package struct ClassRules: Sendable {
    /// Who may do what; what is not said is as ``AccessPolicy/allowsByDefault`` has it.
    package var grants: [Verb: [Grantee]] = [:]
    /// The fields that are hidden, by name.
    package var hidden: [String: FieldLimit] = [:]
    /// The fields that may not be changed, by name.
    package var readOnly: [String: FieldLimit] = [:]
    package var span: SourceSpan
  }

  /// Whether what the file does not mention is allowed.
  package var allowsByDefault = false
  /// The name of the class whose records are the users.
  package var userClass = "User"
  /// The field of a user that holds the role, or the list of roles; nil where the host says which roles a user has.
  package var roleField: String?
  /// The names of the roles, in the order of the file.
  package var roles: [String] = []
  /// What is said of each class, by name.
  package var classes: [String: ClassRules] = [:]
  /// Who may run the verbs that hosts and domains register, by name.
  package var verbs: [String: [Grantee]] = [:]
  /// Who may raise signals, by name.
  package var signals: [String: [Grantee]] = [:]
  /// The file.
  package var file: SourceFile

  package init(file: SourceFile) { self.file = file }

  /// The name of the field that holds the permissions of a record itself.
  package static let listField = "ACL"
}
