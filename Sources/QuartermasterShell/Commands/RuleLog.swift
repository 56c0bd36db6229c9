internal import QuartermasterCEL
internal import QuartermasterCore

/// The rule sets that were in force, the last one first, with what each brought.
struct RuleLog {
  /// The rule sets.
  let archive: RuleArchive
  /// The words.
  let words: JournalText

  /// What a rule set has that the one before it had not.
  private struct Step {
    let row: RuleSetRow
    var added: [String] = [], removed: [String] = [], changed: [String] = []
    var off: [RuleSwitches.Switch] = []
    var on: [String] = []
  }

  /// Returns the answer.
  func answer(_ format: OutputFormat, _ width: Int) throws -> Reply {
    let steps = try self.steps()
    if format == .json { return Reply(QueryCommand.lines(.array(steps.reversed().map(json)))) }
    var text = ""
    for step in steps.reversed() {
      text += "\(step.row.number)  \(Plain.stamp(step.row.at, words.zone))\n"
      for line in lines(step) {
        for part in DisplayText.wrapped(line, to: width - 4) { text += "    \(part)\n" }
      }
    }
    return Reply(text)
  }

  private func lines(_ step: Step) -> [String] {
    var lines: [String] = []
    func add(_ word: String, _ names: [String]) {
      if !names.isEmpty { lines.append("\(word): \(names.joined(separator: ", "))") }
    }
    add("added", step.added)
    add("removed", step.removed)
    add("changed", step.changed)
    for off in step.off { lines.append("switched off by \(off.by): \(off.rule)") }
    add("switched on", step.on)
    return lines.isEmpty ? ["files changed, no rule did"] : lines
  }

  private func steps() throws -> [Step] {
    var steps: [Step] = []
    var before: RuleSetRow?
    for row in archive.all {
      var step = Step(row: row)
      let book = try archive.book(row)
      let old = try before.map { row throws(Refusal) in try archive.book(row) }
      for name in book.names {
        guard let lines = book[name]?.lines else { continue }
        if let was = old?[name] {
          if was.lines != lines { step.changed.append(name) }
        } else {
          step.added.append(name)
        }
      }
      step.removed = (old?.names ?? []).filter { book[$0] == nil }
      step.off = row.switches.items.filter { before?.switches[$0.rule] == nil }
      step.on = (before?.switches.items ?? []).map(\.rule)
        .filter { row.switches[$0] == nil && book[$0] != nil }
      steps.append(step)
      before = row
    }
    return steps
  }

  private func json(_ step: Step) -> JSONValue {
    func names(_ names: [String]) -> JSONValue { .array(names.map { .string($0) }) }
    return .object([
      ("ruleSet", .number(String(step.row.number))), ("at", .string(step.row.at.description)),
      ("added", names(step.added)), ("removed", names(step.removed)),
      ("changed", names(step.changed)),
      (
        "switchedOff",
        .array(step.off.map { .object([("rule", .string($0.rule)), ("by", .string($0.by))]) })
      ),
      ("switchedOn", names(step.on)),
    ])
  }
}

/// What differs between two rule sets, rule by rule.
struct RuleDiff {
  /// The rule sets.
  let archive: RuleArchive

  /// Returns the answer.
  ///
  /// - Parameters:
  ///   - from: The number of the older set; nil for the last one with another text than the newer.
  ///   - to: The number of the newer set; nil for the one in force.
  ///   - format: How it is printed.
  /// - Returns: A unified diff for each rule that differs.
  /// - Throws: ``CommandFailure`` when the file has no such set.
  func answer(from: Int64?, to: Int64?, _ format: OutputFormat) throws -> Reply {
    let new = try to.map(row) ?? archive.last
    guard let new else { throw CommandFailure(.failed, "the file has no rules yet") }
    let old: RuleSetRow
    if let from {
      old = try row(from)
    } else if let found = archive.all.last(where: { $0.number < new.number && $0.hash != new.hash })
    {
      old = found
    } else {
      return Reply("there is no rule set before \(new.number) with other rules\n")
    }
    let (was, book) = (try archive.book(old), try archive.book(new))
    var items: [JSONValue] = []
    var text = ""
    for name in book.names + was.names.filter({ book[$0] == nil }) {
      let (a, b) = (was[name]?.lines ?? [], book[name]?.lines ?? [])
      if a == b { continue }
      let diff = LineDiff.unified(a, b)
      let (before, after) = (was[name]?.place ?? "none", book[name]?.place ?? "none")
      text += "--- \(name)  \(before), rule set \(old.number)\n"
      text += "+++ \(name)  \(after), rule set \(new.number)\n"
      text += diff.map { DisplayText.oneLine($0) + "\n" }.joined()
      items.append(
        .object([
          ("rule", .string(name)),
          ("change", .string(a.isEmpty ? "added" : b.isEmpty ? "removed" : "changed")),
          ("from", .number(String(old.number))), ("to", .number(String(new.number))),
          ("diff", .array(diff.map { .string($0) })),
        ]))
    }
    if format == .json { return Reply(QueryCommand.lines(.array(items))) }
    return Reply(
      text.isEmpty ? "no rule differs between rule sets \(old.number) and \(new.number)\n" : text)
  }

  private func row(_ number: Int64) throws -> RuleSetRow {
    if let row = archive[number] { return row }
    let known = archive.all.map(\.number)
    let range = known.isEmpty ? "" : "; it has \(known[0]) to \(known[known.count - 1])"
    throw CommandFailure(.usage, "the file has no rule set \(number)\(range)")
  }
}
