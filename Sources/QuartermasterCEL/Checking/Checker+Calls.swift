/// Functions and methods: which overloads fit.
extension Checker {
  /// What fits a call.
  struct Resolution {
    /// The type of the result; `dyn` when several overloads fit that do not agree.
    var result: CELType
    /// The overloads that fit.
    var overloads: [Overload]
    /// The places of the arguments that may be null though no overload takes that.
    var nulls: [Int] = []
    /// The places of the arguments that may hold null inside, where no overload takes that.
    var innerNulls: [Int] = []
    /// Whether a parameter that takes anything took an argument whose type is known.
    var isLoose = false
    /// Literals that have to take another type for the call to fit.
    var adapted: [(place: Int, type: CELType)] = []
  }

  mutating func checkCall(_ expr: Expr, _ call: Expr.Call) -> CELType {
    if call.target == nil, let type = checkOperator(expr, call) { return type }
    guard let target = call.target else {
      for argument in call.arguments { check(argument) }
      guard let name = declaredName(call.function) else {
        return unknownFunction(expr, call)
      }
      return apply(expr, call, name, call.arguments, isMember: false)
    }
    // `math.abs(x)`: a function of a namespace, unless the chain begins with a variable of a macro.
    if let (prefix, isRooted) = qualifiedName(target),
      let name = declaredName((isRooted ? "." : "") + prefix + "." + call.function)
    {
      for argument in call.arguments { check(argument) }
      return apply(expr, call, name, call.arguments, isMember: false)
    }
    if let prefix = namespace(target) {
      for argument in call.arguments { check(argument) }
      report(
        .unknownFunction(
          prefix + "." + call.function,
          hint: Suggestion.closest(
            to: prefix + "." + call.function,
            among: environment.functions.overloads.keys.filter { $0.hasPrefix(prefix + ".") }
          ).map { "did you mean `\($0)`?" },
          at: source.span(target.range.lowerBound..<call.functionRange.upperBound)))
      return .error
    }
    check(target)
    for argument in call.arguments { check(argument) }
    guard environment.overloads(of: call.function).contains(where: \.isMember) else {
      return type(target) == .error ? .error : unknownFunction(expr, call)
    }
    return apply(expr, call, call.function, [target] + call.arguments, isMember: true)
  }

  /// Returns the full name of a declared function: in the container, in what is around it, then among all.
  private func declaredName(_ name: String) -> String? {
    let overloads = environment.functions.overloads
    func isFunction(_ name: String) -> Bool {
      overloads[name]?.contains { !$0.isMember } ?? false
    }
    if name.hasPrefix(".") {
      let rest = String(name.dropFirst())
      return isFunction(rest) ? rest : nil
    }
    if !environment.container.isEmpty {
      var container = environment.container[...]
      while true {
        let candidate = container + "." + name
        if isFunction(candidate) { return candidate }
        guard let dot = container.lastIndex(of: ".") else { break }
        container = container[..<dot]
      }
    }
    return isFunction(name) ? name : nil
  }

  /// Returns the namespace that a receiver is, such as `math`, when it is no variable.
  private func namespace(_ target: Expr) -> String? {
    guard let (name, _) = qualifiedName(target), environment.functions.namespaces.contains(name),
      environment.variables[name] == nil
    else { return nil }
    return name
  }

  /// Finds the overloads of a function that fit its arguments, and notes them.
  private mutating func apply(
    _ expr: Expr, _ call: Expr.Call, _ name: String, _ arguments: [Expr], isMember: Bool
  ) -> CELType {
    let candidates = environment.overloads(of: name)
    guard let found = resolveWithLiterals(candidates, arguments, isMember: isMember) else {
      reportNoOverload(call, name, candidates.filter { $0.isMember == isMember }, arguments)
      return .error
    }
    return settle(expr, found, arguments)
  }

