/// Names, chains of names, fields.
extension Checker {
  /// What a name or a chain of names is.
  private enum Meaning {
    case variable(VariableDeclaration)
    case type(CELType, name: String)
  }

  mutating func checkName(_ expr: Expr, _ name: String, isRooted: Bool) -> CELType {
    if !isRooted, let local = locals.last(where: { $0.name == name }) {
      references[expr.id] = .local(name)
      return narrowed(expr, local.type)
    }
    if let meaning = lookUp(name, isRooted: isRooted) { return refer(expr, to: meaning) }
    // Looking for what was meant takes longer than all else.
    if !isFull {
      report(
        .unknownName(name, closest: closestName(to: name), at: span(expr))
          .suggesting(name, among: namesMeant(by: name)))
    }
    return .error
  }

  private mutating func refer(_ expr: Expr, to meaning: Meaning) -> CELType {
    switch meaning {
    case .variable(let variable):
      references[expr.id] = .variable(variable)
      return narrowed(expr, variable.type)
    case .type(let type, let name):
      references[expr.id] = .constant(.type(TypeValue(name)))
      return .type(type)
    }
  }

  /// Returns the type of a name or field where it stands: without null where a condition excludes that.
  private func narrowed(_ expr: Expr, _ type: CELType) -> CELType {
    guard case .nullable(let inner) = type, !facts.isEmpty,
      let path = FactFinder(types: types, references: references).path(expr),
      facts.paths.contains(path)
    else { return type }
    return inner
  }

  /// Finds a variable, class or type: in the container, in what is around it, then among all.
  private func lookUp(_ name: String, isRooted: Bool) -> Meaning? {
    if !isRooted, !environment.container.isEmpty {
      var container = environment.container[...]
      while true {
        if let found = lookUp(exactly: container + "." + name) { return found }
        guard let dot = container.lastIndex(of: ".") else { break }
        container = container[..<dot]
      }
    }
    return lookUp(exactly: name)
  }

  private func lookUp(exactly name: String) -> Meaning? {
    if let variable = environment.variables[name] { return .variable(variable) }
    if let record = environment.recordTypes?.recordType(named: name) {
      return .variable(
        VariableDeclaration(name, .list(.record(name)), storage: .collection(record)))
    }
    if let type = environment.functions.typeNames[name] { return .type(type, name: name) }
    return nil
  }

  /// Returns whether a name means something already, so that a local of this name would hide it.
  func isTaken(_ name: String) -> Bool {
    locals.contains { $0.name == name } || environment.variables[name] != nil
      || environment.recordTypes?.recordType(named: name) != nil
  }

  /// Returns a chain of plain names that begins with no local, such as `a.b.c`, as one text.
  func qualifiedName(_ expr: Expr) -> (name: String, isRooted: Bool)? {
    switch expr.kind {
    case .name(let name, let isRooted):
      return !isRooted && locals.contains { $0.name == name } ? nil : (name, isRooted)
    case .select(let select) where !select.isOptional:
      return qualifiedName(select.operand).map { ($0.name + "." + select.field, $0.isRooted) }
    default: return nil
    }
  }

  /// Returns the first name of a chain of plain names.
  private func rootName(_ expr: Expr) -> String? {
    var expr = expr
    while true {
      switch expr.kind {
      case .name(let name, _): return name
      case .select(let select) where !select.isOptional: expr = select.operand
      default: return nil
      }
    }
  }

  /// Returns what a whole chain means when it is one name; the longest name wins over a field of a shorter one.
  private func qualifiedMeaning(_ expr: Expr) -> Meaning? {
    guard let root = rootName(expr),
      !environment.container.isEmpty || qualifiedRoots.contains(root),
      let (name, isRooted) = qualifiedName(expr)
    else { return nil }
    return lookUp(name, isRooted: isRooted)
  }

  // MARK: Fields

  mutating func checkSelect(_ expr: Expr, _ select: Expr.Select) -> CELType {
    if !select.isOptional, let meaning = qualifiedMeaning(expr) { return refer(expr, to: meaning) }
    if reportUnknownPart(expr, select) { return .error }
    let operand = check(select.operand)
    let field = self.field(expr, select, of: operand)
    if select.isOptional {
      if case .optional = field { return field }
      return field == .error ? .error : .optional(field.nonNull)
    }
    return narrowed(expr, field)
  }

  /// Reports `signal.bni` where `signal` is no name but the first part of some, such as `signal.bin`.
  private mutating func reportUnknownPart(_ expr: Expr, _ select: Expr.Select) -> Bool {
    guard case .name(let root, let isRooted) = select.operand.kind, qualifiedRoots.contains(root),
      !locals.contains(where: { $0.name == root }), lookUp(root, isRooted: isRooted) == nil
    else { return false }
    let parts = environment.variables.keys.filter { $0.hasPrefix(root + ".") }
      .map { String($0.dropFirst(root.count + 1)) }
    if parts.isEmpty { return false }
    let closest = Suggestion.closest(to: select.field, among: parts)
    report(
      .unknownField(root, select.field, of: root, closest: closest, at: span(expr))
        .suggesting(select.field, among: parts))
    return true
  }

