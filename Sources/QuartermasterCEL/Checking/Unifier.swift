/// Finds the types for which a call fits: type variables and what they stand for.
///
/// A type variable is a ``CELType/parameter(_:)`` whose name begins with `?`; the parameters of a declaration are
/// replaced by new ones each time that it is tried.
struct Unifier {
  /// Whether null is told apart from other values.
  let checksNull: Bool
  private var bindings: [String: CELType] = [:]
  private var count = 0
  /// Set when a match let null pass inside a list, a map or the like where it has no place.
  var metNull = false

  init(checksNull: Bool) { self.checksNull = checksNull }

  /// Whether any type variable was made.
  var isUsed: Bool { count > 0 }

  /// Returns a new type variable.
  mutating func fresh() -> CELType {
    count += 1
    return .parameter("?\(count)")
  }

  /// Returns the parameters and the result of an overload, with type variables of their own.
  mutating func instantiate(_ overload: Overload) -> (parameters: [CELType], result: CELType) {
    var names: [String: CELType] = [:]
    let parameters = overload.parameters.map { instantiate($0, &names) }
    return (parameters, instantiate(overload.result, &names))
  }

  private mutating func instantiate(_ type: CELType, _ names: inout [String: CELType]) -> CELType {
    switch type {
    case .parameter(let name):
      if let known = names[name] { return known }
      let variable = fresh()
      names[name] = variable
      return variable
    case .list(let element): return .list(instantiate(element, &names))
    case .map(let key, let value):
      return .map(key: instantiate(key, &names), value: instantiate(value, &names))
    case .nullable(let inner): return .nullable(instantiate(inner, &names))
    case .type(let inner): return .type(inner.map { instantiate($0, &names) })
    case .optional(let inner): return .optional(instantiate(inner, &names))
    case .abstract(let name, let inner):
      return .abstract(name, inner.map { instantiate($0, &names) })
    default: return type
    }
  }

  /// Returns the type with what its variables stand for; those that stand for nothing become `dyn` at the end.
  func substitute(_ type: CELType, final: Bool = false) -> CELType {
    switch type {
    case .parameter(let name):
      if let bound = bindings[name] { return substitute(bound, final: final) }
      return final && name.hasPrefix("?") ? .dyn : type
    case .list(let element): return .list(substitute(element, final: final))
    case .map(let key, let value):
      return .map(key: substitute(key, final: final), value: substitute(value, final: final))
    case .nullable(let inner): return substitute(inner, final: final).orNull
    case .type(let inner): return .type(inner.map { substitute($0, final: final) })
    case .optional(let inner): return .optional(substitute(inner, final: final))
    case .abstract(let name, let inner):
      return .abstract(name, inner.map { substitute($0, final: final) })
    default: return type
    }
  }

  /// Returns the type with a variable at its top replaced by what it stands for.
  func head(_ type: CELType) -> CELType {
    switch type {
    case .parameter(let name): return bindings[name].map(head) ?? type
    case .nullable(.parameter): return substitute(type)
    default: return type
    }
  }

  /// Returns whether a value of one type may stand where another is wanted; nothing is bound when it may not.
  mutating func assign(_ type: CELType, to wanted: CELType) -> Bool {
    if type == wanted { return true }
    let saved = bindings
    if matches(type, wanted) { return true }
    bindings = saved
    return false
  }

  /// Returns the type of a value that is of the one or the other, or nil when they have nothing in common.
  mutating func join(_ a: CELType, _ b: CELType) -> CELType? {
    let (a, b) = (head(a), head(b))
    if case .null = a { return joinNull(b) }
    if case .null = b { return joinNull(a) }
    if assign(b.nonNull, to: a.nonNull) || assign(a.nonNull, to: b.nonNull) { return general(a, b) }
    return nil
  }

  private func joinNull(_ type: CELType) -> CELType? {
    if checksNull || type.acceptsNull { return type.orNull }
    return Self.standsForNull(type) ? type : nil
  }

