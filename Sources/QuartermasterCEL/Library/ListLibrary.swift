extension CELLibrary {
  /// What lists can do beyond the standard: picking, ordering, totals; and the macros `sortBy` and `groupBy`.
  public static let lists = CELLibrary(
    name: "lists", functions: ListLibrary.picking + ListLibrary.making + ListLibrary.totals,
    macros: ["sortBy", "groupBy"])
}

/// The declarations of ``CELLibrary/lists``; those that make a list of another shape are in a file of their own.
enum ListLibrary {
  /// `first last slice distinct reverse`.
  static let picking: [FunctionDeclaration] = [
    FunctionDeclaration(
      "first", "The first element, or null when the list is empty.",
      overloads: [
        .one("list_first", .list(.a), .nullable(.a)) { list throws(EvaluationError) in
          try list.items("first()").first ?? .null
        }.method()
      ],
      examples: ["[3, 1].first() == 3", "[].first() == null"]),
    FunctionDeclaration(
      "last", "The last element, or null when the list is empty.",
      overloads: [
        .one("list_last", .list(.a), .nullable(.a)) { list throws(EvaluationError) in
          try list.items("last()").last ?? .null
        }.method()
      ],
      examples: ["[3, 1].last() == 1"]),
    FunctionDeclaration(
      "slice",
      "The elements from a place up to, and without, another; both are moved into the list.",
      overloads: [.many("list_slice", [.list(.a), .int, .int], .list(.a), slice).method()],
      examples: ["[1, 2, 3].slice(1, 3) == [2, 3]", "[1, 2].slice(-5, 10) == [1, 2]"]),
    FunctionDeclaration(
      "distinct", "The elements without those that are equal to an earlier one.",
      overloads: [
        .one("list_distinct", .list(.a), .list(.a)) { list throws(EvaluationError) in
          .list(distinct(try list.items("distinct()")))
        }.method()
      ],
      examples: ["[2, 1, 2].distinct() == [2, 1]"]),
    FunctionDeclaration(
      "reverse", "The elements in the opposite order.",
      overloads: [
        .one("list_reverse", .list(.a), .list(.a)) { list throws(EvaluationError) in
          .list(try list.items("reverse()").reversed())
        }.method()
      ],
      examples: ["[1, 2].reverse() == [2, 1]"]),
  ]

  /// The types that have a sum, by the names that overloads have for them, each with its empty sum.
  private static let summed: [(name: String, type: CELType, zero: Value)] = [
    ("int64", .int, .int(0)), ("uint64", .uint, .uint(0)), ("double", .double, .double(0)),
    ("decimal", .decimal, .decimal(ExactDecimal(0))),
    ("duration", .duration, .duration(TimeSpan(nanoseconds: 0))),
  ]

  /// The types of which one can be the least.
  private static let ordered: [(name: String, type: CELType)] =
    summed.map { ($0.name, $0.type) } + [("string", .string), ("timestamp", .timestamp)]

  /// `sum min max avg`.
  static let totals: [FunctionDeclaration] = [
    FunctionDeclaration(
      "sum", "The sum of the elements; 0 for an empty list. A null among them is an error.",
      overloads: summed.map { entry in
        .one("list_sum_\(entry.name)", .list(entry.type), entry.type) {
          list throws(EvaluationError) in try sum(try list.items("sum()"), zero: entry.zero)
        }.method()
      },
      examples: ["[1, 2].sum() == 3", "[].sum() == 0"]),
    FunctionDeclaration(
      "min", "The least element, or null when the list is empty. A null among them is an error.",
      overloads: ordered.map { name, type in
        .one("list_min_\(name)", .list(type), .nullable(type)) { list throws(EvaluationError) in
          try extreme(try list.items("min()"), "min()") { a, b throws(EvaluationError) in
            try Value.less(a, b)
          }
        }.method()
      },
      examples: ["[2, 1].min() == 1", "['b', 'a'].min() == 'a'", "[].min() == null"]),
    FunctionDeclaration(
      "max", "The greatest element, or null when the list is empty. A null among them is an error.",
      overloads: ordered.map { name, type in
        .one("list_max_\(name)", .list(type), .nullable(type)) { list throws(EvaluationError) in
          try extreme(try list.items("max()"), "max()") { a, b throws(EvaluationError) in
            try Value.less(b, a)
          }
        }.method()
      },
      examples: ["[2, 1].max() == 2"]),
    FunctionDeclaration(
      "avg",
      "The average, or null when the list is empty. Of decimals with the places it is rounded to.",
      overloads: [
        .one("list_avg_int64", .list(.int), .nullable(.double), average).method(),
        .one("list_avg_uint64", .list(.uint), .nullable(.double), average).method(),
        .one("list_avg_double", .list(.double), .nullable(.double), average).method(),
        .two("list_avg_decimal_scale", .list(.decimal), .int, .nullable(.decimal), exactAverage)
          .method(),
        .two("list_avg_int64_scale", .list(.int), .int, .nullable(.decimal), exactAverage)
          .method(),
      ],
      examples: [
        "[1, 2].avg() == 1.5", "[decimal('1.00'), decimal('2.01')].avg(2) == decimal('1.51')",
      ]
    ),
  ]

