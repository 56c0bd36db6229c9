/// Writes a query as SQL.
///
/// Bindings are numbered in the order of their first use, and those that are not used are left out, because a
/// translation that was given up may have made some.
struct SQLText {
  /// What a SELECT gives.
  enum Columns {
    /// A whole row, as ``ClassTable/selection`` has it.
    case row(ClassTable)
    /// One column or several, as text made by ``SQLText/name(_:)``.
    case expressions([ColumnExpression])
  }

  /// A column of a result.
  enum ColumnExpression {
    case column(ColumnKey)
    /// An aggregate or another function; `%` stands for the column.
    case function(String, ColumnKey)
    case text(String)
  }

  /// A SELECT with all its clauses.
  struct Select {
    var scope: TableScope
    var columns: Columns
    var conditions: [QueryCondition]
    /// One row for each value of a column.
    var groupBy: ColumnKey?
    var orderBy: [(ColumnExpression, isDescending: Bool)] = []
    var limit: Int64?
    var offset: Int64 = 0
    /// LIMIT and OFFSET come last among the bindings.
    var isSliced = false
  }

  /// A value that is bound.
  enum Bound: Equatable {
    /// The n-th binding of the translation.
    case binding(Int)
    /// A constant that cannot be written so that SQLite reads the same one back.
    case real(Double)
  }

  /// What is bound, in the order of its numbers.
  private(set) var used: [Bound] = []
  /// Whether each table counts the rows that are read of it, by calling the function `visit`; for tests.
  var countsVisits = false

  /// Returns an identifier as it is written.
  static func name(_ key: ColumnKey) -> String {
    alias(key.alias) + "." + ClassTable.quoted(key.name)
  }

  /// A single letter is no word of SQL and stands without quotes.
  static func alias(_ alias: String) -> String {
    alias.utf8.count == 1 && alias != "_" ? alias : ClassTable.quoted(alias)
  }

  // MARK: Statements

  /// Returns a SELECT.
  mutating func select(_ select: Select) -> String {
    var text = "SELECT " + columns(select.columns, of: select.scope)
    var aliases: Set<String> = []
    if case .expressions(let expressions) = select.columns {
      for expression in expressions { Self.collect(expression, into: &aliases) }
    }
    for (expression, _) in select.orderBy { Self.collect(expression, into: &aliases) }
    if let key = select.groupBy { aliases.insert(key.alias) }
    text += from(select.scope, select.conditions, used: aliases)
    if let key = select.groupBy { text += " GROUP BY " + Self.name(key) }
    if select.orderBy.count == 1, QueryShaping(select.conditions, of: select.scope).isRange {
      text += " ORDER BY +" + expression(select.orderBy[0].0)
      if select.orderBy[0].isDescending { text += " DESC" }
    } else if !select.orderBy.isEmpty {
      text +=
        " ORDER BY "
        + select.orderBy.map { self.expression($0) + ($1 ? " DESC" : "") }.joined(separator: ", ")
    }
    if let limit = select.limit { text += " LIMIT \(limit)" }
    if select.offset > 0 { text += " OFFSET \(select.offset)" }
    if select.isSliced { text += " LIMIT ?\(used.count + 1) OFFSET ?\(used.count + 2)" }
    return text
  }

  private func columns(_ columns: Columns, of scope: TableScope) -> String {
    switch columns {
    case .row(let table):
      (["objectId"] + table.columnNames + ["_last"]).map {
        Self.name(ColumnKey(alias: scope.alias, name: $0))
      }.joined(separator: ", ")
    case .expressions(let expressions):
      expressions.map(expression).joined(separator: ", ")
    }
  }

  private func expression(_ expression: ColumnExpression) -> String {
    switch expression {
    case .column(let key): Self.name(key)
    case .function(let pattern, let key):
      pattern.split(separator: "%", omittingEmptySubsequences: false)
        .joined(separator: Self.name(key))
    case .text(let text): text
    }
  }

  private static func collect(_ expression: ColumnExpression, into aliases: inout Set<String>) {
    switch expression {
    case .column(let key), .function(_, let key): aliases.insert(key.alias)
    case .text: break
    }
  }

  /// Returns FROM with the joins that something needs, and WHERE.
  private mutating func from(
    _ scope: TableScope, _ conditions: [QueryCondition], used aliases: Set<String>
  ) -> String {
    var aliases = aliases
    for condition in conditions { Self.collect(condition, into: &aliases) }
    for join in scope.joins.reversed() where aliases.contains(join.alias) {
      aliases.insert(join.parent.alias)
    }
    let joins = scope.joins.filter { aliases.contains($0.alias) }
    var text =
      " FROM " + ClassTable.quoted(scope.definition.name) + " AS " + Self.alias(scope.alias)
    for join in joins {
      let column = ColumnKey(alias: join.alias, name: join.column)
      text +=
        (join.isInner ? " JOIN " : " LEFT JOIN ") + ClassTable.quoted(join.definition.name)
        + " AS " + Self.alias(join.alias) + " ON " + Self.name(column) + " = "
        + Self.name(join.parent)
    }
    var parts: [String] = []
    if countsVisits {
      parts = ([scope.alias] + joins.map(\.alias)).map {
        "visit(\(Self.literal($0)), \(Self.alias($0)).rowid)"
      }
    }
    // The first condition of a relation names its owner. It stands beside one that is never true, too: where there is
    // no owner the relation is an error.
    for condition in QueryShaping(conditions, of: scope).shaped {
      parts.append(self.condition(condition, isPart: true))
    }
    return parts.isEmpty ? text : text + " WHERE " + parts.joined(separator: " AND ")
  }

  // MARK: Conditions

