internal import QuartermasterCEL

/// Makes of an expression that somebody wrote the one that gives what he may see.
///
/// Each class, relation and look-up becomes one over the records that he may read; a pointer to another record is null;
/// a field that is hidden from him is refused, or null in the records in which it is. What comes out is an expression
/// like any other: the same planner makes SQL of it, and the same program runs it in memory. Nothing else guards reads.
struct AccessRewriter {
  let view: AccessView
  let checked: CheckedExpr
  private var maker = NodeMaker()
  /// Numbers the names that are bound here; none can be written.
  private var bound = 0
  private(set) var diagnostics: [Diagnostic] = []
  /// Whether all records in it are found by it, so that each may be read: none is given from outside.
  private let findsAll: Bool
  private let isFew: AccessCondition.IsFew
  /// How many loops stand around the node that is rewritten.
  private var loops = 0
  /// How deep loops may stand in each other: planning one that does not depend on those around it costs twice as much
  /// with each level, and a stranger may ask.
  private static let mostLoops = 6

  /// Rewrites a checked expression.
  ///
  /// - Parameters:
  ///   - checked: What somebody wrote, checked.
  ///   - view: What he may see.
  ///   - isFew: Whether few records of a class point at him by a field, as it is now.
  /// - Returns: What is to be checked anew in ``environment(_:)``, and run.
  /// - Throws: The places of fields that are hidden from him.
  static func rewrite(
    _ checked: CheckedExpr, for view: AccessView,
    isFew: AccessCondition.IsFew = { _, _, _ in false }
  ) throws(DiagnosticList) -> ParsedExpr {
    // It is not called once this returns.
    let parsed = try withoutActuallyEscaping(isFew) { isFew in
      Result { () throws(DiagnosticList) in try rewritten(checked, view, isFew) }
    }
    return try parsed.get()
  }

  private static func rewritten(
    _ checked: CheckedExpr, _ view: AccessView, _ isFew: @escaping AccessCondition.IsFew
  ) throws(DiagnosticList) -> ParsedExpr {
    var rewriter = AccessRewriter(view: view, checked: checked, isFew: isFew)
    let root = rewriter.rewrite(checked.root)
    if !rewriter.diagnostics.isEmpty { throw DiagnosticList(rewriter.diagnostics) }
    return ParsedExpr(
      root: root, source: checked.parsed.source, nodeCount: rewriter.maker.count,
      levels: checked.parsed.levels + 2 * rewriter.bound + 16)
  }

  /// Returns an environment in which rewritten expressions are checked: what is null for somebody is not null by the
  /// schema.
  static func environment(_ environment: CELEnvironment) -> CELEnvironment {
    var environment = environment
    environment.libraries.append(.access)
    environment.checksNull = false
    environment.forbidsShadowing = false
    return environment
  }

  /// Returns the same with the variables that a checked expression names.
  static func environment(_ environment: CELEnvironment, of checked: CheckedExpr) -> CELEnvironment
  {
    var environment = self.environment(environment)
    for case .variable(let variable)? in checked.references {
      if case .collection = variable.storage { continue }
      environment.declare(variable)
    }
    return environment
  }

  private init(
    view: AccessView, checked: CheckedExpr, isFew: @escaping AccessCondition.IsFew
  ) {
    self.isFew = isFew
    self.view = view
    self.checked = checked
    findsAll = checked.references.allSatisfy { reference in
      guard case .variable(let variable)? = reference else { return true }
      if case .collection = variable.storage { return true }
      return Self.isPlain(variable.type)
    }
  }

  private static func isPlain(_ type: CELType) -> Bool {
    switch type.nonNull {
    case .string, .bool, .int, .uint, .double, .decimal, .bytes, .timestamp, .duration, .null:
      true
    default: false
    }
  }

  /// What is known of each record of a class that an expression can get hold of.
  private func known(of owner: ClassDefinition) -> AccessCondition {
    findsAll ? view[owner][.get] : .always
  }

  // MARK: Nodes