  private static let slice: @Sendable ([Value]) throws(EvaluationError) -> Value = {
    values throws(EvaluationError) in
    let items = try values[0].items("slice()")
    let count = Int64(items.count)
    let start = min(max(try values[1].integer("slice()"), 0), count)
    let end = min(max(try values[2].integer("slice()"), start), count)
    return .list(Array(items[Int(start)..<Int(end)]))
  }

  /// Returns the elements without repeats, in the order of their first appearance.
  static func distinct(_ items: [Value]) -> [Value] {
    var seen: Set<MapValue.Key> = []
    var rest: [Value] = []
    var result: [Value] = []
    for item in items {
      if let key = MapValue.key(item) {
        if seen.insert(key).inserted { result.append(item) }
      } else if !rest.contains(where: { Value.equal($0, item) }) {
        rest.append(item)
        result.append(item)
      }
    }
    return result
  }

  /// Returns the sum of elements, which all have to be numbers or durations.
  static func sum(_ items: [Value], zero: Value) throws(EvaluationError) -> Value {
    guard var total = items.first else { return zero }
    switch total {
    case .int, .uint, .double, .decimal, .duration: break
    default: throw .argument("sum()", total)
    }
    for item in items.dropFirst() {
      if case .null = item { throw .argument("sum()", item) }
      total = try Value.add(total, item)
    }
    return total
  }

  /// Returns the first element that no other comes before, or null.
  private static func extreme(
    _ items: [Value], _ function: String,
    _ before: (Value, Value) throws(EvaluationError) -> Bool
  ) throws(EvaluationError) -> Value {
    guard var best = items.first else { return .null }
    switch best {
    case .int, .uint, .double, .decimal, .duration, .string, .timestamp: break
    default: throw .argument(function, best)
    }
    for item in items.dropFirst() {
      if case .null = item { throw .argument(function, item) }
      if try before(item, best) { best = item }
    }
    return best
  }

  private static let average: @Sendable (Value) throws(EvaluationError) -> Value = {
    list throws(EvaluationError) in
    let items = try list.items("avg()")
    if items.isEmpty { return .null }
    let count = Double(items.count)
    switch try sum(items, zero: .int(0)) {
    case .int(let total): return .double(Double(total) / count)
    case .uint(let total): return .double(Double(total) / count)
    case .double(let total): return .double(total / count)
    case .decimal:
      throw EvaluationError(
        .noSuchOverload, "an average of decimals needs its places: avg(2)")
    case let total: throw .argument("avg()", total)
    }
  }

  private static let exactAverage: @Sendable (Value, Value) throws(EvaluationError) -> Value = {
    list, places throws(EvaluationError) in
    let items = try list.items("avg()")
    let scale = try DecimalLibrary.scale(places, "avg()")
    if items.isEmpty { return .null }
    let total = try sum(items, zero: .int(0)).exact("avg()")
    guard let result = total.divided(by: ExactDecimal(Int64(items.count)), scale: scale) else {
      throw .overflow("avg()")
    }
    return .decimal(result)
  }
}