  private mutating func condition(_ condition: QueryCondition, isPart: Bool) -> String {
    switch condition {
    case .constant(let value): return value ? "1" : "0"
    case .compare(let left, let comparison, let right):
      let first = operand(left)
      return first + " " + comparison.rawValue + " " + operand(right)
    case .and(let parts):
      var texts: [String] = []
      for part in parts { texts.append(self.condition(part, isPart: true)) }
      let text = texts.joined(separator: " AND ")
      return isPart ? "(" + text + ")" : text
    case .or(let parts):
      var texts: [String] = []
      for part in parts { texts.append(self.condition(part, isPart: true)) }
      let text = texts.joined(separator: " OR ")
      return isPart ? "(" + text + ")" : text
    case .isListed(let key, let list, let isNegated):
      return Self.name(key) + (isNegated ? " NOT IN" : " IN")
        + " (SELECT value FROM json_each(" + operand(list) + "))"
    case .grants(let key, let right, let keys):
      if keys.isEmpty { return "0" }
      let arguments = [Self.name(key), Self.literal(right)] + keys.map(Self.literal)
      return GrantsFunction.name + "(" + arguments.joined(separator: ", ") + ")"
    case .isAmong(let key, let column, let select):
      return Self.name(key) + " IN (SELECT " + Self.name(column)
        + from(select.scope, select.conditions, used: [column.alias]) + ")"
    case .exists(let select, let isNegated):
      return (isNegated ? "NOT " : "") + "EXISTS (SELECT 1"
        + from(select.scope, select.conditions, used: []) + ")"
    }
  }

  private mutating func operand(_ operand: QueryOperand) -> String {
    switch operand {
    case .null: return "NULL"
    // The least integer cannot be written: its digits without the sign are one too many.
    case .integer(.min): return "(-9223372036854775807 - 1)"
    case .integer(let number): return "\(number)"
    case .real(let number): return real(number)
    case .text(let text): return Self.literal(text)
    case .key(let key): return Self.name(key)
    case .binding(let place): return bound(.binding(place))
    case .operation(let left, let sign, let right):
      let text = "(" + self.operand(left)
      return text + " \(sign) " + self.operand(right) + ")"
    case .unindexed(let operand): return "+" + self.operand(operand)
    case .typeName(let operand): return "typeof(" + self.operand(operand) + ")"
    case .position(let part, let whole):
      let text = self.operand(whole)
      return "instr(" + text + ", " + self.operand(part) + ")"
    case .count(let select):
      return "(SELECT COUNT(*)" + from(select.scope, select.conditions, used: []) + ")"
    }
  }

  private mutating func bound(_ value: Bound) -> String {
    if let number = used.firstIndex(of: value) { return "?\(number + 1)" }
    used.append(value)
    return "?\(used.count)"
  }

  /// Writes a whole double, and binds any other: SQLite reads digits a little less exactly than Swift.
  private mutating func real(_ number: Double) -> String {
    guard let whole = Int64(exactly: number), whole.magnitude < 1 << 53 else {
      return bound(.real(number))
    }
    return "\(whole).0"
  }

  /// Writes a text in quotes; one with a zero byte, which would end the statement, as its bytes.
  static func literal(_ text: String) -> String {
    if text.utf8.contains(0) {
      let digits = Array("0123456789ABCDEF".utf8)
      let bytes = text.utf8.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
      return "CAST(X'" + String(decoding: bytes, as: UTF8.self) + "' AS TEXT)"
    }
    // By bytes: a quote may be one character with the accent that follows it.
    var bytes: [UInt8] = [UInt8(ascii: "'")]
    for byte in text.utf8 {
      bytes.append(byte)
      if byte == UInt8(ascii: "'") { bytes.append(byte) }
    }
    bytes.append(UInt8(ascii: "'"))
    return String(decoding: bytes, as: UTF8.self)
  }

  // MARK: Tables in use

  static func collect(_ condition: QueryCondition, into aliases: inout Set<String>) {
    switch condition {
    case .constant: break
    case .compare(let left, _, let right):
      collect(left, into: &aliases)
      collect(right, into: &aliases)
    case .and(let parts), .or(let parts):
      for part in parts { collect(part, into: &aliases) }
    case .exists(let select, _): collect(select, into: &aliases)
    case .isListed(let key, let list, _):
      aliases.insert(key.alias)
      collect(list, into: &aliases)
    case .grants(let key, _, _): aliases.insert(key.alias)
    case .isAmong(let key, let column, let select):
      aliases.formUnion([key.alias, column.alias])
      collect(select, into: &aliases)
    }
  }

  private static func collect(_ operand: QueryOperand, into aliases: inout Set<String>) {
    switch operand {
    case .null, .integer, .real, .text, .binding: break
    case .key(let key): aliases.insert(key.alias)
    case .typeName(let operand), .unindexed(let operand): collect(operand, into: &aliases)
    case .operation(let left, _, let right):
      collect(left, into: &aliases)
      collect(right, into: &aliases)
    case .position(let part, let whole):
      collect(part, into: &aliases)
      collect(whole, into: &aliases)
    case .count(let select): collect(select, into: &aliases)
    }
  }

  private static func collect(_ select: SubSelect, into aliases: inout Set<String>) {
    for condition in select.conditions { collect(condition, into: &aliases) }
    for join in select.scope.joins { aliases.insert(join.parent.alias) }
  }
}

extension QueryCondition {
  /// The parts of a conjunction; of anything else, itself; of what is always true, nothing.
  var conjuncts: [QueryCondition] {
    switch self {
    case .constant(true): []
    case .and(let parts): parts
    default: [self]
    }
  }
}
