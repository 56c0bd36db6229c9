internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster catch-up RULE`: fires a rule on purpose for the records that satisfy it, one operation each.
public struct CatchUpCommand: Sendable {
  /// The name of the rule.
  public var rule: String
  /// In whose name, for the journal.
  public var by: String
  /// Who acts, as rules see it, as `User/ann`; nil for the system.
  public var actor: String?
  /// Whether nobody is asked first.
  public var isSure = false
  /// How many refused records are printed; the others are counted.
  public var shownRefusals = 100
  /// The project folder.
  public var folder = "."
  /// How the report is printed.
  public var format = OutputFormat.text

  /// Creates the command for a rule, in somebody's name.
  public init(_ rule: String, by: String) {
    self.rule = rule
    self.by = by
  }

  /// Runs the command; it fails when an operation was refused.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      let folder = try ProjectFolder(self.folder, context)
      let rules = try folder.rules()
      let actor = try acting()
      let plan = try folder.plan(rule, rules, limit: 0)
      if case .records = plan.subject, plan.off == nil, !plan.isBefore {
        if plan.matching == 0 { return nothing(plan) }
        try ask(plan, context)
      } else if case .schedule = plan.subject, plan.off == nil {
        try ask(plan, context)
      }
      let engine = try folder.openEngine(rules)
      let published = engine.publishedRules ? engine.ruleNumber : nil
      let report: CatchUpReport
      do {
        report = try engine.catchUp(rule: rule, by: by, actor: actor) { progress in
          context.progress(
            CommandProgress(
              activity: "catching up with \(rule)",
              fraction: Double(progress.done) / Double(max(progress.total, 1)),
              detail: "\(Plain.count(progress.done)) of \(Plain.count(progress.total))"))
        }
      } catch let refusal as Refusal {
        // What was refused is told; a file that does not close after it adds nothing.
        try? engine.close()
        throw ProjectFolder.previewFailure(refusal)
      }
      try engine.close()
      return reply(report, published)
    }
  }

  private func acting() throws(CommandFailure) -> (className: String, id: String)? {
    guard let actor else { return nil }
    let parts = actor.split(separator: "/", maxSplits: 1)
    guard parts.count == 2 else {
      throw CommandFailure(.usage, "--actor needs a record of the class User, such as User/ann")
    }
    return (String(parts[0]), String(parts[1]))
  }

  private func ask(_ plan: RulePlan, _ context: ShellContext) throws(CommandFailure) {
    if isSure { return }
    guard let confirm = context.confirm else {
      throw CommandFailure(
        .usage,
        "catch-up changes the data file, and there is nobody to ask here; "
          + "look at `quartermaster plan \(rule)`, then give --yes")
    }
    let question =
      if case .records(let name) = plan.subject {
        "\(Plain.count(plan.matching, "record")) of \(name) \(plan.matching == 1 ? "satisfies" : "satisfy") "
          + "\(rule) now. Fire it for \(plan.matching == 1 ? "it" : "each of them")?"
      } else { "\(rule) runs by the clock. Run it once, now?" }
    if !confirm(question) { throw CommandFailure(.failed, "nothing was done") }
  }

  private func nothing(_ plan: RulePlan) -> Reply {
    let report = CatchUpReport(rule: rule, waiting: plan.waitingCount, unjudged: plan.unjudgedCount)
    if format == .json { return Reply(JSONWriter.text(json(report, nil)) + "\n") }
    return Reply("no record satisfies \(rule) now: nothing was done\n" + leftAlone(report))
  }

  // MARK: The report

  private func reply(_ report: CatchUpReport, _ published: Int64?) -> Reply {
    let status: ExitStatus = report.refusedCount > 0 ? .failed : .done
    if format == .json {
      return Reply(JSONWriter.text(json(report, published)) + "\n", status: status)
    }
    var text = published.map { "rules in force: number \($0)\n" } ?? ""
    if report.matching == 1, report.refusedCount == 0, report.fired == 1 {
      text += "\(rule) fired once"
    } else {
      text +=
        "\(rule) fired for \(Plain.count(report.fired)) of \(Plain.count(report.matching, "record"))"
    }
    if let rows = report.rows {
      text +=
        rows.count == 1
        ? " (operation \(rows.lowerBound))"
        : " (operations \(rows.lowerBound) to \(rows.upperBound))"
    }
    text += ", in the name of \(by)\n"
    if report.skipped > 0 {
      text += "its actions were undone alone for \(Plain.count(report.skipped))\n"
    }
    if report.passed > 0 {
      text +=
        "\(Plain.count(report.passed)) did not satisfy it any more when their turn came\n"
    }
    return Reply(text + leftAlone(report), errors: refusals(report), status: status)
  }

  private func leftAlone(_ report: CatchUpReport) -> String {
    var text = ""
    if report.waiting > 0 {
      text += "left alone, because a timer of theirs waits: \(Plain.count(report.waiting))\n"
    }
    if report.unjudged > 0 {
      text +=
        "cannot be judged: \(Plain.count(report.unjudged)); `quartermaster plan \(rule)` says why\n"
    }
    return text
  }

  private func refusals(_ report: CatchUpReport) -> String {
    if report.refusedCount == 0 { return "" }
    var text = "refused: \(Plain.count(report.refusedCount))\n"
    for (record, refusal) in report.refused.prefix(shownRefusals) {
      text += "  " + DisplayText.oneLine("\(record ?? rule): \(refusal.sentence)") + "\n"
    }
    let left = report.refusedCount - min(report.refused.count, shownRefusals)
    if left > 0 {
      text += "  … and \(Plain.count(left)) more; `quartermaster log --refused` lists all\n"
    }
    return text
  }

  private func json(_ report: CatchUpReport, _ published: Int64?) -> JSONValue {
    .object([
      ("rule", .string(report.rule)), ("by", .string(by)),
      ("matching", TestJSON.number(report.matching)), ("fired", TestJSON.number(report.fired)),
      ("skipped", TestJSON.number(report.skipped)), ("passed", TestJSON.number(report.passed)),
      ("waiting", TestJSON.number(report.waiting)), ("unjudged", TestJSON.number(report.unjudged)),
      ("refused", TestJSON.number(report.refusedCount)),
      (
        "refusals",
        .array(
          report.refused.prefix(shownRefusals).map { record, refusal in
            .object([
              ("record", record.map { .string($0) } ?? .null),
              ("reason", .string(refusal.reason.rawValue)), ("message", .string(refusal.message)),
              ("rule", refusal.rule.map { .string($0) } ?? .null),
            ])
          })
      ),
      (
        "operations",
        report.rows.map {
          .array([.number(String($0.lowerBound)), .number(String($0.upperBound))])
        } ?? .null
      ),
      ("published", published.map { .number(String($0)) } ?? .null),
    ])
  }
}