  private mutating func rewrite(_ expr: Expr) -> Expr {
    let outer = maker.range
    maker.range = expr.range
    defer { maker.range = outer }
    switch expr.kind {
    case .literal: return maker.make(expr.kind)
    case .name:
      if let type = collection(expr) { return extent(maker.make(expr.kind), type, .find) }
      return maker.make(expr.kind)
    case .select(let select): return rewriteSelect(expr, select)
    case .has(let select): return rewriteHas(expr, select)
    case .call(let call): return rewriteCall(expr, call)
    case .list(let elements):
      return maker.make(
        .list(elements.map { Expr.Element(value: rewrite($0.value), isOptional: $0.isOptional) }))
    case .map(let entries):
      return maker.make(
        .map(
          entries.map {
            Expr.Entry(
              key: rewrite($0.key), value: rewrite($0.value), isOptional: $0.isOptional)
          }))
    case .comprehension(let loop):
      let target = rewrite(loop.target)
      loops += 1
      defer { loops -= 1 }
      if loops == Self.mostLoops + 1 {
        report(
          "cel/depth", "loops stand in each other more than \(Self.mostLoops) deep; ask in steps",
          expr.range)
      }
      return maker.make(
        .comprehension(
          Expr.Comprehension(
            macro: loop.macro, target: target, variables: loop.variables,
            variableRanges: loop.variableRanges, filter: loop.filter.map { rewrite($0) },
            body: rewrite(loop.body), functionRange: loop.functionRange)))
    case .bind(let name, let value, let body):
      return maker.bind(name, rewrite(value), rewrite(body))
    }
  }

  /// The class whose records a name stands for, or nil.
  private func collection(_ expr: Expr) -> RecordType? {
    guard case .variable(let variable)? = checked.references[expr.id],
      case .collection(let type) = variable.storage
    else { return nil }
    return type
  }

  private func definition(_ type: RecordType) -> ClassDefinition { view.schema.classes[type.index] }

  // MARK: Records

  /// Keeps the records of a list that meet a condition.
  private mutating func kept(
    _ list: Expr, _ definition: ClassDefinition, _ condition: AccessCondition
  ) -> Expr {
    if condition == .always { return list }
    // It stands in its own condition alone, so it hides nothing.
    let name = definition.variable
    return maker.filter(
      list, name,
      condition.expr(on: name, definition, in: view.schema, &maker, isFew: isFew))
  }

  private mutating func extent(
    _ list: Expr, _ type: RecordType, _ verb: AccessPolicy.Verb
  ) -> Expr {
    kept(list, definition(type), view[type][verb])
  }

  /// Makes null of a record, or of a field of it, where a condition on the record does not hold.
  ///
  /// - Parameters:
  ///   - record: The record, or null.
  ///   - definition: Its class.
  ///   - condition: The condition.
  ///   - field: The field; nil for the record itself.
  /// - Returns: The expression.
  private mutating func masked(
    _ record: Expr, _ definition: ClassDefinition, _ condition: AccessCondition,
    field: String? = nil
  ) -> Expr {
    bound += 1
    let name = "@\(bound)"
    let test = condition.expr(on: name, definition, in: view.schema, &maker)
    let isThere = maker.call("_!=_", [maker.name(name), maker.literal(.null)])
    guard let field else {
      // Not `&&`, beside which an error of the record would not count.
      let seen = maker.call("_?:_", [test, maker.name(name), maker.literal(.null)])
      return maker.bind(
        name, record, maker.call("_?:_", [isThere, seen, maker.literal(.null)]))
    }
    // The field of null is the error that it is without permissions.
    let place = maker.range
    maker.range = record.range
    let owner = maker.name(name)
    maker.range = place
    let value = maker.select(owner, field)
    let isHidden = maker.call("_&&_", [isThere, maker.call("!_", [test])])
    return maker.bind(
      name, record, maker.call("_?:_", [isHidden, maker.literal(.null), value]))
  }

  // MARK: Fields

  /// A field that is selected, and what it is selected from.
  private struct Selection {
    let field: RecordField
    let owner: ClassDefinition
  }