  /// Notes what a call refers to, gives literals their type and reports nulls; returns the type of the call.
  mutating func settle(_ expr: Expr, _ found: Resolution, _ arguments: [Expr]) -> CELType {
    for (place, type) in found.adapted { adapt(arguments[place], to: type) }
    for place in found.nulls { reportNullable(arguments[place]) }
    if environment.checksNull {
      for place in found.innerNulls {
        let argument = arguments[place]
        report(.nullInside(text(argument), type(argument), at: span(argument)))
      }
    }
    references[expr.id] = .overloads(found.overloads)
    return found.result
  }

  /// Finds the overloads that fit, where need be after number literals take the type of what they stand beside.
  private mutating func resolveWithLiterals(
    _ candidates: [Overload], _ arguments: [Expr], isMember: Bool
  ) -> Resolution? {
    let types = arguments.map(type)
    let exact = resolve(candidates, types, isMember: isMember)
    if let exact, exact.result != .dyn { return exact }
    // A literal takes a type that another argument has, never one that comes from nowhere.
    let beside = types.compactMap { type -> CELType? in
      let inner = type.nonNull
      return inner == .decimal || inner == .double ? inner : nil
    }
    guard !beside.isEmpty, arguments.contains(where: { type($0).isPlainNumber }) else {
      return exact
    }
    let saved = unifier
    for overload in candidates where overload.isMember == isMember {
      if let fit = fit(overload, types, literals: arguments, beside: beside), fit.result != .dyn {
        return fit
      }
      unifier = saved
    }
    return exact
  }

  /// Finds the overloads that fit types.
  mutating func resolve(
    _ candidates: [Overload], _ arguments: [CELType], isMember: Bool
  ) -> Resolution? {
    var result: Resolution?
    for overload in candidates where overload.isMember == isMember {
      guard let next = fit(overload, arguments) else { continue }
      // An overload for anything counts only where none for the very types fits.
      guard var known = result, known.isLoose == next.isLoose else {
        if result?.isLoose ?? true { result = next }
        continue
      }
      known.overloads += next.overloads
      known.nulls = known.nulls.filter(next.nulls.contains)
      known.innerNulls = known.innerNulls.filter(next.innerNulls.contains)
      if known.result != next.result { known.result = .dyn }
      result = known
    }
    return result
  }

  /// Returns how one overload fits, or nil; type variables are bound only when it does.
  private mutating func fit(
    _ overload: Overload, _ arguments: [CELType], literals: [Expr] = [], beside: [CELType] = []
  ) -> Resolution? {
    let count = overload.parameters.count
    guard arguments.count == count || (overload.isVariadic && arguments.count > count) else {
      return nil
    }
    let saved = unifier
    let (parameters, result) = unifier.instantiate(overload)
    var found = Resolution(result: .dyn, overloads: [overload])
    for (place, argument) in arguments.enumerated() {
      let parameter = parameters[min(place, count - 1)]
      let isOpen: Bool
      if case .parameter = parameter { isOpen = true } else { isOpen = parameter.acceptsNull }
      unifier.metNull = false
      // An open parameter takes null as well; from the others it is kept away, and reported once the call is known.
      if unifier.assign(isOpen ? argument : argument.nonNull, to: parameter) {
        if !isOpen, case .nullable = argument { found.nulls.append(place) }
        if unifier.metNull { found.innerNulls.append(place) }
        if parameter.isForAnything, !argument.isForAnything { found.isLoose = true }
      } else if literals.indices.contains(place), beside.contains(parameter),
        canAdapt(literals[place], to: parameter)
      {
        found.adapted.append((place, parameter))
      } else {
        unifier = saved
        return nil
      }
    }
    found.result = unifier.substitute(result)
    return found
  }

  // MARK: What is wrong

