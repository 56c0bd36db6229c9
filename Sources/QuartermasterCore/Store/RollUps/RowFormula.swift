internal import QuartermasterCEL

/// A planned expression over one row: a computed field or the condition of a roll-up.
final class RowFormula {
  private let program: Program
  private let frame: Frame

  /// Plans an expression whose one variable is the record of a class.
  init(_ checked: CheckedExpr, of owner: ClassDefinition, _ host: StoreSession) {
    var environment = CELEnvironment.quartermaster
    environment.recordTypes = host.schema
    var layout = FrameLayout()
    let place = layout.takeRecord()
    environment.declare(
      VariableDeclaration(owner.variable, .record(owner.name), storage: .record(place)))
    program = environment.plan(checked, layout: &layout)
    frame = Frame(layout, host: host)
  }

  /// Returns the value for a version of a record.
  func value(_ record: Record, _ row: Row) throws(Refusal) -> Value {
    frame.records[0] = Record(type: record.type, id: record.id, pinned: row)
    defer { frame.records[0] = nil }
    do { return try program.root.eval(frame) } catch {
      throw Refusal(
        .error,
        "\(record.type.name)/\(record.id): `\(program.source.text)` failed: \(error.message)")
    }
  }

  /// Returns whether a condition is true for a version of a record.
  func holds(_ record: Record, _ row: Row) throws(Refusal) -> Bool {
    if case .bool(let flag) = try value(record, row) { return flag }
    return false
  }
}
