import QuartermasterCEL

extension RuleChecker {
  /// Binds what a firing knows: the record and its versions, the time, who acts, the payload.
  func bindNames(_ trigger: CheckedTrigger) {
    point.bindClock()
    switch trigger {
    case .record(let record): bindRecord(record)
    case .schedule:
      for name in ["old", "new", "signal"] {
        point.scope.explainAbsence(of: name, "a schedule is woken by no change")
      }
    case .signal(let name):
      for name in ["old", "new"] {
        point.scope.explainAbsence(of: name, "a signal is no change of a record")
      }
      if let signal = context.schema.signals[name] { bindPayload(signal) }
    }
  }

  private func bindRecord(_ record: CheckedTrigger.Record) {
    let definition = record.subject
    let type = CELType.record(definition.name)
    let isDeleted = record.kinds == .deleted
    let isCreated = record.kinds == .created
    let isTimer = record.isTimed
    point.scope.explainAbsence(of: "signal", "the rule starts with a change")
    if isDeleted {
      let reason = "the record is gone; `old` is what it was"
      point.scope.explainAbsence(of: definition.variable, reason)
      point.scope.explainAbsence(of: "new", reason)
    } else {
      let place = point.frame.layout.takeRecord()
      point.frame.names.record = place
      point.scope.bind(definition.variable, type, .record(place))
    }
    if isTimer {
      let reason = "a timer's firing is no change; read the record itself"
      for name in ["old", "new"] { point.scope.explainAbsence(of: name, reason) }
    } else {
      if !isDeleted {
        let place = point.frame.layout.takeRecord()
        point.frame.names.new = place
        point.scope.bind("new", type, .record(place))
      }
      if isCreated {
        point.scope.explainAbsence(of: "old", "a record that was created has no old version")
      } else {
        let place = point.frame.layout.takeRecord()
        point.frame.names.old = place
        let mayBeNew = record.kinds.contains(.created)
        point.scope.bind("old", mayBeNew ? .nullable(type) : type, .record(place))
      }
    }
    point.subject = RuleSubject(
      definition: definition, live: isDeleted ? nil : definition.variable,
      hasNew: !isDeleted && !isTimer, hasOld: !isCreated && !isTimer)
    if syntax.phase == .before, !isDeleted, let open = context.openFields[definition.name] {
      point.scope.openFields(open, of: [definition.variable, "new"])
    }
  }

  private func bindPayload(_ signal: SignalDefinition) {
    for parameter in signal.parameters {
      var type = parameter.type.celType()
      if !parameter.isRequired { type = type.orNull }
      let place = point.frame.take(for: type)
      point.frame.names.payload[parameter.name] = place
      point.scope.bind("signal.\(parameter.name)", type, at: place)
    }
    if signal.parameters.isEmpty {
      point.scope.explainAbsence(of: "signal", "`\(signal.name)` carries nothing")
    }
  }
}
