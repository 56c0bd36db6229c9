package import QuartermasterCEL

/// Functions that stand in permissions alone: their names cannot be written.
extension CELLibrary {
  /// Whether the permissions of a record grant a right to one of the keys, or it has none.
  static let grants = "@grants"
  /// Its operand: `x.a.b.objectId == "u"`, with its tests for null, where few records point at `u` by `b`.
  static let few = "@few"
  /// Its operand, which may be anything but a record.
  static let plain = "@plain"

  /// What permissions and queries under permissions are made of besides the language.
  static let access = CELLibrary(
    name: "access",
    functions: [
      FunctionDeclaration(
        grants, "Whether the permissions of a record grant a right to one of the keys.",
        overloads: [
          Overload(
            "acl_grants",
            [.nullable(.map(key: .string, value: .dyn)), .string, .list(.string)], returns: .bool,
            .variadic { values throws(EvaluationError) in .bool(AccessList.grants(values)) })
        ]),
      FunctionDeclaration(
        few, "A condition that few records of another class decide.",
        overloads: [
          Overload(
            "access_few", [.bool], returns: .bool,
            .unary { value throws(EvaluationError) in value })
        ]),
      FunctionDeclaration(
        plain, "A value whose class is not known before it is there, and which is no record.",
        overloads: [
          Overload(
            "access_plain", [.dyn], returns: .dyn,
            .unary { value throws(EvaluationError) in
              if isRecord(value) {
                throw EvaluationError(
                  .noSuchField,
                  "a field of a record can only be read where its class is known: take the record from its class"
                )
              }
              return value
            })
        ]),
    ])

  private static func isRecord(_ value: Value) -> Bool {
    switch value {
    case .record: true
    case .optional(let box): box.value.map(isRecord) ?? false
    default: false
    }
  }
}

/// The permissions of a record itself: `{"*": {"read": true}, "USER": {…}, "role:NAME": {…}}`.
enum AccessList {
  /// Answers `@grants(list, right, keys)`.
  fileprivate static func answer(_ list: MapValue, _ right: String, _ keys: [Value]) -> Bool {
    for case .string(let key) in keys {
      if case .map(let rights)? = list[key], case .bool(true)? = rights[right] { return true }
    }
    return false
  }

  static func grants(_ values: [Value]) -> Bool {
    guard values.count == 3, case .string(let right) = values[1], case .list(let keys) = values[2]
    else { return false }
    switch values[0] {
    case .null: return true
    case .map(let list): return answer(list, right, keys)
    default: return false
    }
  }

  /// The keys that stand for somebody in permissions of records.
  static func keys(of principal: Principal) -> [String] {
    var keys = ["*"]
    if let id = principal.userID, isUserKey(id) { keys.append(id) }
    return keys + principal.roles.sorted().filter(isPlain).map { "role:" + $0 }
  }

  /// Whether an id can stand as the key of a user: `role:` begins the keys of roles, and `*` is everyone.
  static func isUserKey(_ id: String) -> Bool { isPlain(id) && id != "*" && !id.hasPrefix("role:") }

  /// Whether a key is the same text in JSON.
  private static func isPlain(_ key: String) -> Bool {
    !key.isEmpty
      && key.utf8.allSatisfy {
        $0 >= 32 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") && $0 != 127
      }
  }

  /// Returns permissions in their one form, or refuses what is none.
  static func accept(_ value: Value, at place: String) throws(Refusal) -> Value {
    guard case .map(let list) = value else {
      throw Refusal(
        .schema,
        "\(place) takes permissions such as {\"*\": {\"read\": true}}, not \(value.kindText)")
    }
    var entries: [(key: Value, value: Value)] = []
    for entry in list.entries {
      guard case .string(let key) = entry.key else {
        throw Refusal(.schema, "\(place): a key is *, the objectId of a user, or role:NAME")
      }
      let role = key.hasPrefix("role:") ? String(key.dropFirst(5)) : nil
      guard key == "*" || role.map(Principal.isRoleName) ?? isUserKey(key) else {
        throw Refusal(
          .schema,
          "\(place): `\(key)` is no key; write *, the objectId of a user, or role:NAME")
      }
      guard case .map(let rights) = entry.value else {
        throw Refusal(
          .schema,
          "\(place): `\(key)` is given rights as in {\"read\": true}, not \(entry.value.kindText)")
      }
      for right in rights.entries {
        guard case .string(let name) = right.key, AccessCondition.Right(rawValue: name) != nil
        else {
          throw Refusal(.schema, "\(place): `\(key)` may be given read and write, nothing else")
        }
        guard case .bool(true) = right.value else {
          throw Refusal(
            .schema,
            "\(place): `\(key)` has \(name): \(right.value); only true is a right, leave out what is not granted"
          )
        }
      }
      let granted = ["read", "write"].compactMap { name in
        rights[name].map { (key: Value.string(name), value: $0) }
      }
      if granted.isEmpty { continue }
      guard let plain = MapValue(granted) else { continue }
      entries.append((entry.key, .map(plain)))
    }
    return MapValue(entries).map(Value.map) ?? value
  }
}
