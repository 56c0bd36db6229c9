internal import QuartermasterCEL

/// A planned expression over one row: a computed field or the condition of a roll-up.
final class RowFormula {
  private let program: RecordProgram

  /// Plans an expression whose one variable is the record of a class.
  init(_ checked: CheckedExpr, of owner: ClassDefinition, _ host: StoreSession) {
    var environment = CELEnvironment.quartermaster
    environment.recordTypes = host.schema
    var layout = FrameLayout()
    let place = layout.takeRecord()
    environment.declare(
      VariableDeclaration(owner.variable, .record(owner.name), storage: .record(place)))
    program = RecordProgram(environment.plan(checked, layout: &layout), host: host)
  }

  /// Returns the value for a version of a record.
  func value(_ record: Record, _ row: Row) throws(Refusal) -> Value {
    do { return try program.value(of: Self.version(record, row)) } catch {
      throw failure(error, record)
    }
  }

  /// Returns whether a condition is true for a version of a record.
  func holds(_ record: Record, _ row: Row) throws(Refusal) -> Bool {
    if case .bool(let flag) = try value(record, row) { return flag }
    return false
  }

  private static func version(_ record: Record, _ row: Row) -> Record {
    Record(type: record.type, id: record.id, pinned: row)
  }

  private func failure(_ error: EvaluationError, _ record: Record) -> Refusal {
    Refusal(
      .error,
      "\(record.type.name)/\(record.id): `\(program.program.source.text)` failed: "
        + error.message)
  }
}