  mutating func checkHas(_ expr: Expr, _ select: Expr.Select) -> CELType {
    if let root = rootName(select.operand), qualifiedRoots.contains(root),
      let (name, isRooted) = qualifiedName(select.operand),
      case .variable(let variable)? = lookUp(name + "." + select.field, isRooted: isRooted)
    {
      references[expr.id] = .variable(variable)
      return .bool
    }
    _ = field(expr, select, of: check(select.operand))
    return .bool
  }

  /// Finds a field and notes it as what `expr` refers to; returns its type.
  private mutating func field(_ expr: Expr, _ select: Expr.Select, of type: CELType) -> CELType {
    switch unifier.head(type) {
    case .dyn, .parameter: return .dyn
    case .error: return .error
    case .optional(let inner):
      let type = field(expr, select, of: inner)
      if case .optional = type { return type }
      return type == .error ? .error : .optional(type.nonNull)
    case .nullable(let inner):
      reportNullable(select.operand)
      return field(expr, select, of: inner)
    case .map(let key, let value):
      if unifier.assign(.string, to: key) { return value }
      report(
        .noField(
          select.field, text(select.operand), .map(key: key, value: value), hint: nil,
          at: source.span(select.fieldRange)))
      return .error
    case .record(let name):
      guard let record = environment.recordTypes?.recordType(named: name) else { return .dyn }
      if let found = record.fields[select.field] {
        references[expr.id] = .field(found)
        return isOpen(select) ? found.type.orNull : found.type
      }
      let place = select.operand.range.lowerBound..<select.fieldRange.upperBound
      if record.unreadable.contains(select.field) {
        report(.unreadableField(text(select.operand), select.field, at: source.span(place)))
        return .error
      }
      let closest = Suggestion.closest(to: select.field, among: record.fields.keys)
      report(
        .unknownField(
          text(select.operand), select.field, of: name, closest: closest, at: source.span(place)
        ).suggesting(select.field, among: record.fields.keys))
      return .error
    case let other:
      report(
        .noField(
          select.field, text(select.operand), other, hint: fieldHint(select, of: other),
          at: source.span(select.fieldRange)))
      return .error
    }
  }

  /// Returns whether a field may be null where it is selected, whatever its type says.
  private func isOpen(_ select: Expr.Select) -> Bool {
    guard !environment.openFields.isEmpty,
      case .variable(let variable)? = references[select.operand.id]
    else { return false }
    return environment.openFields[variable.name]?.contains(select.field) ?? false
  }

  /// What somebody may have meant who selects a field of something that has none.
  private func fieldHint(_ select: Expr.Select, of type: CELType) -> String? {
    if environment.overloads(of: select.field).contains(where: \.isMember) {
      return "write \(text(select.operand)).\(select.field)() to call the method"
    }
    if case .list(.record(let name)) = type,
      environment.recordTypes?.recordType(named: name)?.fields[select.field] != nil
    {
      return "take it of each: \(text(select.operand)).map(x, x.\(select.field))"
    }
    return nil
  }

  // MARK: Suggestions

  private var namesInScope: [String] {
    locals.map(\.name) + environment.variables.keys
      + (environment.recordTypes?.recordTypeNames ?? [])
  }

  /// Returns the names in scope, unless a field of this name could be meant just as well.
  private func namesMeant(by name: String) -> [String] {
    for variable in environment.variables.values {
      guard case .record(let className) = variable.type.nonNull else { continue }
      let fields = environment.recordTypes?.recordType(named: className)?.fields ?? [:]
      if fields[name] != nil || Suggestion.closest(to: name, among: fields.keys) != nil {
        return []
      }
    }
    return namesInScope
  }

  /// Returns the name that was meant: a name in scope, or a field of a record in scope.
  private func closestName(to name: String) -> String? {
    let records = environment.variables.values
      .compactMap { variable -> (variable: String, type: RecordType)? in
        guard case .record(let name) = variable.type.nonNull,
          let type = environment.recordTypes?.recordType(named: name)
        else { return nil }
        return (variable.name, type)
      }
      // The record itself before `old` and `new`.
      .sorted { a, b in
        let (x, y) = (a.variable == a.type.variable, b.variable == b.type.variable)
        return x != y ? x : a.variable < b.variable
      }
    if let owner = records.first(where: { $0.type.fields[name] != nil }) {
      return owner.variable + "." + name
    }
    if let close = Suggestion.closest(to: name, among: namesInScope) { return close }
    for owner in records {
      if let field = Suggestion.closest(to: name, among: owner.type.fields.keys) {
        return owner.variable + "." + field
      }
    }
    return nil
  }
}
