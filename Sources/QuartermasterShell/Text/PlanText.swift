internal import QuartermasterCEL
internal import QuartermasterCore

/// A plan in words: what the rule is about, a table of what it would do, and what is left out.
struct PlanText {
  /// The plan.
  let plan: RulePlan
  /// Where the rule stands, and what wakes it, in words.
  let place: String, trigger: String
  /// The columns of a line.
  let width: Int
  /// Whether lines are broken, where a table would cut them.
  let isFull: Bool
  private let words: OutcomeText
  private let zone: Zone

  init(
    _ plan: RulePlan, _ schema: Schema, place: String, trigger: String, zone: Zone, width: Int,
    isFull: Bool
  ) {
    self.plan = plan
    self.place = place
    self.trigger = trigger
    self.zone = zone
    self.width = width
    self.isFull = isFull
    words = OutcomeText(plan.effects, schema, zone: zone)
  }

  /// The whole text.
  var text: String {
    var text = wrapped("\(plan.rule) (\(place)): \(trigger)")
    if let off = plan.off {
      text += wrapped("note: it is off: \(off); this is what it would do if it were on")
    }
    text += wrapped(head)
    if !plan.effects.isEmpty { text += "\n" + (isFull ? list : table) + "\n" }
    for line in notes { text += wrapped(line) }
    return text
  }

  /// What the rule is about, and how much of that there is.
  private var head: String {
    switch plan.subject {
    case .records(let name):
      let count = Plain.count(plan.matching, "record")
      let verb = plan.matching == 1 ? "satisfies" : "satisfy"
      if plan.isBefore {
        return
          "\(count) of \(name) \(verb) it now; it acts on records as they are written, and would do this if they "
          + "were written as they are"
      }
      return "\(count) of \(name) \(verb) it now"
    case .schedule: return "it runs by the clock; if it ran now, it would do this"
    case .signal(let name, let payload):
      let fields = payload.map { "\($0.name) (\($0.type))" }.joined(separator: ", ")
      let with = fields.isEmpty ? "" : ", which carries \(fields)"
      let example = payload.map { "\($0.name): …" }.joined(separator: " ")
      return
        "it waits for the signal \(name)\(with): nothing happens until somebody raises it, at the prompt with "
        + "`\(["signal", name, example].filter { !$0.isEmpty }.joined(separator: " "))` or with a line "
        + "{\"op\":\"signal\",\"name\":\"\(name)\"\(payload.isEmpty ? "" : ",\"fields\":{…}")} of a stream"
    case .deletion(let name):
      return "it waits for a record of \(name) to be deleted: what is gone satisfies nothing"
    }
  }

  private var table: String {
    var table = TextTable([
      .init(title: "record"), .init(title: "rule"), .init(title: "what it would do"),
    ])
    for effect in plan.effects {
      for (number, line) in words.lines(effect).enumerated() {
        table.add([number == 0 ? effect.record ?? "" : "", line.rule, line.text])
      }
    }
    return table.text(width: width)
  }

  private var list: String {
    var text = ""
    for effect in plan.effects {
      if let record = effect.record { text += record + "\n" }
      for line in words.lines(effect) {
        let rule = line.rule.isEmpty ? "" : "[\(line.rule)] "
        let lines = DisplayText.wrapped(rule + DisplayText.oneLine(line.text), to: width - 6)
        text += "  " + lines.joined(separator: "\n      ") + "\n"
      }
    }
    return text
  }

  private var notes: [String] {
    var notes: [String] = []
    let left = plan.matching - plan.effects.count
    if case .records = plan.subject, left > 0 {
      notes.append(
        "\(Plain.count(left, "more record")) \(left == 1 ? "satisfies" : "satisfy") it; --limit N tries it for more"
      )
    }
    if plan.waitingCount > 0 {
      let first = plan.waiting.prefix(3).map { "\($0.record) until \(Plain.stamp($0.due, zone))" }
      notes.append(
        "\(Plain.count(plan.waitingCount, "record")) more \(plan.waitingCount == 1 ? "has" : "have") a timer that "
          + "waits, and will fire by themselves: " + Self.list(first, of: plan.waitingCount))
    }
    if plan.firedBefore > 0 {
      notes.append("for \(Plain.count(plan.firedBefore, "record")) it has fired at their instant")
    }
    if plan.comingCount > 0 {
      notes.append(
        "\(Plain.count(plan.comingCount, "record")) have an instant that is still to come, and no timer: the next "
          + "change of such a record starts it")
    }
    if plan.unjudgedCount > 0 {
      let first = plan.unjudged.prefix(3).map { "\($0.record): \($0.message)" }
      notes.append(
        "\(Plain.count(plan.unjudgedCount, "record")) cannot be judged: "
          + Self.list(first, of: plan.unjudgedCount))
    }
    if plan.comparesVersions {
      notes.append(
        "the rule looks at `old`: where nothing changes, `old` is the record as it is")
    }
    if plan.hasOutsideChanges {
      notes.append(
        "another program wrote to the file; totals do not know of that before the next operation")
    }
    notes.append(ending)
    return notes
  }

  private static func list(_ first: [String], of count: Int) -> String {
    first.joined(separator: "; ") + (count > first.count ? "; …" : "")
  }

  private var ending: String {
    let isDoable =
      switch plan.subject {
      case .records: !plan.isBefore && plan.matching > 0
      case .schedule: true
      case .signal, .deletion: false
      }
    guard isDoable, plan.off == nil else { return "nothing was changed" }
    let each = if case .records = plan.subject { ", one operation for each record" } else { "" }
    return "nothing was changed; `quartermaster catch-up \(plan.rule)` does it\(each)"
  }

  private func wrapped(_ text: String) -> String {
    DisplayText.wrapped(DisplayText.oneLine(text), to: width).joined(separator: "\n  ") + "\n"
  }

  // MARK: For programs

  /// The plan as a value.
  var json: JSONValue {
    .object(
      [
        ("rule", .string(plan.rule)), ("file", .string(plan.span.file.name)),
        (
          "line",
          TestJSON.number(plan.span.file.position(of: plan.span.range.lowerBound).line)
        ),
        ("trigger", .string(trigger)), ("subject", subject),
        ("off", plan.off.map { .string($0) } ?? .null), ("before", .bool(plan.isBefore)),
        ("matching", TestJSON.number(plan.matching)),
        ("effects", .array(plan.effects.map(words.json))),
        (
          "waiting",
          counted(
            plan.waitingCount,
            plan.waiting.map {
              [("record", .string($0.record)), ("due", .string($0.due.description))]
            })
        ),
        ("firedBefore", TestJSON.number(plan.firedBefore)),
        ("coming", TestJSON.number(plan.comingCount)),
        (
          "unjudged",
          counted(
            plan.unjudgedCount,
            plan.unjudged.map {
              [("record", .string($0.record)), ("message", .string($0.message))]
            })
        ),
      ] as [(key: String, value: JSONValue)])
  }

  private var subject: JSONValue {
    switch plan.subject {
    case .records(let name): .object([("kind", .string("records")), ("class", .string(name))])
    case .schedule: .object([("kind", .string("schedule"))])
    case .signal(let name, let payload):
      .object([
        ("kind", .string("signal")), ("signal", .string(name)),
        ("payload", .object(payload.map { ($0.name, .string($0.type)) })),
      ])
    case .deletion(let name): .object([("kind", .string("deletion")), ("class", .string(name))])
    }
  }

  private func counted(_ count: Int, _ first: [[(key: String, value: JSONValue)]]) -> JSONValue {
    .object([("count", TestJSON.number(count)), ("first", .array(first.map { .object($0) }))])
  }
}
