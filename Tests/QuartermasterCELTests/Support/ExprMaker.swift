@testable import QuartermasterCEL

/// Makes expressions that are mostly well typed out of bytes: each byte is a choice, and no more bytes make the smallest
/// expression.
struct ExprMaker {
  /// A variable that expressions use, and its value.
  struct Variable: Sendable {
    let declaration: VariableDeclaration
    let value: Value
    init(_ name: String, _ type: CELType, _ value: Value) {
      declaration = VariableDeclaration(name, type)
      self.value = value
    }
  }

  static let variables: [Variable] = [
    Variable("i", .int, .int(7)), Variable("u", .uint, .uint(3)),
    Variable("d", .double, .double(-2.5)),
    Variable("s", .string, .string("añb🐱")), Variable("b", .bool, .bool(true)),
    Variable("y", .bytes, .bytes([0, 255, 65])),
    Variable("li", .list(.int), .list([.int(3), .int(1), .int(2)])),
    Variable("ls", .list(.string), .list([.string("b"), .string("a")])),
    Variable(
      "m", .map(key: .string, value: .int),
      .map(MapValue(distinct: [(.string("a"), .int(1)), (.string("k"), .int(0))]) ?? empty)),
    Variable("t", .timestamp, .timestamp(instant)),
    Variable("du", .duration, .duration(TimeSpan(nanoseconds: 90_000_000_000))),
    Variable("o", .optional(.int), .optional(OptionalValue(.int(4)))),
    Variable("x", .dyn, .list([.int(1), .uint(1), .double(1), .string("1"), .null])),
    Variable("n", .nullable(.int), .null), Variable("p", .decimal, .decimal(ExactDecimal(12))),
  ]

  private static let instant: Timestamp = {
    guard let instant = Timestamp(seconds: 1_700_000_000) else { preconditionFailure("2023") }
    return instant
  }()

  private static let empty: MapValue = {
    guard let map = MapValue([]) else { preconditionFailure("an empty map") }
    return map
  }()

  /// The types that expressions of a type are made for.
  enum Kind: CaseIterable {
    case bool, int, uint, double, string, bytes, ints, strings, map, time, span, optional, decimal,
      any
  }

  private var bytes: ArraySlice<UInt8>
  private var locals: [(name: String, kind: Kind)] = []

  init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

  private mutating func roll(_ sides: Int) -> Int { Int(bytes.popFirst() ?? 0) % sides }

  private mutating func pick<T>(_ choices: [T]) -> T { choices[roll(choices.count)] }

  /// Returns an expression of any type.
  mutating func expression() -> String { make(pick(Kind.allCases), 6) }

  private func names(_ kind: Kind) -> [String] {
    let fixed: [Kind: [String]] = [
      .bool: ["b", "true", "false"], .int: ["i", "0", "1", "-9223372036854775808", "63"],
      .uint: ["u", "0u", "18446744073709551615u"], .double: ["d", "0.0", "1e308", "0.5"],
      .string: ["s", "''", "'a'", "'ABC def'"], .bytes: ["y", "b''", "b'\\xff'"],
      .ints: ["li", "[]", "[1, 2]"], .strings: ["ls", "['x']"], .map: ["m", "{}", "{'a': 1}"],
      .time: ["t", "timestamp('2024-02-29T23:59:59Z')"],
      .span: ["du", "duration('-1.5s')", "duration('0')"], .optional: ["o", "optional.none()"],
      .decimal: ["p", "decimal('0.10')"], .any: ["x", "null", "dyn(i)", "n"],
    ]
    return (fixed[kind] ?? []) + locals.filter { $0.kind == kind }.map(\.name)
  }

  private mutating func make(_ kind: Kind, _ depth: Int) -> String {
    // The last name is a local where there is one.
    if depth == 0 || bytes.isEmpty || roll(4) == 0 { return pick(names(kind)) }
    let next = depth - 1
    if roll(12) == 0 {
      return "(\(make(.bool, next)) ? \(make(kind, next)) : \(make(kind, next)))"
    }
    if roll(16) == 0 {
      let inner = pick(Kind.allCases)
      let value = make(inner, next)
      return bound(inner) { maker, name in
        "cel.bind(\(name), \(value), \(maker.make(kind, next)))"
      }
    }
    return form(kind, next)
  }