  /// Returns what a selection refers to; nil for anything but a field of a record whose class is known.
  private func selection(_ expr: Expr, _ select: Expr.Select) -> Selection? {
    guard case .field(let field)? = checked.references[expr.id],
      case .record(let name) = checked.types[select.operand.id].nonNull,
      let owner = view.schema[name]
    else { return nil }
    return Selection(field: field, owner: owner)
  }

  private mutating func rewriteSelect(_ expr: Expr, _ select: Expr.Select) -> Expr {
    if let type = collection(expr) { return extent(renumbered(expr), type, .find) }
    switch checked.references[expr.id] {
    case .variable?, .constant?: return renumbered(expr)
    default: break
    }
    if let selection = selection(expr, select), !select.isOptional {
      return value(of: selection, select)
    }
    return maker.make(.select(plain(select, at: expr)))
  }

  /// Rewrites a selection from a map, or from what is known at run time alone: then it may be no record.
  private mutating func plain(_ select: Expr.Select, at expr: Expr) -> Expr.Select {
    if case .field? = checked.references[expr.id] {
      report(
        "access/dynamic",
        "`\(select.field)` is taken from what may be a record or nothing; write `.\(select.field)` after a test that it is there",
        select.fieldRange)
    }
    var operand = rewrite(select.operand)
    if Self.mayBeRecord(checked.types[select.operand.id]) {
      operand = maker.call(CELLibrary.plain, [operand])
    }
    return Expr.Select(
      operand: operand, field: select.field, fieldRange: select.fieldRange,
      isOptional: select.isOptional)
  }

  /// Whether a value of a type may turn out to be a record of a class that nobody knows.
  private static func mayBeRecord(_ type: CELType) -> Bool {
    switch type.nonNull {
    case .map, .list, .string, .bool, .int, .uint, .double, .decimal, .bytes, .timestamp,
      .duration, .null:
      false
    default: true
    }
  }

  /// Returns the value of a field as it may be seen.
  private mutating func value(of selection: Selection, _ select: Expr.Select) -> Expr {
    let (field, owner) = (selection.field, selection.owner)
    let visible = view.visibility(of: field.name, in: owner.recordType)
    if visible == .never {
      diagnostics.append(
        .hiddenField(
          owner.name, field.name, from: view.addressee,
          at: checked.parsed.source.span(select.fieldRange)))
      return maker.literal(.null)
    }
    let operand = rewrite(select.operand)
    func selected(_ maker: inout NodeMaker) -> Expr {
      maker.make(
        .select(
          Expr.Select(operand: operand, field: field.name, fieldRange: select.fieldRange)))
    }
    switch field.access {
    case .relation(let relation) where !relation.isUnique:
      // Hidden in some records: in those it has nothing.
      let list = selected(&maker)
      if visible != .always {
        report(
          "access/hidden-field",
          "\(owner.name).\(field.name) is hidden from \(view.addressee) in some records, and a relation cannot be null",
          select.fieldRange)
      }
      let condition = view.found(relation).left(
        knowing: known(of: owner), ofOwnerBy: pointer(relation))
      return kept(list, definition(relation.source), condition)
    case .relation(let relation):
      let record =
        visible == .always
        ? selected(&maker) : masked(operand, owner, visible, field: field.name)
      let condition = view.found(relation).left(
        knowing: known(of: owner), ofOwnerBy: pointer(relation))
      return condition == .always
        ? record : masked(record, definition(relation.source), condition)
    case .pointer(_, let target):
      let record =
        visible == .always
        ? selected(&maker) : masked(operand, owner, visible, field: field.name)
      let condition = view[target][.get].left(knowing: known(of: owner), through: field.name)
      return condition == .always ? record : masked(record, definition(target), condition)
    case .id, .stored, .computed:
      return visible == .always
        ? selected(&maker) : masked(operand, owner, visible, field: field.name)
    }
  }

  /// The pointer that a relation follows backwards.
  private func pointer(_ relation: RecordField.Relation) -> String {
    definition(relation.source).fields.first { $0.slot == relation.slot }?.name ?? ""
  }

  // MARK: Presence

