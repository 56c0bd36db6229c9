package import QuartermasterCEL

/// When somebody may do something with a record: always, never, or by what the record says.
///
/// It is turned into an expression of the language over the record, and only that is ever asked: by SQL where it stands
/// in a query, in memory where it is about one record.
package indirect enum AccessCondition: Sendable, Hashable {
  case always, never
  /// The path of pointers ends at the user; an empty one is the record itself.
  case owned([String], by: String)
  /// The record's own permissions grant a right to one of the keys, or it has none.
  case granted(Right, to: [String])
  case all([AccessCondition])
  case any([AccessCondition])

  /// What the permissions of a record grant.
  package enum Right: String, Sendable { case read, write }

  /// Returns the conjunction, without what is always so.
  static func both(_ parts: [AccessCondition]) -> AccessCondition {
    var kept: [AccessCondition] = []
    for part in parts {
      if part == .never { return .never }
      if part != .always, !kept.contains(part) { kept.append(part) }
    }
    return kept.isEmpty ? .always : kept.count == 1 ? kept[0] : .all(kept)
  }

  /// Returns the disjunction, without what never is so.
  static func either(_ parts: [AccessCondition]) -> AccessCondition {
    var kept: [AccessCondition] = []
    for part in parts {
      if part == .always { return .always }
      if part != .never, !kept.contains(part) { kept.append(part) }
    }
    return kept.isEmpty ? .never : kept.count == 1 ? kept[0] : .any(kept)
  }

  /// Returns the condition on a record as an expression.
  ///
  /// It is never an error: each step of a path is asked for null before the next.
  ///
  /// - Parameters:
  ///   - record: The name of the record.
  ///   - definition: Its class.
  ///   - schema: The classes.
  ///   - maker: Makes the nodes.
  ///   - isFew: Whether few records of a class point at a user by a field: then SQL looks them up once.
  /// - Returns: The expression.
  func expr(
    on record: String, _ definition: ClassDefinition, in schema: Schema, _ maker: inout NodeMaker,
    isFew: IsFew = { _, _, _ in false }
  ) -> Expr {
    switch self {
    case .always: return maker.literal(.bool(true))
    case .never: return maker.literal(.bool(false))
    case .all(let parts):
      return maker.chain(
        "_&&_", parts.map { $0.expr(on: record, definition, in: schema, &maker, isFew: isFew) })
    case .any(let parts):
      return maker.chain(
        "_||_", parts.map { $0.expr(on: record, definition, in: schema, &maker, isFew: isFew) })
    case .granted(let right, let keys):
      let list = maker.select(maker.name(record), AccessPolicy.listField)
      return maker.call(
        CELLibrary.grants,
        [
          list, maker.literal(.string(right.rawValue)),
          maker.list(keys.map { maker.literal(.string($0)) }),
        ])
    case .owned(let path, let user):
      var parts: [Expr] = []
      var current: ClassDefinition? = definition
      for (place, step) in path.enumerated() {
        let field = current?[step]
        if field?.isNullable ?? true {
          let value = Self.path(path.prefix(place + 1), on: record, &maker)
          parts.append(maker.call("_!=_", [value, maker.literal(.null)]))
        }
        current = field?.target.flatMap { schema[$0] }
      }
      let id = maker.select(Self.path(path[...], on: record, &maker), "objectId")
      parts.append(maker.call("_==_", [id, maker.literal(.string(user))]))
      let all = maker.chain("_&&_", parts)
      guard path.count == 2, let last = definition[path[0]]?.target.flatMap({ schema[$0] }),
        isFew(last, path[1], user)
      else { return all }
      return maker.call(CELLibrary.few, [all])
    }
  }

  /// Says whether few records of a class point at a record by a field.
  typealias IsFew = (_ class: ClassDefinition, _ field: String, _ id: String) -> Bool

  private static func path(
    _ path: ArraySlice<String>, on record: String, _ maker: inout NodeMaker
  ) -> Expr {
    var expr = maker.name(record)
    for step in path { expr = maker.select(expr, step) }
    return expr
  }
}

/// Makes nodes of trees that nobody wrote, each with an id of its own and the place of what it stands for.
struct NodeMaker {
  private(set) var count = 0
  /// Where messages say that a node stands.
  var range = 0..<0

  mutating func make(_ kind: Expr.Kind) -> Expr {
    defer { count += 1 }
    return Expr(id: count, range: range, kind: kind)
  }

  mutating func literal(_ value: Value) -> Expr { make(.literal(value, text: value.description)) }

  mutating func name(_ name: String) -> Expr { make(.name(name, isRooted: false)) }

  mutating func list(_ items: [Expr]) -> Expr {
    make(.list(items.map { Expr.Element(value: $0) }))
  }

  mutating func select(_ operand: Expr, _ field: String) -> Expr {
    make(.select(Expr.Select(operand: operand, field: field, fieldRange: range)))
  }

  mutating func call(_ function: String, _ arguments: [Expr]) -> Expr {
    make(
      .call(
        Expr.Call(target: nil, function: function, functionRange: range, arguments: arguments)))
  }

  /// Makes `a && b && c`.
  mutating func chain(_ function: String, _ parts: [Expr]) -> Expr {
    guard var all = parts.first else { return literal(.bool(function == "_&&_")) }
    for part in parts.dropFirst() { all = call(function, [all, part]) }
    return all
  }

  mutating func filter(_ list: Expr, _ variable: String, _ body: Expr) -> Expr {
    make(
      .comprehension(
        Expr.Comprehension(
          macro: .filter, target: list, variables: [variable], variableRanges: [range], filter: nil,
          body: body, functionRange: range)))
  }

  mutating func bind(_ name: String, _ value: Expr, _ body: Expr) -> Expr {
    make(.bind(name: name, value: value, body: body))
  }
}
