internal import QuartermasterCEL
internal import QuartermasterCore

/// The answer of `why-not` in words: what stopped the rule, with values; then what it did do, and what was refused.
struct WhyNotText {
  /// The words.
  let words: JournalText
  /// The columns of a line.
  let width: Int
  /// The answer.
  let answer: WhyNot
  /// The record, as `Product/bolt`.
  let record: String
  /// Where the journal begins, as `begins with operation 13, on …`; nil when all operations are in it.
  let reach: String?

  /// The whole text.
  var text: String {
    var lines = [head]
    lines += gate.flatMap { wrapped($0) }
    if let condition { lines += values(condition) }
    lines += about
    lines += firings
    lines += beginning
    lines += refused
    return lines.map { DisplayText.oneLine($0) + "\n" }.joined()
  }

  private var head: String {
    let place = answer.place.map { " (\($0))" } ?? ""
    switch answer.gate {
    case .fired: return "\(answer.rule)\(place) did fire for \(words.labelled(record))"
    case .skipped, .onceSeen:
      return "\(answer.rule)\(place) fired for \(words.labelled(record)), and did nothing"
    default: return "\(answer.rule)\(place) did not fire for \(words.labelled(record))"
    }
  }

  /// What stopped it, a sentence each.
  private var gate: [String] {
    switch answer.gate {
    case .unknownRule: return ["No rule set of the file has this rule."]
    case .removed(let set, let at):
      return [
        "The rule is not in force: rule set \(set) was the last that had it, "
          + "until \(words.instant(at))."
      ]
    case .disabled(let place): return ["Its file switches it off: `enabled: false`, \(place)."]
    case .cannotRun(let place, let problem):
      return ["\(place) cannot run as it stands:"]
        + problem.split(separator: "\n").map { "  \($0)" }
    case .switchedOff(let off):
      return [
        "\(off.by) switched it off on \(words.instant(off.at)); "
          + "`rules enable \(answer.rule)` switches it on."
      ]
    case .unreadable:
      return [
        "The rule does not check against the schema of today; `quartermaster check` says why."
      ]
    case .otherClass(let name):
      return [
        "It is woken by records of \(name), and this is none; ask for the \(name) in question."
      ]
    case .notByRecord(let trigger, let next, let stopped):
      var lines = ["No record wakes it, but: \(trigger)."]
      if let next { lines.append("Its next turn is on \(words.instant(next)).") }
      if let stopped { lines.append("\(stopped.label) is false as things are now:") }
      return lines
    case .neverWritten: return ["The journal knows of no change of the record."]
    case .notInForce(let since):
      return [
        "When the record changed, the rule was not in force; it is since \(words.instant(since))."
      ]
    case .wasOff: return ["When the record changed, the rule was switched off."]
    case .withoutRules:
      return ["The change was loaded without rules: what they missed then is past."]
    case .kind(let trigger):
      return ["No change of the record is of the kind that wakes it: \(trigger)."]
    case .unchanged(let fields):
      let names = fields.joined(separator: ", ")
      let verb = fields.count == 1 ? "has" : "have"
      return ["\(names) \(verb) not changed in any operation of the journal."]
    case .isFalse: return ["becomes is not true\(answer.entry == nil ? " now" : ""):"]
    case .wasTrue:
      return [
        "becomes is true, and was so before the first change that the journal has; only a change "
          + "that makes it true fires the rule."
      ]
    case .conditionFalse(let item):
      return [
        "\(item.label) was false\(item.isExact ? "" : ", judged by what other records are now"):"
      ]
    case .fails(let item, let message): return ["\(item.label) cannot be judged: \(message)"]
    case .waits(let due, let since):
      return [
        "Its timer waits until \(words.instant(due)); it was started on \(words.instant(since))."
      ]
    case .noInstant: return ["`due` gives no instant for the record: there is no timer."]
    case .waitsForTurn: return ["It runs after the commit, and its turn has not come yet."]
    case .skipped(let message): return ["Its actions failed and were undone alone: \(message)"]
    case .onceSeen(let notes): return notes.map { "It was \($0)." }
    case .fired: return []
    case .open(let items):
      if items.isEmpty {
        return [
          "By the journal, this change should have woken it; it keeps what a record was before and "
            + "after an operation, not what it was in between."
        ]
      }
      let names = items.map(\.label).joined(separator: ", ")
      return [
        "Nothing stops it as things are now; \(names) reads other records, which may have been "
          + "different then."
      ]
    }
  }

  /// Where the journal begins, when what is not found may have been before.
  private var beginning: [String] {
    guard let reach, answer.reachesBeginning || answer.firings.isEmpty else { return [] }
    return ["The journal \(reach)."]
  }

  private var condition: WhyNot.Condition? {
    switch answer.gate {
    case .isFalse(let item), .conditionFalse(let item), .fails(let item, _): item
    case .wasTrue(let item), .notByRecord(_, _, let item): item
    default: nil
    }
  }

  private func values(_ item: WhyNot.Condition) -> [String] {
    var lines = DisplayText.wrapped(DisplayText.oneLine(item.text), to: width - 4).map {
      "    " + $0
    }
    lines[lines.count - 1] += "  (\(item.place))"
    let pairs = ValueText.pairs(item.operands.map { ($0.text, $0.value) }, width - 6)
    lines += pairs.split(separator: "\n").map { "      " + $0 }
    return lines
  }