  private mutating func rewriteHas(_ expr: Expr, _ select: Expr.Select) -> Expr {
    if case .variable? = checked.references[expr.id] {
      return maker.make(.has(renumbered(select)))
    }
    guard let selection = selection(expr, select) else {
      return maker.make(.has(plain(select, at: expr)))
    }
    let value = value(of: selection, select)
    // As it was: nothing of it is hidden.
    if case .select(let plain) = value.kind { return maker.make(.has(plain)) }
    if case .relation(let relation) = selection.field.access, !relation.isUnique {
      return maker.call("_>_", [maker.call("size", [value]), maker.literal(.int(0))])
    }
    return maker.call("_!=_", [value, maker.literal(.null)])
  }

  // MARK: Calls

  private mutating func rewriteCall(_ expr: Expr, _ call: Expr.Call) -> Expr {
    if let lookUp = rewriteLookUp(call) { return lookUp }
    if let size = rewriteSize(call) { return size }
    var target = call.target
    if let given = call.target {
      // The target of `math.abs(x)` is a part of the name.
      let isMethod =
        if case .overloads(let overloads)? = checked.references[expr.id] {
          overloads.contains(where: \.isMember)
        } else {
          true
        }
      target = isMethod ? rewrite(given) : renumbered(given)
    }
    return maker.make(
      .call(
        Expr.Call(
          target: target, function: call.function, functionRange: call.functionRange,
          arguments: call.arguments.map { rewrite($0) })))
  }

  /// Returns a name of a namespace as it is.
  private mutating func renumbered(_ expr: Expr) -> Expr {
    guard case .select(let select) = expr.kind else { return maker.make(expr.kind) }
    return maker.make(.select(renumbered(select)))
  }

  private mutating func renumbered(_ select: Expr.Select) -> Expr.Select {
    Expr.Select(
      operand: renumbered(select.operand), field: select.field, fieldRange: select.fieldRange,
      isOptional: select.isOptional)
  }

  /// `Order["1"]`: a record that may not be read is not there.
  private mutating func rewriteLookUp(_ call: Expr.Call) -> Expr? {
    guard call.target == nil, call.function == "_[_]", call.arguments.count == 2,
      let type = collection(call.arguments[0])
    else { return nil }
    let condition = view[type][.get]
    // Not a place in the list: that is one of the list as he sees it.
    let key = checked.types[call.arguments[1].id].nonNull
    guard key == .string else {
      if key == .dyn, condition != .always {
        report(
          "access/dynamic", "a record is looked up by its id, a text; write string(...) around it",
          call.arguments[1].range)
      }
      return nil
    }
    let record = maker.make(
      .call(
        Expr.Call(
          target: nil, function: call.function, functionRange: call.functionRange,
          arguments: [renumbered(call.arguments[0]), rewrite(call.arguments[1])])))
    return condition == .always ? record : masked(record, definition(type), condition)
  }

  /// `Order.size()`: the records that may be counted.
  private mutating func rewriteSize(_ call: Expr.Call) -> Expr? {
    guard call.function == "size" else { return nil }
    let list: Expr
    if let target = call.target, call.arguments.isEmpty {
      list = target
    } else if call.target == nil, call.arguments.count == 1 {
      list = call.arguments[0]
    } else {
      return nil
    }
    guard let type = collection(list) else { return nil }
    let range = maker.range
    maker.range = list.range
    let counted = extent(renumbered(list), type, .count)
    maker.range = range
    return maker.make(
      .call(
        Expr.Call(
          target: call.target == nil ? nil : counted, function: call.function,
          functionRange: call.functionRange, arguments: call.target == nil ? [counted] : [])))
  }

  private mutating func report(_ code: String, _ message: String, _ range: Range<Int>) {
    diagnostics.append(
      Diagnostic(.error, code, message, at: checked.parsed.source.span(range)))
  }
}

extension Diagnostic {
  static func hiddenField(
    _ className: String, _ field: String, from addressee: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "access/hidden-field", "\(className).\(field) is hidden from \(addressee)", at: span)
  }
}
