import QuartermasterCEL

extension TestSyntax {
  /// Returns the names of the rules that a test makes as records.
  func storedRuleNames(_ automations: ProjectSettings.Automations?) -> [String] {
    guard let automations else { return [] }
    var names: [String] = []
    let field = automations.fields[.name]
    func add(_ slots: [SlotSyntax]) {
      for slot in slots where slot.name.text == field {
        names.append(StoredRule.name(slot.value.text))
      }
    }
    for fixture in fixtures where fixture.className.text == automations.className {
      add(fixture.slots)
      names.append(StoredRule.name("\(automations.className)-\(fixture.id.text)"))
    }
    func look(_ step: StepSyntax) {
      switch step {
      case .act(let action):
        switch action.verb {
        case .create(_, let slots), .set(_, let slots): add(slots)
        case .ensure(_, let match, let slots): add(match + slots)
        default: break
        }
      case .together(let steps, _): steps.forEach(look)
      case .wait, .expect: break
      }
    }
    steps.forEach(look)
    return names
  }
}
