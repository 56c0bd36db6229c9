import Synchronization

/// The checked forms of a class's computed fields, made once per class.
final class ComputedFields: Sendable {
  private struct Known {
    var checked: [String: Result<CheckedExpr, DiagnosticList>] = [:]
    var programs: [String: Program] = [:]
  }

  private let known = Mutex(Known())

  /// The scope of the expression of a computed field: the record alone.
  static func environment(of type: RecordType) -> CELEnvironment {
    var environment = CELEnvironment.quartermaster
    environment.recordTypes = OneType(type: type)
    environment.declare(
      VariableDeclaration(type.variable, .record(type.name), storage: .record(0)))
    return environment
  }

  /// Returns the checked form of a field's expression.
  func checked(
    _ field: RecordField, _ parsed: ParsedExpr, in type: RecordType
  ) -> Result<CheckedExpr, DiagnosticList> {
    if let found = known.withLock({ $0.checked[field.name] }) { return found }
    let made: Result<CheckedExpr, DiagnosticList>
    do throws(DiagnosticList) {
      made = .success(try Self.environment(of: type).check(parsed))
    } catch {
      made = .failure(error)
    }
    known.withLock { $0.checked[field.name] = made }
    return made
  }

  /// Returns a program for a field, whose record is the frame's first: for values whose type is not known before.
  func program(of field: RecordField, _ parsed: ParsedExpr, in type: RecordType) -> Program {
    if let found = known.withLock({ $0.programs[field.name] }) { return found }
    var layout = FrameLayout()
    _ = layout.takeRecord()
    let planner = Planner(Self.environment(of: type), parsed: parsed, layout: layout)
    let body = planner.computed(field, parsed, of: type, slot: 0, range: parsed.root.range)
    let program = Program(
      root: body, type: field.type, source: parsed.source, layout: planner.memory.layout)
    known.withLock { $0.programs[field.name] = program }
    return program
  }

  /// A provider of one class.
  ///
  /// Computed fields read their own row only.
  private struct OneType: RecordTypeProvider {
    let type: RecordType
    func recordType(named name: String) -> RecordType? { name == type.name ? type : nil }
    var recordTypeNames: [String] { [type.name] }
  }
}
