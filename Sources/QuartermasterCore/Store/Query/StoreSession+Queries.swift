internal import QuartermasterCEL

/// The prepared statements of queries on one connection, by the number of the query.
struct QueryStatements {
  private var statements: [Int: PreparedStatement] = [:]
  /// A program of a prompt leaves its statements behind; past this many all are prepared anew when needed.
  private static let limit = 4096

  mutating func statement(_ wanted: CompiledQuery.Statement, in session: StoreSession)
    throws(Refusal) -> PreparedStatement
  {
    if let found = statements[wanted.id], !found.isActive { return found }
    if statements.count >= Self.limit { removeIdle() }
    let made = try PreparedStatement(wanted.sql, session: session)
    statements[wanted.id] = made
    return made
  }

  private mutating func removeIdle() {
    for (id, statement) in statements where !statement.isActive {
      statement.finalize()
      statements[id] = nil
    }
  }

  /// Gives all statements back to SQLite.
  mutating func finalizeAll() {
    for statement in statements.values { statement.finalize() }
    statements = [:]
  }
}

extension StoreSession {
  /// Runs a query.
  ///
  /// - Parameters:
  ///   - query: The query.
  ///   - parameters: The values of its parameters.
  /// - Returns: The value of the sub-expression, or nil where SQL cannot say it with these values: then it runs in
  ///   memory.
  /// - Throws: What SQLite says when the file cannot be read.
  final func run(_ query: CompiledQuery, _ parameters: [Value]) throws(EvaluationError) -> Value? {
    do throws(Refusal) {
      for check in query.guards {
        let statement = try queries.statement(check, in: self)
        guard try bind(check, to: statement, parameters) else { return nil }
        let found = try statement.step()
        statement.reset()
        if found { return nil }
      }
      let statement = try queries.statement(query.statement, in: self)
      guard try bind(query.statement, to: statement, parameters),
        try bind(query.slice, of: query, to: statement, parameters)
      else { return nil }
      defer { statement.reset() }
      return try read(query, statement, parameters)
    } catch { throw error.evaluationError }
  }

  private func bind(
    _ wanted: CompiledQuery.Statement, to statement: PreparedStatement, _ parameters: [Value]
  ) throws(Refusal) -> Bool {
    var index: Int32 = 0
    for bound in wanted.bounds {
      index += 1
      switch bound {
      case .real(let number): try statement.bind(index, number)
      case .parameter(let binding):
        switch binding.stored(parameters[binding.parameter]) {
        case nil: return false
        case .null: try statement.bindNull(index)
        case .integer(let number): try statement.bind(index, number)
        case .real(let number): try statement.bind(index, number)
        case .text(let text): try statement.bind(index, text)
        }
      }
    }
    return true
  }

  /// A slice clamps both ends; SQLite clamps to the end of the rows by itself.
  private func bind(
    _ slice: (start: CompiledQuery.SliceBound, end: CompiledQuery.SliceBound)?,
    of query: CompiledQuery, to statement: PreparedStatement, _ parameters: [Value]
  ) throws(Refusal) -> Bool {
    guard let slice else { return true }
    guard let start = slice.start.value(parameters), let end = slice.end.value(parameters) else {
      return false
    }
    let offset = max(start, 0)
    var count = end > offset ? end - offset : 0
    switch query.shape {
    case .record, .value: count = min(count, 1)
    default: break
    }
    let index = Int32(query.statement.bounds.count)
    try statement.bind(index + 1, count)
    try statement.bind(index + 2, offset)
    return true
  }

  private func read(
    _ query: CompiledQuery, _ statement: PreparedStatement, _ parameters: [Value]
  ) throws(Refusal) -> Value? {
    switch query.shape {
    case .records(let type):
      var found: [Value] = []
      while try statement.step() { found.append(.record(try record(type, row: statement))) }
      return .list(found)
    case .record(let type):
      return try statement.step() ? .record(try record(type, row: statement)) : .null
    case .values(let reader):
      var found: [Value] = []
      while try statement.step() { found.append(try value(reader, statement)) }
      return .list(found)
    case .value(let reader):
      return try statement.step() ? try value(reader, statement) : .null
    case .count:
      return try statement.step() ? .int(statement.int(0)) : .int(0)
    case .presence(let wanted):
      return .bool(try statement.step() == wanted)
    case .uniqueness:
      let isThere = try statement.step()
      return .bool(isThere ? try !statement.step() : false)
    case .sum(let reader):
      guard try statement.stepComputing() else { return nil }
      return sum(reader, statement, columns: statement.columnCount)
    case .average(let reader, let places):
      guard try statement.stepComputing() else { return nil }
      let last = statement.columnCount - 1
      guard let total = sum(reader, statement, columns: last) else { return nil }
      return average(total, of: statement.int(last), places, parameters)
    }
  }

  private func value(_ reader: CompiledQuery.ColumnReader, _ statement: PreparedStatement)
    throws(Refusal) -> Value
  {
    guard let target = reader.target else { return try reader.codec.read(statement, 0) }
    return statement.isNull(0) ? .null : .record(record(target, id: 0, of: statement))
  }

  /// Adds the parts of a sum; nil on overflow, which is the language's to report.
  private func sum(
    _ reader: CompiledQuery.ColumnReader, _ statement: PreparedStatement, columns: Int32
  ) -> Value? {
    let isEmpty = statement.isNull(0)
    let (above, below) = (statement.int(0), columns > 1 ? statement.int(1) : 0)
    switch reader.codec {
    case .integer: return .int(above + below)
    case .decimal(let scale):
      return .decimal(
        isEmpty ? ExactDecimal(0) : ExactDecimal(coefficient: Int128(above), scale: scale))
    case .duration:
      guard TimeSpan(milliseconds: above) != nil, TimeSpan(milliseconds: below) != nil else {
        return nil
      }
      return TimeSpan(milliseconds: above + below).map(Value.duration)
    default: return nil
    }
  }

  private func average(
    _ total: Value, of count: Int64, _ places: CompiledQuery.SliceBound?, _ parameters: [Value]
  ) -> Value? {
    guard let places else {
      guard case .int(let number) = total else { return nil }
      return count == 0 ? .null : .double(Double(number) / Double(count))
    }
    guard let scale = places.value(parameters), scale >= 0, scale <= ExactDecimal.maximumScale
    else {
      return nil
    }
    if count == 0 { return .null }
    let exact: ExactDecimal
    switch total {
    case .int(let number): exact = ExactDecimal(number)
    case .decimal(let number): exact = number
    default: return nil
    }
    return exact.divided(by: ExactDecimal(count), scale: Int(scale)).map(Value.decimal)
  }
}

extension CompiledQuery.SliceBound {
  /// Returns the number, or nil when the parameter is none.
  func value(_ parameters: [Value]) -> Int64? {
    switch self {
    case .constant(let number): return number
    case .parameter(let place):
      guard case .int(let number) = parameters[place] else { return nil }
      return number
    }
  }
}
