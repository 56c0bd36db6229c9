/// Which parts of formulas were true, and which were false.
///
/// Programs that were planned with branches write into the log of their frame; others do not know of it. Used by one
/// thread at a time.
package final class BranchLog {
  /// What was seen of a part.
  package struct Seen: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    package static let isTrue = Seen(rawValue: 1)
    package static let isFalse = Seen(rawValue: 2)
    package static let both: Seen = [.isTrue, .isFalse]
  }

  /// What was seen, by the number of the part.
  package private(set) var seen: [Seen]
  /// Whether evaluations are passed over for now.
  package var isPaused = false

  /// Creates the log of a number of parts.
  package init(count: Int) { seen = Array(repeating: [], count: count) }

  /// Notes a value.
  func note(_ number: Int, _ flag: Bool) {
    if isPaused || number >= seen.count { return }
    seen[number].formUnion(flag ? .isTrue : .isFalse)
  }
}

/// Gives a number to a part of a text that is true or false.
package typealias BranchNumbering = (_ source: ExprSource, _ range: Range<Int>) -> Int

/// A part that is true or false, and is watched.
final class BranchNode: Node, @unchecked Sendable {
  private let inner: Node
  private let number: Int

  init(_ inner: Node, number: Int) {
    self.inner = inner
    self.number = number
    super.init(at: inner.range)
  }

  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    let value = try inner.eval(frame)
    if case .bool(let flag) = value { frame.branches?.note(number, flag) }
    return value
  }

  override func evalBool(_ frame: Frame) throws(EvaluationError) -> Bool {
    let flag = try inner.evalBool(frame)
    frame.branches?.note(number, flag)
    return flag
  }
}

/// A query that a host runs, in a program whose parts are watched: the host's answer counts, and the same expression
/// runs in memory beside it, so that the parts of it are seen that the host evaluates by itself.
final class WatchedQueryNode: Node, @unchecked Sendable {
  private let query: Node
  private let inMemory: Node

  init(_ query: Node, inMemory: Node) {
    self.query = query
    self.inMemory = inMemory
    super.init(at: query.range)
  }

  override func eval(_ frame: Frame) throws(EvaluationError) -> Value {
    let value = try query.eval(frame)
    // What it gives is known already; only what it looks at is of interest.
    if frame.branches != nil { _ = try? inMemory.eval(frame) }
    return value
  }
}

extension Planner {
  /// Returns a node that is watched, where branches are numbered and the node is one.
  ///
  /// Literals are none, and a negation is the same branch as what it negates.
  func watched(_ node: Node, _ expr: Expr) -> Node {
    guard let branches, node.constant == nil, type(expr).nonNull == .bool else { return node }
    switch expr.kind {
    case .literal: return node
    case .call(let call) where call.function == "!_": return node
    default: return BranchNode(node, number: branches(parsed.source, expr.range))
    }
  }
}
