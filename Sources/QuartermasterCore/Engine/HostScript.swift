package import QuartermasterCEL

/// Verbs as in rule files that a host runs: the steps of a test, the lines at a prompt.
///
/// One memory serves them all,
/// so that a name that one of them binds is known to the next.
package final class HostScript {
  private let interpreter: Interpreter
  private let runtime: RuleRuntime
  private var number = 0

  /// Creates the memory of a script.
  ///
  /// - Parameters:
  ///   - interpreter: Where it runs.
  ///   - name: Who the messages that it sends are from.
  ///   - layout: What its verbs and formulas need.
  ///   - names: Where `now` and `actor` are.
  ///   - span: The script's place, for messages.
  package init(
    _ interpreter: Interpreter, name: String, layout: FrameLayout, names: RuleNames,
    span: SourceSpan
  ) {
    self.interpreter = interpreter
    let rule = CompiledRule(
      name: name, description: nil, index: CompiledRule.hostIndex, trigger: .signal(""),
      phase: .after, failure: .stop, conditions: [], actions: [], follows: [], readFields: [],
      layout: layout, names: names, lazySlots: [], span: span)
    runtime = RuleRuntime(
      rule, schema: interpreter.schema, host: interpreter.store, computed: interpreter.computed)
  }

  /// The memory.
  package var frame: Frame { runtime.frame }

  /// Puts `now` and `actor` into the memory.
  package func bindClock() {
    let names = runtime.rule.names
    if let k = names.now { frame.slots[k] = .timestamp(interpreter.now) }
    if let k = names.actorRecord { frame.records[k] = interpreter.actor }
  }

  /// Runs an action inside an operation.
  ///
  /// `complete`: Adds what a new record needs and was not given.
  /// - Throws: ``Refusal`` when the engine or the file refuses it.
  package func act(
    _ action: CompiledAction,
    complete: ((ClassDefinition, [FieldAssignment]) throws(Refusal) -> [FieldAssignment])? = nil
  ) throws(Refusal) {
    if let k = action.result { frame.records[k] = nil }
    let context = ActionContext(
      runtime: runtime, subject: nil, action: action, number: number, incoming: nil,
      complete: complete)
    number += 1
    try interpreter.act(context)
  }

  /// Returns the record that an expression names; null is nil.
  package func record(_ program: Program) throws(Refusal) -> Record? {
    switch try value(program) {
    case .record(let record): return record
    case .null: return nil
    case let other:
      throw Refusal(.error, "a record is needed here, not \(other.kindText)")
    }
  }

  /// Returns the value of a formula.
  package func value(_ program: Program) throws(Refusal) -> Value {
    do { return try program.root.eval(frame) } catch {
      throw interpreter.refusal(error, in: runtime, about: nil, source: program.source)
    }
  }

  /// Returns words with their holes filled.
  package func words(_ template: TextTemplate) throws(Refusal) -> String {
    var text = ""
    for piece in template.pieces {
      switch piece {
      case .words(let words): text += words
      case .hole(let program):
        let value = try value(program)
        do { text += try value.printed() } catch {
          throw interpreter.refusal(error, in: runtime, about: nil, source: program.source)
        }
      }
    }
    return text
  }

  /// Returns the values of assignments.
  package func inputs(_ assignments: [CompiledAssignment]) throws(Refusal) -> [FieldAssignment] {
    var inputs: [FieldAssignment] = []
    for assignment in assignments {
      let value: Value
      switch assignment.slot {
      case .constant(let constant): value = constant
      case .formula(let program): value = try self.value(program)
      case .text(let template):
        if template.isSingleHole, case .hole(let program)? = template.pieces.first,
          case .null = try self.value(program)
        {
          value = .null
        } else {
          value = .string(try words(template))
        }
      }
      inputs.append((assignment.field, .value(value)))
    }
    return inputs
  }
}

extension CompiledRule {
  /// The place of what stands for a rule when the host acts.
  static let hostIndex = -1

  /// Whether it stands for the host.
  var isOfHost: Bool { index == Self.hostIndex }
}
