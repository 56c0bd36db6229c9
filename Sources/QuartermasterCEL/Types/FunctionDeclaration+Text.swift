extension FunctionDeclaration {
  /// The function as it is written with the types of its arguments and result, a line for each overload:
  /// `list(A).first() -> A or null`, `math.abs(int) -> int`, `int + int -> int`.
  public var signatures: [String] {
    overloads.map { "\(form($0)) -> \($0.result)" }
  }

  private func form(_ overload: Overload) -> String {
    let types = overload.parameters.map(\.description)
    if let operatorForm = Self.form(operator: name, types) { return operatorForm }
    let repeated = overload.isVariadic ? ", ..." : ""
    guard overload.isMember, let receiver = types.first else {
      return "\(name)(\(types.joined(separator: ", "))\(repeated))"
    }
    return "\(receiver).\(name)(\(types.dropFirst().joined(separator: ", "))\(repeated))"
  }

  private static func form(operator name: String, _ types: [String]) -> String? {
    switch (name, types.count) {
    case ("_?_:_", 3), ("_?:_", 3): return "\(types[0]) ? \(types[1]) : \(types[2])"
    case ("_[_]", 2): return "\(types[0])[\(types[1])]"
    case ("@in", 2): return "\(types[0]) in \(types[1])"
    case ("!_", 1), ("-_", 1): return "\(name.prefix(1))\(types[0])"
    default:
      guard name.hasPrefix("_"), name.hasSuffix("_"), types.count == 2 else { return nil }
      return "\(types[0]) \(name.dropFirst().dropLast()) \(types[1])"
    }
  }

  /// The name as it is written: `+` for `_+_`, `in` for `@in`.
  public var writtenName: String {
    switch name {
    case "_?:_", "_?_:_": return "? :"
    case "_[_]": return "[ ]"
    case "@in": return "in"
    default:
      let isOperator = name.utf8.count > 1 && name.hasSuffix("_") && !(name.first?.isLetter ?? true)
      return isOperator ? name.filter { $0 != "_" } : name
    }
  }
}
