internal import Foundation
internal import QuartermasterCEL

/// The class whose records can log in: `User`, with `username` (a text that is unique) and `password` (a text that is
/// secret).
package struct AccountClass: Sendable {
  /// The class.
  package let definition: ClassDefinition
  /// The slots of the two fields.
  package let usernameSlot: Int, passwordSlot: Int
  /// The slots of fields that it may have.
  package let emailSlot: Int?, roleSlot: Int?
  /// The fields under whose values a user is found, whatever their case: `username`, and `email` where it is unique.
  let nameFields: [(field: String, slot: Int)]

  /// The name of the class.
  package static let className = "User"
  /// The name of the field of which only a hash is kept.
  package static let passwordField = "password"

  /// Finds the class in a schema; nil when it is not there, or lacks one of the fields.
  package init?(_ schema: Schema) {
    guard let definition = schema[Self.className],
      let username = definition["username"], username.type == .string, username.isUnique,
      let usernameSlot = username.slot,
      let password = definition["password"], password.isPassword,
      let passwordSlot = password.slot
    else { return nil }
    self.definition = definition
    self.usernameSlot = usernameSlot
    self.passwordSlot = passwordSlot
    let email = definition["email"].flatMap { $0.type == .string ? $0 : nil }
    emailSlot = email?.slot
    let role = definition["role"].flatMap { $0.type == .string ? $0 : nil }
    roleSlot = role?.slot
    var names = [(field: "username", slot: usernameSlot)]
    if let email, email.isUnique, let slot = email.slot { names.append(("email", slot)) }
    nameFields = names
  }

  /// What a schema lacks, in words; nil when users can log in.
  package static func lack(in schema: Schema) -> String? {
    guard let definition = schema[className] else {
      return "the schema has no class User; it needs one with username and password"
    }
    guard let username = definition["username"], username.type == .string, username.isUnique else {
      return "User needs `username: {type: String, required: true, unique: true}`"
    }
    guard let password = definition["password"], password.isPassword else {
      return "User needs `password: {type: String, secret: true}`"
    }
    return nil
  }

  /// Whether an id may be that of a record, which may be a user: in an ACL, `*` stands for everybody and `role:` begins the name of a role.
  static func isAllowed(id: String) -> Bool {
    guard let first = id.utf8.first, first == UInt8(ascii: "*") || first | 0x20 == UInt8(ascii: "r")
    else { return true }
    return id != "*" && !id.lowercased().hasPrefix("role:")
  }

  /// Returns a name as it is compared: without regard to case, and to how its characters are put together.
  ///
  /// The compatibility composition of Unicode (NFKC), so that full-width and other forms of a letter are the letter.
  package static func folded(_ name: String) -> String {
    name.precomposedStringWithCompatibilityMapping.lowercased()
      .precomposedStringWithCompatibilityMapping
  }
}
