/// What is known not to be null: names and chains of fields on them, such as `order.customer`.
///
/// A condition narrows what follows it: on the right of `order.customer != null &&`, in one branch of `?:`, in the
/// conditions after it, and in the actions.
public struct NarrowedPaths: Sendable, Hashable {
  /// A name and the fields that are selected from it.
  struct Path: Hashable {
    /// The full name of a variable.
    var root: String
    /// Whether it is a variable of a macro.
    var isLocal: Bool
    var fields: [String]
  }

  /// All of them.
  private(set) var paths: Set<Path> = []

  /// Creates an empty set: everything that may be null may be null.
  public init() {}

  /// Creates the set of one variable.
  public init(variable name: String) { paths = [Path(root: name, isLocal: false, fields: [])] }

  init(_ paths: Set<Path>) { self.paths = paths }

  /// Whether nothing is known.
  public var isEmpty: Bool { paths.isEmpty }

  /// Returns what is known when both are.
  public func union(_ other: NarrowedPaths) -> NarrowedPaths {
    if paths.isEmpty { return other }
    return other.paths.isEmpty ? self : NarrowedPaths(paths.union(other.paths))
  }

  /// Returns what is known when one of them is, and nobody can say which.
  public func intersection(_ other: NarrowedPaths) -> NarrowedPaths {
    if paths.isEmpty || other.paths.isEmpty { return NarrowedPaths() }
    return NarrowedPaths(paths.intersection(other.paths))
  }

  /// Returns what is known where a variable of a macro begins or ends.
  func without(local name: String) -> NarrowedPaths {
    if paths.isEmpty { return self }
    return NarrowedPaths(paths.filter { !$0.isLocal || $0.root != name })
  }

  /// Returns what is known of a variable of a macro, said of another one.
  func of(local name: String, as other: String) -> NarrowedPaths {
    if paths.isEmpty { return self }
    return NarrowedPaths(
      Set(
        paths.compactMap { path in
          guard path.isLocal, path.root == name else { return nil }
          return Path(root: other, isLocal: true, fields: path.fields)
        }))
  }
}

extension CheckedExpr {
  /// Returns what is not null when the expression is true, or when it is false, beyond what was known before.
  ///
  /// The conditions of a rule hold one after the other, so what one gives is passed on to the check of the next.
  public func facts(whenTrue: Bool = true) -> NarrowedPaths {
    FactFinder(types: types, references: references).facts(root, whenTrue) ?? NarrowedPaths()
  }
}

/// Reads off a checked tree what is not null where it is true or false.
struct FactFinder {
  let types: [CELType]
  let references: [CheckedExpr.Reference?]

  /// Returns what is not null when an expression has a value; nil when it never has that value.
  func facts(_ expr: Expr, _ value: Bool) -> NarrowedPaths? {
    switch expr.kind {
    case .literal(.bool(let flag), _): return flag == value ? NarrowedPaths() : nil
    case .has(let select):
      guard value, case .field(let field)? = references[expr.id], case .nullable = field.type,
        var path = path(select.operand)
      else { return NarrowedPaths() }
      path.fields.append(select.field)
      return NarrowedPaths([path])
    case .bind(let name, _, let body): return facts(body, value)?.without(local: name)
    case .comprehension(let loop):
      // Where a predicate held for one element, what it says of other names is so.
      guard value, loop.macro == .exists || loop.macro == .existsOne else {
        return NarrowedPaths()
      }
      return loop.variables.reduce(facts(loop.body, true)) { $0?.without(local: $1) }
    case .call(let call) where call.target == nil: return facts(call, value)
    default: return NarrowedPaths()
    }
  }

  private func facts(_ call: Expr.Call, _ value: Bool) -> NarrowedPaths? {
    switch (call.function, call.arguments.count) {
    case ("!_", 1): return facts(call.arguments[0], !value)
    case ("_&&_", 2), ("_||_", 2):
      let (a, b) = (facts(call.arguments[0], value), facts(call.arguments[1], value))
      return (call.function == "_&&_") == value ? Self.both(a, b) : Self.either(a, b)
    case ("_?:_", 3):
      return Self.either(
        Self.both(facts(call.arguments[0], true), facts(call.arguments[1], value)),
        Self.both(facts(call.arguments[0], false), facts(call.arguments[2], value)))
    case ("_==_", 2) where value, ("_!=_", 2) where !value:
      return equal(call.arguments[0], call.arguments[1])
        .union(equal(call.arguments[1], call.arguments[0]))
    case ("_==_", 2), ("_!=_", 2):
      // Different from null.
      for (a, b) in [(0, 1), (1, 0)] {
        if case .null = types[call.arguments[b].id] { return notNull(call.arguments[a]) }
      }
      return NarrowedPaths()
    case ("@in", 2) where value:
      if case .list(let element) = types[call.arguments[1].id].nonNull, !element.acceptsNull {
        return notNull(call.arguments[0])
      }
      return NarrowedPaths()
    default: return NarrowedPaths()
    }
  }

  /// What is not null when an expression is equal to another, which itself cannot be null.
  private func equal(_ expr: Expr, _ other: Expr) -> NarrowedPaths {
    types[other.id].acceptsNull ? NarrowedPaths() : notNull(expr)
  }

  private func notNull(_ expr: Expr) -> NarrowedPaths {
    guard case .nullable = types[expr.id], let path = path(expr) else { return NarrowedPaths() }
    return NarrowedPaths([path])
  }

  private static func both(_ a: NarrowedPaths?, _ b: NarrowedPaths?) -> NarrowedPaths? {
    guard let a, let b else { return nil }
    return a.union(b)
  }

  private static func either(_ a: NarrowedPaths?, _ b: NarrowedPaths?) -> NarrowedPaths? {
    guard let a else { return b }
    guard let b else { return a }
    return a.intersection(b)
  }

  /// Returns the name and fields that an expression is, or nil when it is something else.
  func path(_ expr: Expr) -> NarrowedPaths.Path? {
    switch references[expr.id] {
    case .variable(let variable)?:
      return NarrowedPaths.Path(root: variable.name, isLocal: false, fields: [])
    case .local(let name)?: return NarrowedPaths.Path(root: name, isLocal: true, fields: [])
    case .field?:
      guard case .select(let select) = expr.kind, !select.isOptional,
        var path = path(select.operand)
      else { return nil }
      path.fields.append(select.field)
      return path
    default: return nil
    }
  }

  /// Returns what is not null in every element of a list, said of a variable.
  ///
  /// `lines.filter(l, l.price != null).map(x, x.price)`: the price of every `x` is there.
  func elementFacts(_ list: Expr, as variable: String) -> NarrowedPaths {
    switch list.kind {
    case .comprehension(let loop) where loop.macro == .filter && loop.variables.count == 1:
      let own = facts(loop.body, true)?.of(local: loop.variables[0], as: variable)
      return elementFacts(loop.target, as: variable).union(own ?? NarrowedPaths())
    case .comprehension(let loop) where loop.macro == .sortBy:
      return elementFacts(loop.target, as: variable)
    case .call(let call) where ["slice", "distinct", "reverse"].contains(call.function):
      return call.target.map { elementFacts($0, as: variable) } ?? NarrowedPaths()
    default: return NarrowedPaths()
    }
  }
}