  private mutating func bound(
    _ kind: Kind, _ body: (inout ExprMaker, String) -> String
  ) -> String {
    let name = "v\(locals.count)"
    locals.append((name, kind))
    defer { locals.removeLast() }
    return body(&self, name)
  }

  /// A macro over a list of integers or texts, or the keys of a map.
  private mutating func loop(_ macro: String, _ body: Kind, _ next: Int) -> String {
    let (list, element): (Kind, Kind) = pick([(.ints, .int), (.strings, .string), (.map, .string)])
    let target = make(list, next)
    return bound(element) { maker, name in
      "\(target).\(macro)(\(name), \(maker.make(body, next)))"
    }
  }

  /// A macro with two variables.
  private mutating func pairs(_ macro: String, _ body: Kind, _ next: Int) -> String {
    let target = make(.ints, next)
    return bound(.int) { maker, index in
      maker.bound(.int) { maker, element in
        "\(target).\(macro)(\(index), \(element), \(maker.make(body, next)))"
      }
    }
  }

  private mutating func form(_ kind: Kind, _ next: Int) -> String {
    switch kind {
    case .bool:
      switch roll(16) {
      case 0: return "(\(make(.bool, next)) && \(make(.bool, next)))"
      case 1: return "(\(make(.bool, next)) || \(make(.bool, next)))"
      case 2: return "!\(make(.bool, next))"
      case 3, 4, 5:
        let side = pick(Kind.allCases)
        let operators =
          [Kind.ints, .strings, .map, .optional, .any].contains(side)
          ? ["==", "!="] : ["<", "<=", "==", "!=", ">=", ">"]
        return "(\(make(side, next)) \(pick(operators)) \(make(side, next)))"
      case 6: return "(\(make(.int, next)) in \(make(.ints, next)))"
      case 7: return "(\(make(.string, next)) in \(make(.map, next)))"
      case 8: return loop(pick(["all", "exists", "exists_one"]), .bool, next)
      case 9: return pairs(pick(["all", "exists", "existsOne"]), .bool, next)
      case 10:
        return
          "\(make(.string, next)).\(pick(["startsWith", "endsWith", "contains"]))(\(make(.string, next)))"
      case 11: return "has(\(make(.map, next)).\(pick(["a", "k", "z"])))"
      case 12: return "\(make(.optional, next)).hasValue()"
      case 13:
        return
          "(dyn(\(make(pick(Kind.allCases), next))) == dyn(\(make(pick(Kind.allCases), next))))"
      case 14:
        let patterns = ["a|[b-z]+$", "(?i)^[\\\\pLa]b?", "\\\\bA.*f$", "^\\\\PL*\\\\d{1,2}"]
        return "\(make(.string, next)).matches('\(pick(patterns))')"
      default:
        return
          "(type(\(make(pick(Kind.allCases), next))) == \(pick(["int", "string", "list", "type"])))"
      }
    case .int:
      switch roll(12) {
      case 0, 1, 2:
        return "(\(make(.int, next)) \(pick(["+", "-", "*", "/", "%"])) \(make(.int, next)))"
      case 3: return "-(\(make(.int, next)))"
      case 4: return "\(make(.ints, next))[\(make(.int, next))]"
      case 5: return "\(make(.map, next)).\(pick(["a", "k", "z"]))"
      case 6: return "size(\(make(pick([.string, .bytes, .ints, .map]), next)))"
      case 7: return "int(\(make(pick([.string, .uint, .double, .time]), next)))"
      case 8: return "\(make(.optional, next)).orValue(\(make(.int, next)))"
      case 9:
        return
          "\(make(.time, next)).\(pick(["getMonth", "getDayOfYear", "getFullYear", "getHours"]))()"
      case 10:
        let offset = roll(2) == 0 ? "" : ", \(make(.int, next))"
        return
          "\(make(.string, next)).\(pick(["indexOf", "lastIndexOf"]))(\(make(.string, next))\(offset))"
      default:
        return
          "math.\(pick(["bitAnd", "bitXor", "bitShiftLeft", "greatest"]))(\(make(.int, next)), \(make(.int, next)))"
      }
    case .uint:
      return roll(3) == 0
        ? "uint(\(make(pick([.int, .double, .string]), next)))"
        : "(\(make(.uint, next)) \(pick(["+", "-", "*", "/", "%"])) \(make(.uint, next)))"
    case .double:
      return roll(3) == 0
        ? "double(\(make(pick([.int, .uint, .string]), next)))"
        : "(\(make(.double, next)) \(pick(["+", "-", "*", "/"])) \(make(.double, next)))"
    case .string:
      switch roll(8) {
      case 0, 1: return "(\(make(.string, next)) + \(make(.string, next)))"
      case 2:
        return "string(\(make(pick([.int, .uint, .double, .bool, .bytes, .time, .span]), next)))"
      case 3:
        return "\(make(.string, next)).\(pick(["lowerAscii", "upperAscii", "trim", "reverse"]))()"
      case 4: return "\(make(.string, next)).substring(\(make(.int, next)))"
      case 5: return "\(make(.strings, next)).join(\(make(.string, next)))"
      case 6:
        return
          "'%s %.2f %d'.format([\(make(pick(Kind.allCases), next)), \(make(.double, next)), \(make(pick([.int, .double]), next))])"
      default:
        return "\(make(.string, next)).replace(\(make(.string, next)), \(make(.string, next)))"
      }
    case .bytes:
      return roll(2) == 0
        ? "bytes(\(make(.string, next)))" : "(\(make(.bytes, next)) + \(make(.bytes, next)))"
    case .ints:
      switch roll(8) {
      case 0: return "(\(make(.ints, next)) + \(make(.ints, next)))"
      case 1: return "[\(make(.int, next)), \(make(.int, next))]"
      case 2: return loop("map", .int, next)
      case 3: return pairs("transformList", .int, next)
      case 4: return "\(make(.ints, next)).\(pick(["sort", "distinct", "reverse"]))()"
      case 5: return "[?\(make(.optional, next))]"
      case 6: return "\(make(.ints, next)).slice(\(make(.int, next)), \(make(.int, next)))"
      default:
        let target = make(.ints, next)
        return bound(.int) { maker, name in "\(target).filter(\(name), \(maker.make(.bool, next)))"
        }
      }
    case .strings:
      switch roll(3) {
      case 0: return "\(make(.string, next)).split(\(make(.string, next)))"
      case 1: return "\(make(.string, next)).split(\(make(.string, next)), \(make(.int, next)))"
      default: return loop("map", .string, next)
      }
    case .map:
      return roll(2) == 0
        ? "{\(make(.string, next)): \(make(.int, next))}"
        : "{'a': \(make(.int, next)), ?'z': \(make(.optional, next))}"
    case .time: return "(\(make(.time, next)) \(pick(["+", "-"])) \(make(.span, next)))"
    case .span:
      return roll(2) == 0
        ? "(\(make(.time, next)) - \(make(.time, next)))"
        : "(\(make(.span, next)) \(pick(["+", "-"])) \(make(.span, next)))"
    case .optional:
      switch roll(6) {
      case 4: return "optional.ofNonZeroValue(\(make(.int, next)))"
      case 0: return "optional.of(\(make(.int, next)))"
      case 1: return "\(make(.map, next))[?\(make(.string, next))]"
      case 2: return "\(make(.map, next)).?\(pick(["a", "z"]))"
      case 3: return "\(make(.optional, next)).or(\(make(.optional, next)))"
      default:
        let target = make(.optional, next)
        return bound(.int) { maker, name in "\(target).optMap(\(name), \(maker.make(.int, next)))" }
      }
    case .decimal:
      return
        "(\(make(.decimal, next)) \(pick(["+", "-", "*"])) \(make(pick([.decimal, .int]), next)))"
    case .any: return "dyn(\(make(pick(Kind.allCases), next)))"
    }
  }
}
