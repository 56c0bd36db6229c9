internal import QuartermasterCEL
internal import QuartermasterCore

/// The events of a run as lines.
struct RunLines: Sendable {
  private let format: OutputFormat
  private let zone: Zone
  private let context: ShellContext

  init(_ format: OutputFormat, _ settings: ProjectSettings, _ context: ShellContext) {
    self.format = format
    self.context = context
    zone = Zone.named(settings.zone) ?? .utc
  }

  /// Says that opening put other rules in force.
  func published(_ number: Int64) {
    say("published", "rules published as number \(number)", [("rules", number.json)])
  }

  /// Says what happened.
  func tell(_ event: RunEvent) {
    switch event {
    case .started(let number, let count):
      say(
        "started", "started: rules \(number) in force (\(Plain.count(count, "rule")))",
        [("rules", number.json), ("count", Int64(count).json)])
    case .rulesReloaded(let publication):
      for warning in publication.warnings where warning.severity == .warning && format == .text {
        context.complain(context.renderer.render(warning))
      }
      if format == .text {
        for change in publication.timers { context.complain("note: \(change.text)\n") }
        for rule in publication.automationsOff { context.complain(rule.warning) }
      }
      say(
        "reloaded",
        "rule files changed: rules \(publication.number) in force "
          + "(\(Plain.count(publication.count, "rule")))",
        [
          ("rules", publication.number.json), ("count", Int64(publication.count).json),
          ("timers", .array(publication.timers.map { .string($0.text) })),
          ("automationsOff", .array(publication.automationsOff.map { .string($0.name) })),
        ])
    case .rulesBroken(let list):
      broken(
        "rules-broken", "rule files changed and do not check; the rules from before stay", list)
    case .restartNeeded(let path):
      say(
        "restart-needed", "\(path) changed; it is read when `run` is started again",
        [("file", .string(path))])
    case .notice(let notice): tell(notice)
    case .fired(let firings, let skipped, let refused): fired(firings, skipped, refused)
    case .delivered(let report):
      let failures = report.failed + report.dead
      // What goes well is counted, what does not is told.
      say(
        "delivered",
        "delivered \(Plain.count(report.delivered, "message"))"
          + (failures > 0 ? ", \(report.failed) failed, \(report.dead) given up" : ""),
        [
          ("delivered", Int64(report.delivered).json), ("failed", Int64(report.failed).json),
          ("dead", Int64(report.dead).json),
        ])
    case .retained(let report):
      say(
        "retained",
        "forgot \(Plain.count(report.operations, "operation")) of the journal, as the "
          + "settings say",
        [
          ("operations", Int64(report.operations).json), ("refused", Int64(report.refused).json),
          ("deliveries", Int64(report.deliveries).json),
        ])
    case .failed(let message):
      say("failed", "failed, and is tried again: \(message)", [("message", .string(message))])
    case .recovered: say("recovered", "works again", [])
    case .stopped: say("stopped", "stopped", [])
    }
  }

  private func tell(_ notice: EngineNotice) {
    switch notice {
    case .rulesAdopted(let number, let count):
      say(
        "adopted",
        "another process published rules \(number): in force (\(Plain.count(count, "rule")))",
        [("rules", number.json), ("count", Int64(count).json)])
    case .rulesUnusable(let problem):
      broken(
        "rules-unusable",
        "another process published rules \(problem.number), which do not check here; rules "
          + "\(problem.inForce) stay, and timers and schedules wait", problem.findings)
    case .outsideChanges(let report):
      let left = report.unresolved.count
      say(
        "outside",
        "another program changed \(Plain.count(report.records, "record"))"
          + (left > 0 ? "; \(left) left to mend, see `log --refused`" : ""),
        [
          ("records", Int64(report.records).json),
          ("unresolved", .array(report.unresolved.map { .string($0) })),
        ])
    }
  }

  private func fired(_ firings: [String: Int], _ skipped: [String: Int], _ refused: [String: Int]) {
    func list(_ counts: [String: Int]) -> String {
      counts.sorted { UTF8Text.less($0.key, $1.key) }
        .map { "\($0.key) \(Plain.count($0.value))" }.joined(separator: ", ")
    }
    func object(_ counts: [String: Int]) -> JSONValue {
      .object(
        counts.sorted { UTF8Text.less($0.key, $1.key) }.map { ($0.key, Int64($0.value).json) })
    }
    var parts: [String] = []
    if !firings.isEmpty { parts.append("fired: \(list(firings))") }
    if !skipped.isEmpty { parts.append("undone alone: \(list(skipped))") }
    if !refused.isEmpty { parts.append("refused: \(list(refused))") }
    say(
      "fired", parts.joined(separator: "; "),
      [("firings", object(firings)), ("skipped", object(skipped)), ("refused", object(refused))])
  }

  private func broken(_ event: String, _ text: String, _ list: DiagnosticList) {
    let errors = list.items.filter { $0.severity == .error }
    let plain = DiagnosticRenderer(decorator: .plain)
    say(event, text, [("findings", .array(errors.map { .string(plain.render($0)) }))])
    if format == .text { for error in errors { context.complain(context.renderer.render(error)) } }
  }

  private func say(_ event: String, _ text: String, _ members: [(key: String, value: JSONValue)]) {
    let now = SystemClock.now
    switch format {
    case .text: context.say("\(Plain.stamp(now, zone))  \(DisplayText.oneLine(text))\n")
    case .json:
      let head: [(key: String, value: JSONValue)] = [
        ("at", .string(now.description)), ("event", .string(event)),
      ]
      context.say(JSONWriter.text(.object(head + members)) + "\n")
    }
  }
}

extension Int64 {
  fileprivate var json: JSONValue { .number(String(self)) }
}