  /// The operation that decided.
  private var about: [String] {
    guard let entry = answer.entry else { return [] }
    var lines = [
      "That was on \(words.instant(entry.at)) (operation \(entry.row), \(words.maker(entry)))."
    ]
    if let change = answer.change {
      lines.append("    " + DisplayText.clipped(words.line(change, in: entry), to: width - 4))
    }
    if let set = answer.olderSet {
      lines.append("Judged by the rule as it was then, in rule set \(set).")
    }
    return lines
  }

  private var firings: [String] {
    let shown = answer.firings.filter { $0.row != answer.entry?.row }
    guard let last = shown.first else {
      if answer.firings.isEmpty, answer.place != nil {
        return ["The journal has no firing of it for this record."]
      }
      return []
    }
    var lines = ["It fired on \(words.instant(last.at)) (operation \(last.row))."]
    for earlier in shown.dropFirst() {
      lines.append("Before that on \(words.instant(earlier.at)) (operation \(earlier.row)).")
    }
    return lines
  }

  private var refused: [String] {
    answer.refused.flatMap { refusal in
      let rule = refusal.rule.map { " by \($0)" } ?? ""
      return wrapped(
        "An operation with the record was refused\(rule) on \(words.instant(refusal.at)): "
          + refusal.message)
    }
  }

  private func wrapped(_ text: String) -> [String] {
    DisplayText.wrapped(text, to: width)
  }
}

/// The answer of `why-not` for programs.
struct WhyNotJSON {
  /// The answer.
  let answer: WhyNot
  /// The record, as `Product/bolt`.
  let record: String

  /// The answer as a value.
  var value: JSONValue {
    var members: [(key: String, value: JSONValue)] = [
      ("rule", .string(answer.rule)), ("record", .string(record)), ("gate", .string(gate)),
    ]
    if let place = answer.place { members.append(("place", .string(place))) }
    if let entry = answer.entry {
      members.append(("operation", .number(String(entry.row))))
      members.append(("at", .string(entry.at.description)))
    }
    if let set = answer.olderSet { members.append(("ruleSet", .number(String(set)))) }
    members += details
    members.append(
      (
        "firings",
        .array(
          answer.firings.map { fired in
            .object([
              ("operation", .number(String(fired.row))), ("at", .string(fired.at.description)),
              ("skipped", fired.firing.skipped.map { .string($0) } ?? .null),
            ])
          })
      ))
    members.append(("refused", .array(answer.refused.map(LogJSON.refused))))
    return .object(members)
  }

  /// A word for the gate.
  private var gate: String {
    switch answer.gate {
    case .unknownRule: "unknownRule"
    case .removed: "removed"
    case .disabled: "disabled"
    case .switchedOff: "switchedOff"
    case .cannotRun: "cannotRun"
    case .unreadable: "unreadable"
    case .otherClass: "otherClass"
    case .notByRecord: "notByRecord"
    case .neverWritten: "neverWritten"
    case .notInForce: "notInForce"
    case .wasOff: "wasOff"
    case .withoutRules: "withoutRules"
    case .kind: "kind"
    case .unchanged: "unchanged"
    case .isFalse: "becomesFalse"
    case .wasTrue: "becomesWasTrue"
    case .conditionFalse: "conditionFalse"
    case .fails: "fails"
    case .waits: "timerWaits"
    case .noInstant: "noInstant"
    case .waitsForTurn: "waitsForTurn"
    case .skipped: "skipped"
    case .onceSeen: "onceSeen"
    case .fired: "fired"
    case .open: "open"
    }
  }

  private var details: [(key: String, value: JSONValue)] {
    switch answer.gate {
    case .removed(let set, let at):
      return [("lastSet", .number(String(set))), ("until", .string(at.description))]
    case .switchedOff(let off):
      return [("by", .string(off.by)), ("since", .string(off.at.description))]
    case .cannotRun(let place, let problem):
      return [("place", .string(place)), ("problem", .string(problem))]
    case .otherClass(let name): return [("class", .string(name))]
    case .notByRecord(let trigger, let next, let item):
      return [
        ("trigger", .string(trigger)), ("next", next.map { .string($0.description) } ?? .null),
      ] + (item.map { [Self.item($0)] } ?? [])
    case .kind(let trigger): return [("trigger", .string(trigger))]
    case .unchanged(let fields): return [("fields", .array(fields.map { .string($0) }))]
    case .isFalse(let item), .conditionFalse(let item): return [Self.item(item)]
    case .fails(let item, let message): return [Self.item(item), ("message", .string(message))]
    case .wasTrue(let item): return item.map { [Self.item($0)] } ?? []
    case .waits(let due, let since):
      return [("due", .string(due.description)), ("since", .string(since.description))]
    case .notInForce(let since): return [("since", .string(since.description))]
    case .skipped(let message): return [("message", .string(message))]
    case .onceSeen(let notes): return [("notes", .array(notes.map { .string($0) }))]
    case .open(let items): return [("judgedNow", .array(items.map { .string($0.label) }))]
    default: return []
    }
  }

  private static func item(_ item: WhyNot.Condition) -> (key: String, value: JSONValue) {
    (
      "condition",
      .object([
        ("item", .string(item.label)), ("text", .string(item.text)), ("place", .string(item.place)),
        ("exact", .bool(item.isExact)),
        ("operands", .object(item.operands.map { ($0.text, .string($0.value)) })),
      ])
    )
  }
}
