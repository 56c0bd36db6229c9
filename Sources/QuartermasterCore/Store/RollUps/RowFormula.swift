internal import QuartermasterCEL

/// A planned expression over one row: a computed field or the condition of a roll-up.
final class RowFormula {
  private let program: Program
  private let frame: Frame
  private let owner: ClassDefinition

  /// Plans an expression whose one variable is the record of a class.
  init(_ checked: CheckedExpr, of owner: ClassDefinition, _ host: any RecordHost) throws(Refusal) {
    let source = checked.parsed.source
    program = Program(root: Node(range: 0..<0), type: checked.type, source: source, layout: FrameLayout())
    frame = Frame(program.layout, host: host)
    self.owner = owner
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
