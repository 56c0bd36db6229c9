import QuartermasterCEL

@testable import QuartermasterCore

/// A schema with permissions, made at random, as plain values; ``schemaText`` and ``accessText`` write it down.
struct AccessModel {
  enum Kind { case integer, number, text, money, flag, computed, pointer(String, inverse: String) }

  struct Field {
    let name: String
    let kind: Kind
  }

  /// Who is granted something, as access.yaml says it.
  enum Whom: Equatable { case everyone, signedIn, role(String), user(String), own([String]) }

  struct Class {
    let name: String
    var fields: [Field]
    var hasList = false
    var find: [Whom]?
    /// Hidden fields, and for whom they are not.
    var hidden: [(name: String, except: [Whom])] = []
  }

  var classes: [Class] = []
  var allowsByDefault = false

  subscript(name: String) -> Class { classes.first { $0.name == name } ?? classes[0] }

  static let users = ["u1", "u2", "u3"]
  static let roles = ["clerk", "boss"]

  init(_ random: inout SeededNumbers) {
    allowsByDefault = random.chance(40)
    classes = [
      Class(
        name: "User",
        fields: [Field(name: "name", kind: .text), Field(name: "rank", kind: .integer)])
    ]
    for name in ["Alpha", "Beta", "Gamma", "Delta"].prefix(2 + random.below(3)) {
      var fields = [
        Field(name: "n", kind: .number), Field(name: "m", kind: .integer),
        Field(name: "word", kind: .text), Field(name: "money", kind: .money),
        Field(name: "flag", kind: .flag), Field(name: "more", kind: .computed),
      ]
      for place in 0..<(1 + random.below(3)) {
        let target = random.pick(classes.map(\.name) + [name])
        fields.append(
          Field(
            name: "p\(place)",
            kind: .pointer(target, inverse: "\(name.lowercased())By\(place)")))
      }
      classes.append(Class(name: name, fields: fields, hasList: random.chance(50)))
    }
    for place in classes.indices {
      if random.chance(85) { classes[place].find = whom(of: classes[place], &random) }
      for field in classes[place].fields where random.chance(20) {
        let except = random.chance(50) ? [] : whom(of: classes[place], &random)
        // What is computed of a field that is there for some records only is there for as many.
        switch field.kind {
        case .integer, .computed: if except.contains(where: \.isOwn) { continue }
        default: break
        }
        classes[place].hidden.append((field.name, except))
      }
    }
  }

  private func whom(of owner: Class, _ random: inout SeededNumbers) -> [Whom] {
    var found: [Whom] = []
    for _ in 0..<(1 + random.below(2)) {
      let path = ownPath(owner, &random)
      switch random.below(12) {
      case 0: found.append(.everyone)
      case 1: found.append(.signedIn)
      case 2..<4: found.append(.role(random.pick(Self.roles)))
      case 4: found.append(.user(random.pick(Self.users)))
      default: if let path { found.append(.own(path)) }
      }
    }
    return found.isEmpty ? [.role("boss")] : found
  }

  /// A path of pointers to a user.
  private func ownPath(_ owner: Class, _ random: inout SeededNumbers) -> [String]? {
    if owner.name == "User" { return [] }
    var (path, current): ([String], Class) = ([], owner)
    for _ in 0..<4 {
      let pointers = current.fields.compactMap { field -> (String, String)? in
        if case .pointer(let target, _) = field.kind { return (field.name, target) }
        return nil
      }
      if pointers.isEmpty { return nil }
      let (name, target) = random.pick(pointers)
      path.append(name)
      if target == "User" { return path }
      current = self[target]
    }
    return nil
  }

  // MARK: Texts