  private mutating func unknownFunction(_ expr: Expr, _ call: Expr.Call) -> CELType {
    let functions = environment.functions
    let isMethod = call.target != nil
    let hint: String?
    var known: [String] = []
    if functions.macros.contains(call.function) {
      hint = "it is written \(Self.usage(of: call.function))"
    } else if let overloads = functions.overloads[call.function], !overloads.isEmpty {
      let receiver = call.target.map(text) ?? call.arguments.first.map(text) ?? "x"
      let rest = call.arguments.dropFirst(isMethod ? 0 : 1).map(text).joined(separator: ", ")
      hint =
        isMethod
        ? "it is no method: write \(call.function)(\(receiver)\(rest.isEmpty ? "" : ", " + rest))"
        : "it is a method: write \(receiver).\(call.function)(\(rest))"
    } else {
      let names = functions.overloads.lazy
        .filter { $0.value.contains { $0.isMember == isMethod } && Lexer.isName($0.key) }
        .map(\.key)
      known = Array(names) + functions.macros.filter { ($0 != "has") == isMethod }
      hint = Suggestion.closest(to: call.function, among: known).map { "did you mean `\($0)`?" }
    }
    report(
      .unknownFunction(call.function, hint: hint, at: source.span(call.functionRange))
        .suggesting(call.function, among: known))
    return .error
  }

  private static func usage(of macro: String) -> String {
    switch macro {
    case "has": "has(record.field)"
    case "map": "list.map(x, result) or list.map(x, condition, result)"
    case "sortBy", "groupBy": "list.\(macro)(x, key)"
    case "transformList", "transformMap", "transformMapEntry": "list.\(macro)(i, x, result)"
    case "optMap", "optFlatMap": "value.\(macro)(x, result)"
    default: "list.\(macro)(x, condition)"
    }
  }

  private mutating func reportNoOverload(
    _ call: Expr.Call, _ name: String, _ candidates: [Overload], _ arguments: [Expr]
  ) {
    if arguments.contains(where: { type($0) == .error }) { return }
    let place = source.span(
      (call.target?.range ?? call.functionRange).lowerBound..<call.functionRange.upperBound)
    if let null = arguments.first(where: { type($0) == .null }) {
      report(.nullArgument(name, at: span(null)))
      return
    }
    if reportMoneyBesideDouble(arguments) { return }
    if let target = call.target, candidates.contains(where: \.isMember),
      !candidates.contains(where: { accepts($0.parameters[0], type(target)) })
    {
      let receivers = candidates.map(\.parameters[0].nonNull.phrase)
      report(
        .noMethod(
          name, text(target), type(target),
          receivers: receivers.reduce(into: []) { if !$0.contains($1) { $0.append($1) } },
          at: place))
      return
    }
    report(
      .noOverload(
        name, candidates.map { Self.signature(name, $0) }, arguments.map(type), at: place))
  }

  private func accepts(_ parameter: CELType, _ type: CELType) -> Bool {
    var unifier = unifier
    return unifier.assign(type.nonNull, to: parameter.nonNull)
  }

  /// A decimal beside a double that is no literal: the exact number must not silently become an inexact one.
  mutating func reportMoneyBesideDouble(_ arguments: [Expr]) -> Bool {
    guard let money = arguments.first(where: { type($0).nonNull == .decimal }),
      let double = arguments.first(where: { type($0).nonNull == .double })
    else { return false }
    report(.moneyBesideDouble(text(money), text(double), at: span(double)))
    return true
  }

  static func signature(_ name: String, _ overload: Overload) -> String {
    var parameters = overload.parameters.map(\.description)
    if overload.isVariadic { parameters.append("...") }
    if overload.isMember {
      return "\(parameters.removeFirst()).\(name)(\(parameters.joined(separator: ", ")))"
    }
    return "\(name)(\(parameters.joined(separator: ", ")))"
  }
}

extension CELType {
  /// Whether it is `dyn`, or a list of that.
  fileprivate var isForAnything: Bool {
    switch self {
    case .dyn, .error: true
    case .list(let element): element.isForAnything
    default: false
    }
  }
}
