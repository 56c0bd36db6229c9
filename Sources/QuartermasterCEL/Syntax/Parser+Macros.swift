/// Macros are recognised by name, receiver and number of arguments, and only when a library of the environment makes
/// them available; everything else is an ordinary call.
extension Parser {
  // "has" "(" Member "." Field ")"
  mutating func globalMacro(_ name: String, _ arguments: [Expr], _ range: Range<Int>) -> Expr? {
    guard name == "has", arguments.count == 1, macros.contains(name) else { return nil }
    guard case .select(let select) = arguments[0].kind, !select.isOptional else {
      report(
        .hasNeedsSelection(at: source.span(arguments[0].range)), at: arguments[0].range,
        always: true)
      return placeholder()
    }
    return node(range, .has(select), over: [select.operand])
  }

  /// Returns the macro that `target.function(arguments)` is, or nil when it is a call.
  mutating func macro(
    _ target: Expr, _ function: String, _ functionRange: Range<Int>, _ arguments: [Expr],
    _ range: Range<Int>
  ) -> Expr? {
    if case .name("cel", isRooted: false) = target.kind, macros.contains("cel." + function) {
      return bindingMacro(function, arguments, range)
    }
    guard let shape = Self.shapes[function]?.first(where: { $0.count == arguments.count }),
      macros.contains(function)
    else { return nil }
    var names: [String] = []
    for argument in arguments.prefix(shape.variables) {
      guard let name = variable(argument, of: function) else { return placeholder() }
      names.append(name)
    }
    if names.count == 2, names[0] == names[1] {
      report(
        .macroNameTwice(names[0], at: source.span(arguments[1].range)), at: arguments[1].range,
        always: true)
    }
    return node(
      range,
      .comprehension(
        Expr.Comprehension(
          macro: shape.macro, target: target, variables: names,
          variableRanges: arguments.prefix(shape.variables).map(\.range),
          filter: shape.hasFilter ? arguments[shape.variables] : nil,
          body: arguments[arguments.count - 1], functionRange: functionRange)),
      over: [target] + arguments.dropFirst(shape.variables))
  }

  /// How one form of a macro is written: variables, then a filter where there is one, then the body.
  private struct Shape {
    let macro: Expr.Comprehension.Macro
    let variables: Int
    var hasFilter = false
    var count: Int { variables + (hasFilter ? 2 : 1) }
  }

  private static let shapes: [String: [Shape]] = [
    "all": [Shape(macro: .all, variables: 1), Shape(macro: .all, variables: 2)],
    "exists": [Shape(macro: .exists, variables: 1), Shape(macro: .exists, variables: 2)],
    "exists_one": [
      Shape(macro: .existsOne, variables: 1), Shape(macro: .existsOne, variables: 2),
    ],
    "existsOne": [
      Shape(macro: .existsOne, variables: 1), Shape(macro: .existsOne, variables: 2),
    ],
    "filter": [Shape(macro: .filter, variables: 1)],
    "map": [
      Shape(macro: .map, variables: 1), Shape(macro: .map, variables: 1, hasFilter: true),
    ],
    "sortBy": [Shape(macro: .sortBy, variables: 1)],
    "groupBy": [Shape(macro: .groupBy, variables: 1)],
    "transformList": [
      Shape(macro: .transformList, variables: 2),
      Shape(macro: .transformList, variables: 2, hasFilter: true),
    ],
    "transformMap": [
      Shape(macro: .transformMap, variables: 2),
      Shape(macro: .transformMap, variables: 2, hasFilter: true),
    ],
    "transformMapEntry": [
      Shape(macro: .transformMapEntry, variables: 2),
      Shape(macro: .transformMapEntry, variables: 2, hasFilter: true),
    ],
    "optMap": [Shape(macro: .optMap, variables: 1)],
    "optFlatMap": [Shape(macro: .optFlatMap, variables: 1)],
  ]

  /// Returns the name that an argument gives to a variable, or reports that it is none.
  private mutating func variable(_ argument: Expr, of macro: String) -> String? {
    if case .name(let name, isRooted: false) = argument.kind { return name }
    report(
      .macroNeedsName(macro, at: source.span(argument.range)), at: argument.range, always: true)
    return nil
  }

  // "cel" "." "bind" "(" Name "," Expression "," Expression ")"
  //
  // The other macros of `cel` are those of the published conformance tests: `cel.block([e0, …], body)` binds each
  // element for those after it, `cel.index(n)` reads one, `cel.iterVar(n, m)` is a variable with a name of its own.
  private mutating func bindingMacro(
    _ function: String, _ arguments: [Expr], _ range: Range<Int>
  ) -> Expr? {
    switch (function, arguments.count) {
    case ("bind", 3):
      guard let name = variable(arguments[0], of: "cel.bind") else { return placeholder() }
      return node(
        range, .bind(name: name, value: arguments[1], body: arguments[2]),
        over: [arguments[1], arguments[2]])
    case ("block", 2):
      guard case .list(let elements) = arguments[0].kind else { return nil }
      var body = arguments[1]
      for (place, element) in elements.enumerated().reversed() {
        body = node(
          range, .bind(name: "@index\(place)", value: element.value, body: body),
          over: [element.value, body])
      }
      return body
    case ("index", 1), ("iterVar", 2), ("accuVar", 2):
      var name = "@" + function
      for argument in arguments {
        guard case .literal(.int(let number), _) = argument.kind else {
          report(
            .macroNeedsNumber("cel." + function, at: source.span(argument.range)),
            at: argument.range, always: true)
          return placeholder()
        }
        name += arguments.count == 1 ? "\(number)" : ":\(number)"
      }
      return node(range, .name(name, isRooted: false))
    default: return nil
    }
  }
}