  var schemaText: String {
    var text = "domain: test\nclasses:\n"
    for item in classes {
      text += "  \(item.name):\n"
      if item.hasList { text += "    acl: true\n" }
      for field in item.fields {
        switch field.kind {
        case .integer: text += "    \(field.name): {type: Integer, default: 0}\n"
        case .number: text += "    \(field.name): {type: Integer}\n"
        case .text: text += "    \(field.name): {type: String}\n"
        case .money: text += "    \(field.name): {type: Decimal, scale: 2}\n"
        case .flag: text += "    \(field.name): {type: Boolean}\n"
        case .computed: text += "    \(field.name): {computed: \(item.name.lowercased()).m + 1}\n"
        case .pointer(let target, let inverse):
          text += "    \(field.name): {type: \(target), inverse: \(inverse)}\n"
        }
      }
    }
    return text
  }

  var accessText: String {
    func list(_ whom: [Whom]) -> String {
      "[" + whom.map(\.text).joined(separator: ", ") + "]"
    }
    var text = "default: \(allowsByDefault ? "allow" : "deny")\nroles: [clerk, boss]\nclasses:\n"
    for item in classes {
      text += "  \(item.name):\n"
      if let find = item.find { text += "    read: \(list(find))\n" }
      if !item.hidden.isEmpty { text += "    hidden:\n" }
      for (name, except) in item.hidden {
        text += "      \(name): {\(except.isEmpty ? "" : "except: \(list(except))")}\n"
      }
      if item.find == nil, item.hidden.isEmpty { text += "    create: boss\n" }
    }
    return text
  }
}

extension AccessModel.Whom {
  var isOwn: Bool { if case .own = self { true } else { false } }

  var text: String {
    switch self {
    case .everyone: "everyone"
    case .signedIn: "signed-in"
    case .role(let name): name
    case .user(let id): "user: \(id)"
    case .own(let path): "own: \(path.isEmpty ? "objectId" : path.joined(separator: "."))"
    }
  }
}

/// The records of a model: by class and id, the values of the stored fields.
typealias AccessData = [String: [String: [String: Value]]]

extension AccessModel {
  /// Makes records.
  func data(_ random: inout SeededNumbers) -> AccessData {
    var ids: [String: [String]] = ["User": Self.users]
    for item in classes.dropFirst() {
      ids[item.name] = (0..<(1 + random.below(9))).map { "\(item.name.lowercased())\($0)" }
    }
    var data: AccessData = [:]
    for item in classes {
      for id in ids[item.name] ?? [] {
        data[item.name, default: [:]][id] = row(item, ids, &random)
      }
    }
    return data
  }

  func row(_ item: Class, _ ids: [String: [String]], _ random: inout SeededNumbers)
    -> [String: Value]
  {
    var row: [String: Value] = [:]
    for field in item.fields {
      row[field.name] = value(field, ids, &random)
    }
    if item.hasList, random.chance(60) { row["ACL"] = accessList(&random) }
    return row
  }

  func value(_ field: Field, _ ids: [String: [String]], _ random: inout SeededNumbers) -> Value? {
    switch field.kind {
    case .integer: return .int(Int64(random.below(5)))
    case .number: return random.chance(25) ? nil : .int(Int64(random.below(5)))
    case .text: return random.chance(25) ? nil : .string(random.pick(["a", "b", "c'd", ""]))
    case .money:
      return random.chance(25)
        ? nil : .decimal(ExactDecimal(coefficient: Int128(random.below(500)), scale: 2))
    case .flag: return .bool(random.chance(50))
    case .computed: return nil
    case .pointer(let target, _):
      return random.chance(15) ? nil : ids[target].map { .string(random.pick($0)) }
    }
  }

  private func accessList(_ random: inout SeededNumbers) -> Value {
    var entries: [(key: Value, value: Value)] = []
    for key in ["*", "u1", "u2", "u3", "role:clerk", "role:boss"] where random.chance(25) {
      let rights: [(key: Value, value: Value)] = ["read", "write"].filter { _ in random.chance(60) }
        .map { (.string($0), .bool(true)) }
      if !rights.isEmpty {
        entries.append((.string(key), MapValue(rights).map(Value.map) ?? .null))
      }
    }
    return MapValue(entries).map(Value.map) ?? .null
  }
}
