extension CELLibrary {
  /// Lists as sets: `sets.contains`, `sets.equivalent` and `sets.intersects`.
  public static let sets = CELLibrary(name: "sets", functions: SetLibrary.relations)
}

/// The declarations of ``CELLibrary/sets``.
enum SetLibrary {
  private static func relation(
    _ name: String, _ documentation: String, _ examples: [String],
    _ holds: @escaping @Sendable ([Value], [Value]) -> Bool
  ) -> FunctionDeclaration {
    FunctionDeclaration(
      name, documentation,
      overloads: [
        .two("list_\(Overload.id(name))_list", .list(.a), .list(.a), .bool) {
          a, b throws(EvaluationError) in
          .bool(holds(try a.items("\(name)()"), try b.items("\(name)()")))
        }
      ], examples: examples)
  }

  /// How two sets stand to each other; order and repeats do not matter.
  static let relations: [FunctionDeclaration] = [
    relation(
      "sets.contains", "Whether the first list has every element of the second.",
      ["sets.contains([1, 2, 3], [3, 2])", "!sets.contains([], [1])", "sets.contains([], [])"]
    ) { a, b in Members(a).hasAll(of: b) },
    relation(
      "sets.equivalent", "Whether each of two lists has every element of the other.",
      ["sets.equivalent([1, 2], [2, 1, 1])", "!sets.equivalent([1], [1, 2])"]
    ) { a, b in Members(a).hasAll(of: b) && Members(b).hasAll(of: a) },
    relation(
      "sets.intersects", "Whether two lists have an element in common.",
      ["sets.intersects([1, 2], [2, 3])", "!sets.intersects([1], [])"]
    ) { a, b in
      let members = Members(a)
      return b.contains(where: members.has)
    },
  ]

  /// The elements of a list, found at once where they have a form by which they can be found.
  private struct Members {
    private var keys: Set<MapValue.Key> = []
    private var others: [Value] = []

    init(_ items: [Value]) {
      for item in items {
        if let key = MapValue.key(item) { keys.insert(key) } else { others.append(item) }
      }
    }

    func has(_ value: Value) -> Bool {
      if let key = MapValue.key(value) { return keys.contains(key) }
      return others.contains { Value.equal($0, value) }
    }

    func hasAll(of items: [Value]) -> Bool { items.allSatisfy(has) }
  }
}
