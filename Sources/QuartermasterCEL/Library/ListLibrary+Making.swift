extension ListLibrary {
  /// The largest list that `lists.range()` makes.
  private static let longestRange: Int64 = 1_000_000

  /// `sort flatten lists.range`.
  static let making: [FunctionDeclaration] = [
    FunctionDeclaration(
      "sort", "The elements in their order; those that are equal stay as they stand.",
      overloads: [
        ("bool", CELType.bool), ("int64", .int), ("uint64", .uint), ("double", .double),
        ("decimal", .decimal), ("string", .string), ("bytes", .bytes), ("timestamp", .timestamp),
        ("duration", .duration),
      ].map { name, type in
        .one("list_sort_\(name)", .list(type), .list(type)) { list throws(EvaluationError) in
          .list(try sorted(try list.items("sort()")))
        }.method()
      },
      examples: ["[3, 1, 2].sort() == [1, 2, 3]", "['b', 'a'].sort() == ['a', 'b']"]),
    FunctionDeclaration(
      "flatten", "The elements of the lists in a list; with a number, that many levels deep.",
      overloads: [
        .one("list_flatten", .list(.list(.a)), .list(.a)) { list throws(EvaluationError) in
          .list(try flattened(try list.items("flatten()"), levels: 1))
        }.method(),
        .two("list_flatten_int", .list(.dyn), .int, .list(.dyn)) {
          list, levels throws(EvaluationError) in
          let levels = try levels.integer("flatten()")
          guard levels >= 0 else {
            throw EvaluationError(
              .invalidArgument, "flatten() needs 0 levels or more, not \(levels)")
          }
          return .list(try flattened(try list.items("flatten()"), levels: levels))
        }.method(),
      ],
      examples: [
        "[[1, 2], [3]].flatten() == [1, 2, 3]", "[1, [2, [3, [4]]]].flatten(2) == [1, 2, 3, [4]]",
      ]),
    FunctionDeclaration(
      "lists.range", "The numbers from 0 up to, and without, another.",
      overloads: [
        .one("lists_range", .int, .list(.int)) { value throws(EvaluationError) in
          let count = try value.integer("lists.range()")
          guard count <= longestRange else {
            throw EvaluationError(
              .limit, "lists.range(\(count)) has more than \(longestRange) numbers")
          }
          return .list((0..<max(count, 0)).map(Value.int))
        }
      ],
      examples: ["lists.range(3) == [0, 1, 2]", "lists.range(0) == []"]),
  ]

  private static func sorted(_ items: [Value]) throws(EvaluationError) -> [Value] {
    for item in items where !item.hasOrder { throw .argument("sort()", item) }
    var failure: EvaluationError?
    let result = items.enumerated().sorted { a, b in
      do throws(EvaluationError) {
        if try Value.less(a.element, b.element) { return true }
        return try Value.less(b.element, a.element) ? false : a.offset < b.offset
      } catch {
        failure = error
        return false
      }
    }
    if let failure { throw failure }
    return result.map(\.element)
  }

  private static func flattened(
    _ items: [Value], levels: Int64
  ) throws(EvaluationError) -> [Value] {
    if levels == 0 { return items }
    var result: [Value] = []
    for item in items {
      if case .list(let inner) = item {
        result += try flattened(inner, levels: levels - 1)
        try Value.checkSize(result.count * MemoryLayout<Value>.stride, "flatten()")
      } else {
        result.append(item)
      }
    }
    return result
  }
}

extension Value {
  /// Whether the value can stand before or after another of its type.
  fileprivate var hasOrder: Bool {
    switch self {
    case .bool, .int, .uint, .double, .decimal, .string, .bytes, .timestamp, .duration: true
    case .null, .list, .map, .record, .type, .optional, .opaque: false
    }
  }
}
