/// Makes nodes of a tree.
///
/// With what the checker found, most of the tree becomes nodes of known types; without, names and overloads are found
/// when it runs.
final class Planner {
  /// The layout that the programs of one frame share.
  final class Memory {
    var layout: FrameLayout
    init(_ layout: FrameLayout) { self.layout = layout }
  }

  /// A variable of a macro or of `cel.bind`.
  struct Local {
    /// Where its value is.
    enum Storage {
      case loop(LoopVariable)
      case slot(Int)
      case bound(slot: Int, state: Int)
    }

    let name: String
    let storage: Storage
  }

  let environment: CELEnvironment
  let parsed: ParsedExpr
  let checked: CheckedExpr?
  let memory: Memory
  let queries: (any QueryPlanner)?
  let isObserved: Bool
  /// Numbers the parts that are true or false; nil where nobody watches them.
  let branches: BranchNumbering?
  /// Whether macros are offered to the host.
  private var offersQueries = true
  /// The variables of macros around the place that is planned, innermost last.
  var locals: [Local] = []
  /// The record variable of the computed field that is planned, and its slot.
  var record: (name: String, slot: Int)?
  /// How many computed fields are planned inside each other.
  var depth = 0
  /// Parts of the tree for which a host gives the value.
  private var replacements: [Int: Node] = [:]
  /// Parts of chains for which a host has already said what it does.
  private var settled: Set<Int> = []
  /// How many parts that are offered to the host lie around the place that is planned.
  private var offers = 0
  /// The most of them: each part may be planned twice, beside its query and in what runs when that cannot.
  private static let mostOffers = 6

  init(
    _ environment: CELEnvironment, parsed: ParsedExpr, checked: CheckedExpr? = nil,
    layout: FrameLayout, queries: (any QueryPlanner)? = nil, isObserved: Bool = false,
    branches: BranchNumbering? = nil
  ) {
    self.environment = environment
    self.parsed = parsed
    self.checked = checked
    memory = Memory(layout)
    self.queries = queries
    self.isObserved = isObserved
    self.branches = branches
  }

  /// Creates the planner of a computed field inside another expression.
  init(_ environment: CELEnvironment, checked: CheckedExpr, inside outer: Planner) {
    self.environment = environment
    parsed = checked.parsed
    self.checked = checked
    memory = outer.memory
    queries = nil
    isObserved = false
    branches = nil
    depth = outer.depth + 1
  }

  /// Plans a node and all below it.
  func node(_ expr: Expr) -> Node { watched(bare(expr), expr) }

  private func bare(_ expr: Expr) -> Node {
    if let replacement = replacements[expr.id] { return replacement }
    if let hosted = hosted(expr) { return hosted }
    switch expr.kind {
    case .literal(let value, _):
      if case .constant(let adapted)? = reference(expr) {
        return ConstantNode(adapted, range: expr.range)
      }
      return ConstantNode(value, range: expr.range)
    case .name(let name, let isRooted): return self.name(expr, name, isRooted: isRooted)
    case .select(let select): return self.select(expr, select)
    case .call(let call): return self.call(expr, call)
    case .list(let elements): return list(expr, elements)
    case .map(let entries): return map(expr, entries)
    case .has(let select): return has(expr, select)
    case .comprehension(let loop): return comprehension(expr, loop)
    case .bind(let name, let value, let body):
      let value = node(value)
      let (slot, state) = (memory.layout.takeSlot(), memory.layout.takeSlot())
      locals.append(Local(name: name, storage: .bound(slot: slot, state: state)))
      defer { locals.removeLast() }
      return BindNode(
        slot: slot, state: state, value: value, body: node(body), range: expr.range)
    }
  }

  /// Plans an operand of a comparison or of logic: what an observed program notes.
  func operand(_ expr: Expr) -> Node { observed(node(expr)) }

  /// Returns a node that notes its value, where the program is observed.
  func observed(_ node: Node) -> Node {
    isObserved && node.constant == nil ? ObservedNode(node) : node
  }

  /// The type that the checker found; `dyn` for an unchecked text.
  func type(_ expr: Expr) -> CELType { checked?.types[expr.id] ?? .dyn }

  /// What the checker says that a node refers to.
  func reference(_ expr: Expr) -> CheckedExpr.Reference? { checked?.references[expr.id] }

