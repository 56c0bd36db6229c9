internal import QuartermasterCEL

/// An action that runs: the rule, its memory, and the helpers that read slots.
struct ActionContext {
  let runtime: RuleRuntime
  /// The record that the firing is about, if any.
  let subject: Record?
  let action: CompiledAction
  /// The place of the action in its rule, from 0.
  let number: Int
  /// The row that a before rule may change.
  let incoming: Interpreter.IncomingRow?
  /// Adds what a new record needs and was not given; only steps of tests do that.
  var complete: ((ClassDefinition, [FieldAssignment]) throws(Refusal) -> [FieldAssignment])?

  /// Returns the value of a program in the firing's frame.
  func evaluate(_ program: Program, in interpreter: Interpreter) throws(Refusal) -> Value {
    do { return try program.root.eval(runtime.frame) } catch {
      throw refusal(error, program, in: interpreter)
    }
  }

  /// Returns whether a condition holds.
  func evaluateBool(_ program: Program, in interpreter: Interpreter) throws(Refusal) -> Bool {
    do { return try program.root.evalBool(runtime.frame) } catch {
      throw refusal(error, program, in: interpreter)
    }
  }

  /// Returns the record that a target names.
  func record(_ program: Program, _ verb: String, in interpreter: Interpreter) throws(Refusal)
    -> Record
  {
    let value = try evaluate(program, in: interpreter)
    if case .record(let record) = value {
      // `old` and `new` are versions; what is written is the record.
      return record.isPinned && incoming == nil
        ? interpreter.store.record(record.type, record.id) : record
    }
    throw error("\(verb) needs a record, not \(value.kindText)", program, in: interpreter)
  }

  /// Returns the value of a slot: a constant, a formula, or words.
  func value(of slot: CompiledSlot, in interpreter: Interpreter) throws(Refusal) -> Value {
    switch slot {
    case .constant(let value): return value
    case .formula(let program): return try evaluate(program, in: interpreter)
    case .text(let template):
      if template.isSingleHole, case .hole(let program)? = template.pieces.first {
        let value = try evaluate(program, in: interpreter)
        if case .null = value { return .null }
        return .string(try printed(value, program, in: interpreter))
      }
      return .string(try words(template, in: interpreter))
    }
  }

  /// Returns the words of a text slot with its holes filled.
  func words(_ template: TextTemplate, in interpreter: Interpreter) throws(Refusal) -> String {
    var text = ""
    for piece in template.pieces {
      switch piece {
      case .words(let words): text += words
      case .hole(let program):
        text += try printed(try evaluate(program, in: interpreter), program, in: interpreter)
      }
    }
    return text
  }

  /// Returns the values of assignments; all are evaluated before anything is written.
  func inputs(_ assignments: [CompiledAssignment], in interpreter: Interpreter) throws(Refusal)
    -> [(field: FieldDefinition, input: FieldInput)]
  {
    var inputs: [(field: FieldDefinition, input: FieldInput)] = []
    inputs.reserveCapacity(assignments.count)
    for assignment in assignments {
      inputs.append((assignment.field, .value(try value(of: assignment.slot, in: interpreter))))
    }
    return inputs
  }

  /// Returns the values of named arguments.
  func arguments(_ slots: [(name: String, slot: CompiledSlot)], in interpreter: Interpreter)
    throws(Refusal) -> [String: Value]
  {
    var values: [String: Value] = [:]
    for (name, slot) in slots { values[name] = try value(of: slot, in: interpreter) }
    return values
  }

  /// Returns a refusal that names the rule and the place of the action, where it does not name a rule already.
  func blamed(_ refusal: Refusal) -> Refusal {
    guard refusal.rule == nil, refusal.reason != .storage, !runtime.rule.isOfHost else {
      return refusal
    }
    var refusal = refusal
    refusal.rule = runtime.rule.name
    refusal.span = action.span
    return refusal
  }

  /// Makes a refusal about a part of the action.
  func error(_ message: String, _ program: Program, in interpreter: Interpreter) -> Refusal {
    refusal(EvaluationError(.invalidArgument, message), program, in: interpreter)
  }

  private func printed(_ value: Value, _ program: Program, in interpreter: Interpreter)
    throws(Refusal) -> String
  {
    do { return try value.printed() } catch { throw refusal(error, program, in: interpreter) }
  }

  private func refusal(_ error: EvaluationError, _ program: Program, in interpreter: Interpreter)
    -> Refusal
  {
    interpreter.refusal(error, in: runtime, about: subject, source: program.source)
  }
}

extension Value {
  /// The text under which a key of `once` is kept: the type and the value, so that `1` and `"1"` are two keys.
  var keyText: String { "\(typeName):\(description)" }
}