  /// Whether the definition lets null stand where a type is wanted.
  static func standsForNull(_ type: CELType) -> Bool {
    switch type {
    case .record, .optional, .abstract, .timestamp, .duration: true
    default: type.acceptsNull
    }
  }

  private mutating func matches(_ type: CELType, _ wanted: CELType) -> Bool {
    if case .parameter(let name) = wanted, name.hasPrefix("?") { return bind(name, type) }
    if case .parameter(let name) = type, name.hasPrefix("?") { return bind(name, wanted) }
    switch (type, wanted) {
    case (.dyn, _), (_, .dyn), (.error, _), (_, .error): return true
    case (.null, .nullable), (.null, .null): return true
    case (.null, .optional), (.null, .abstract), (.null, .timestamp), (.null, .duration),
      (.null, .record):
      return !checksNull
    case (.nullable(let inner), .nullable(let other)): return matches(inner, other)
    case (.nullable(let inner), _):
      metNull = true
      return matches(inner, wanted)
    case (_, .nullable(let inner)): return matches(type, inner)
    case (.list(let a), .list(let b)): return matches(a, b)
    case (.map(let key, let value), .map(let otherKey, let other)):
      return matches(key, otherKey) && matches(value, other)
    case (.optional(let a), .optional(let b)): return matches(a, b)
    case (.type, .type): return true
    case (.abstract(let name, let a), .abstract(let other, let b)):
      guard name == other, a.count == b.count else { return false }
      for (x, y) in zip(a, b) where !matches(x, y) { return false }
      return true
    default: return type == wanted
    }
  }

  private mutating func bind(_ name: String, _ type: CELType) -> Bool {
    if case .parameter(name) = type { return true }
    guard let bound = bindings[name] else {
      if occurs(name, in: type) { return false }
      bindings[name] = type
      return true
    }
    if bound == type { return true }
    // Null and something else: the something, or null.
    if case .null = head(bound) { return joinNull(head(type)).map { rebind(name, $0) } ?? false }
    if case .null = head(type) { return joinNull(head(bound)).map { rebind(name, $0) } ?? false }
    guard matches(head(type).nonNull, head(bound).nonNull) else { return false }
    return rebind(name, general(bound, type))
  }

  private mutating func rebind(_ name: String, _ type: CELType) -> Bool {
    if !occurs(name, in: type) { bindings[name] = type }
    return true
  }

  private func occurs(_ name: String, in type: CELType) -> Bool {
    switch type {
    case .parameter(let other):
      other == name || (bindings[other].map { occurs(name, in: $0) } ?? false)
    case .list(let inner), .nullable(let inner), .optional(let inner): occurs(name, in: inner)
    case .map(let key, let value): occurs(name, in: key) || occurs(name, in: value)
    case .type(let inner): inner.map { occurs(name, in: $0) } ?? false
    case .abstract(_, let inner): inner.contains { occurs(name, in: $0) }
    default: false
    }
  }

  /// Returns the more general of two types that match: `dyn` for a part where one of them has it.
  private func general(_ a: CELType, _ b: CELType) -> CELType {
    switch (a, b) {
    case (.error, _), (_, .error): return .error
    case (.dyn, _), (_, .dyn): return .dyn
    case (.null, _): return b.orNull
    case (_, .null): return a.orNull
    case (.nullable, _), (_, .nullable): return general(a.nonNull, b.nonNull).orNull
    case (.parameter, _): return a
    case (_, .parameter): return b
    case (.list(let x), .list(let y)): return .list(general(x, y))
    case (.map(let key, let value), .map(let otherKey, let other)):
      return .map(key: general(key, otherKey), value: general(value, other))
    case (.optional(let x), .optional(let y)): return .optional(general(x, y))
    case (.abstract(let name, let x), .abstract(_, let y)) where x.count == y.count:
      return .abstract(name, zip(x, y).map(general))
    default: return a
    }
  }
}