  /// What was written for a node, for messages.
  func text(_ expr: Expr) -> String {
    let utf8 = parsed.source.text.utf8
    guard
      let start = utf8.index(
        utf8.startIndex, offsetBy: expr.range.lowerBound, limitedBy: utf8.endIndex),
      let end = utf8.index(start, offsetBy: expr.range.count, limitedBy: utf8.endIndex)
    else { return "" }
    return String(decoding: utf8[start..<end], as: UTF8.self)
  }

  // MARK: Queries

  /// Offers a macro or a chain of methods over a class or a relation to the host.
  private func hosted(_ expr: Expr) -> Node? {
    guard offersQueries, offers < Self.mostOffers, let queries, let checked,
      !settled.contains(expr.id)
    else { return nil }
    switch expr.kind {
    case .comprehension: break
    case .call(let call): if Self.receiver(call) == nil { return nil }
    default: return nil
    }
    guard let (innermost, chain) = source(expr) else { return nil }
    offers += 1
    defer { offers -= 1 }
    let plan = queries.plan(
      expr, in: checked, parameter: { self.node($0) }, inMemory: { self.declined(expr) })
    switch plan {
    case nil: return nil
    case .whole(let body): return besideMemory(HostNode(body: body, range: expr.range), expr)
    case .narrowed(let body):
      // Only while this part is planned: planned anew, its variables may have other places.
      let outer = settled
      settled.formUnion(chain)
      replacements[innermost.id] = HostNode(body: body, range: innermost.range)
      let narrowed = bare(expr)
      settled = outer
      replacements[innermost.id] = nil
      return besideMemory(narrowed, expr)
    }
  }

  /// Returns a query with the same expression in memory beside it, where its parts are watched.
  private func besideMemory(_ query: Node, _ expr: Expr) -> Node {
    guard branches != nil else { return query }
    offersQueries = false
    defer { offersQueries = true }
    return WatchedQueryNode(query, inMemory: bare(expr))
  }

  /// Plans an expression without offering it to the host; its parts are offered.
  private func declined(_ expr: Expr) -> Node {
    let isNew = settled.insert(expr.id).inserted
    defer { if isNew { settled.remove(expr.id) } }
    return node(expr)
  }

  /// What a method is called on; `size(x)` counts as one.
  private static func receiver(_ call: Expr.Call) -> Expr? {
    if let target = call.target { return target }
    return call.function == "size" && call.arguments.count == 1 ? call.arguments[0] : nil
  }

  /// Returns the class or relation that a chain begins with, and the parts of the chain.
  private func source(_ expr: Expr) -> (Expr, chain: [Int])? {
    var expr = expr
    var chain: [Int] = []
    while true {
      chain.append(expr.id)
      switch expr.kind {
      case .comprehension(let loop): expr = loop.target
      case .call(let call):
        guard let target = Self.receiver(call) else { return nil }
        expr = target
      case .name, .select:
        switch reference(expr) {
        case .variable(let variable)?:
          if case .collection = variable.storage { return (expr, chain) }
          return nil
        case .field(let field)?:
          if case .relation = field.access { return (expr, chain) }
          return nil
        default: return nil
        }
      default: return nil
      }
    }
  }

  // MARK: Literals

  private func list(_ expr: Expr, _ elements: [Expr.Element]) -> Node {
    let nodes = elements.map { (node: node($0.value), isOptional: $0.isOptional) }
    return folded(ListNode(nodes, range: expr.range), nodes.map(\.node))
  }

  private func map(_ expr: Expr, _ entries: [Expr.Entry]) -> Node {
    let nodes = entries.map {
      (key: node($0.key), value: node($0.value), isOptional: $0.isOptional)
    }
    return folded(MapNode(nodes, range: expr.range), nodes.flatMap { [$0.key, $0.value] })
  }

  /// How many steps may go into a constant.
  private static let foldingLimit = 10_000

  /// Returns the value of a node as a constant when all that it depends on is constant; an error is left for when it
  /// is reached.
  func folded(_ node: Node, _ parts: [Node]) -> Node {
    guard !isObserved, parts.allSatisfy({ $0.constant != nil }) else { return node }
    // What takes long is left for when it runs, under the limit that is set there.
    let frame = Frame(FrameLayout())
    frame.stepLimit = Self.foldingLimit
    do throws(EvaluationError) {
      return ConstantNode(try node.eval(frame), range: node.range)
    } catch {
      return node
    }
  }
}
