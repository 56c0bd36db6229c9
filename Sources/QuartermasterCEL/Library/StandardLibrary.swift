extension CELLibrary {
  /// The functions, operators and macros of the language definition.
  public static let standard = CELLibrary(
    name: "standard",
    functions: StandardLibrary.logic + StandardLibrary.arithmetic + StandardLibrary.comparisons
      + StandardLibrary.collections + StandardLibrary.conversions + StandardLibrary.strings
      + StandardLibrary.times,
    macros: ["has", "all", "exists", "exists_one", "filter", "map"])
}

extension CELEnvironment {
  /// The language as its definition has it, without extensions.
  public static let standard = CELEnvironment(libraries: [.standard])

  /// The language with all libraries of this module.
  public static let everything = CELEnvironment(libraries: CELLibrary.all)

  /// All that rules, schemas and queries of Quartermaster may use.
  public static let quartermaster = CELEnvironment(libraries: [
    .standard, .decimals, .spans, .lists, .math, .strings,
  ])
}

extension CELLibrary {
  /// All libraries of this module, the standard one first.
  public static let all: [CELLibrary] = [
    .standard, .strings, .math, .lists, .sets, .encoders, .bindings, .pairs, .optionals, .decimals,
    .spans, .network,
  ]
}

/// The declarations of the standard library, by subject.
enum StandardLibrary {
  /// Logic, equality and the conditional.
  static let logic: [FunctionDeclaration] = [
    FunctionDeclaration(
      "_&&_", "Whether both are true. False on one side decides, whatever the other is.",
      overloads: [Overload("logical_and", [.bool, .bool], returns: .bool, .intrinsic)],
      examples: ["!(true && false)", "!(1 / 0 == 0 && false)"]),
    FunctionDeclaration(
      "_||_", "Whether at least one is true. True on one side decides, whatever the other is.",
      overloads: [Overload("logical_or", [.bool, .bool], returns: .bool, .intrinsic)],
      examples: ["false || true", "1 / 0 == 0 || true"]),
    FunctionDeclaration(
      "!_", "The opposite of true or false.",
      overloads: [
        .one("logical_not", .bool, .bool) { value throws(EvaluationError) in
          guard case .bool(let flag) = value else { throw .argument("`!`", value) }
          return .bool(!flag)
        }
      ],
      examples: ["!false"]),
    FunctionDeclaration(
      "_?:_", "The second when the first is true, else the third; only that one is evaluated.",
      overloads: [Overload("conditional", [.bool, .a, .a], returns: .a, .intrinsic)],
      examples: ["(true ? 1 : 2) == 1"]),
    FunctionDeclaration(
      "_==_", "Whether two values are equal. Texts by their bytes, records by class and id.",
      overloads: [.two("equals", .a, .a, .bool, equals)]
        + decimalPairs.map { .two("equals_\($0)_\($1)", $2, $3, .bool, equals) },
      examples: ["1 == 1", "[1, 2] == [1, 2]", "{'a': 1} == {'a': 1}"]),
    FunctionDeclaration(
      "_!=_", "Whether two values differ.",
      overloads: [.two("not_equals", .a, .a, .bool, differs)]
        + decimalPairs.map { .two("not_equals_\($0)_\($1)", $2, $3, .bool, differs) },
      examples: ["1 != 2"]),
  ]

  /// The pairs of a decimal and an integer, by the names that overloads have for them.
  static let decimalPairs: [(String, String, CELType, CELType)] = [
    ("decimal", "int64", .decimal, .int), ("int64", "decimal", .int, .decimal),
  ]

  private static let equals: @Sendable (Value, Value) -> Value = { .bool(Value.equal($0, $1)) }
  private static let differs: @Sendable (Value, Value) -> Value = { .bool(!Value.equal($0, $1)) }

  /// Size, membership and indexing.
  static let collections: [FunctionDeclaration] = [
    FunctionDeclaration(
      "size", "How many code points, bytes, elements or entries there are.",
      overloads: [
        .one("size_string", .string, .int, size), .one("size_bytes", .bytes, .int, size),
        .one("size_list", .list(.a), .int, size),
        .one("size_map", .map(key: .a, value: .b), .int, size),
        .one("string_size", .string, .int, size).method(),
        .one("bytes_size", .bytes, .int, size).method(),
        .one("list_size", .list(.a), .int, size).method(),
        .one("map_size", .map(key: .a, value: .b), .int, size).method(),
      ],
      examples: ["size('πέντε') == 5", "[1, 2].size() == 2", "size({}) == 0"]),
    FunctionDeclaration(
      "@in", "Whether a list has an element, or a map a key.",
      overloads: [
        .two("in_list", .a, .list(.a), .bool, contains),
        .two("in_map", .a, .map(key: .a, value: .b), .bool, contains),
      ],
      examples: ["2 in [1, 2]", "'a' in {'a': 1}", "!(3 in [1, 2])"]),
    // `Inventory["000123"]`: one record by id, or null. Only a name of a class can be indexed so; for any
    // other list a text is no index. The planner builds it from the variable's storage.
    FunctionDeclaration(
      "_[_]", "An element of a list by its place, counted from 0, or the value of a key of a map.",
      overloads: [
        .two("index_list", .list(.a), .int, .a, Value.element),
        .two("index_map", .map(key: .a, value: .b), .a, .b, Value.element),
        Overload("index_collection", [.list(.a), .string], returns: .nullable(.a), .intrinsic),
      ],
      examples: ["[5, 6][1] == 6", "{'a': 1}['a'] == 1"]),
  ]

  private static let size: @Sendable (Value) throws(EvaluationError) -> Value = {
    value throws(EvaluationError) in
    switch value {
    case .string(let text): return .int(Int64(text.unicodeScalars.count))
    case .bytes(let bytes): return .int(Int64(bytes.count))
    case .list(let items): return .int(Int64(items.count))
    case .map(let map): return .int(Int64(map.entries.count))
    default: throw .argument("size()", value)
    }
  }

  private static let contains: @Sendable (Value, Value) throws(EvaluationError) -> Value = {
    element, whole throws(EvaluationError) in .bool(try Value.contains(element, in: whole))
  }
}

extension Value {
  /// Returns whether a list has an element or a map a key: `in`.
  static func contains(_ element: Value, in whole: Value) throws(EvaluationError) -> Bool {
    switch whole {
    case .list(let items):
      for item in items where equal(item, element) { return true }
      return false
    case .map(let map): return map.place(of: element) != nil
    default: throw .argument("`in`", whole)
    }
  }

  /// Returns an element of a list or the value of a key: `a[b]`.
  static func element(_ whole: Value, _ index: Value) throws(EvaluationError) -> Value {
    switch whole {
    case .list(let items):
      let place: Int?
      switch index {
      case .int(let number): place = Int(exactly: number)
      case .uint(let number): place = Int(exactly: number)
      case .double(let number): place = Int(exactly: number)
      default:
        throw EvaluationError(.noSuchOverload, "a list cannot be indexed by \(index.kindText)")
      }
      guard let place, items.indices.contains(place) else {
        throw EvaluationError(
          .indexOutOfRange,
          "index \(index) is outside the list, which has \(items.count) elements, counted from 0")
      }
      return items[place]
    case .map(let map):
      guard let place = map.place(of: index) else {
        throw EvaluationError(.noSuchKey, "the map has no key \(index.brief)")
      }
      return map.entries[place].value
    case .null: throw EvaluationError(.nullValue, "null cannot be indexed")
    default: throw EvaluationError(.noSuchOverload, "\(whole.kindText) cannot be indexed")
    }
  }
}
