internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster outbox deliver`: hands over what is due, once; `quartermaster run` does it all the time.
public struct OutboxDeliverCommand: Sendable {
  /// Whether messages of a replay are handed over too.
  public var deliversReplay = false
  /// The project folder.
  public var folder = "."
  /// How the answer is printed.
  public var format = OutputFormat.text

  /// Creates the command.
  public init() {}

  /// Runs the command.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      let folder = try ProjectFolder(self.folder, context)
      if try folder.fileClock() != nil, !deliversReplay {
        throw CommandFailure(
          .usage,
          "this file was filled by a replay, its messages are of the past; --replayed hands them over all the same"
        )
      }
      let engine = try folder.openEngine(try folder.rulesToRun(), channels: folder.channels())
      let report = try engine.deliver()
      try engine.close()
      return format == .json ? json(report) : text(report, OutboxText(folder.project.settings))
    }
  }

  private func status(_ report: DeliveryReport) -> ExitStatus {
    report.failed + report.dead > 0 || report.heldBy != nil ? .failed : .done
  }

  private func json(_ report: DeliveryReport) -> Reply {
    func number(_ count: Int) -> JSONValue { .number(String(count)) }
    let unregistered = report.unregistered.sorted { $0.key < $1.key }.map {
      (key: $0.key, value: number($0.value))
    }
    let object = JSONValue.object([
      ("delivered", number(report.delivered)), ("failed", number(report.failed)),
      ("dead", number(report.dead)), ("waiting", number(report.waiting)),
      ("unregistered", .object(unregistered)),
      ("next", report.next.map { .string("\($0)") } ?? .null),
      ("heldBy", report.heldBy.map { .string($0) } ?? .null),
    ])
    return Reply(JSONWriter.text(object) + "\n", status: status(report))
  }

  private func text(_ report: DeliveryReport, _ words: OutboxText) -> Reply {
    var reply = Reply(status: status(report))
    if let holder = report.heldBy {
      reply.errors = "error: \(holder) delivers from this file at the moment\n"
      return reply
    }
    var parts = ["\(Plain.count(report.delivered)) delivered"]
    if report.failed > 0 { parts.append("\(Plain.count(report.failed)) failed") }
    if report.dead > 0 { parts.append("\(Plain.count(report.dead)) given up") }
    if report.waiting > 0 { parts.append("\(Plain.count(report.waiting)) waiting") }
    reply.output = parts.joined(separator: ", ") + "\n"
    if let next = report.next { reply.output += "next try: \(words.instant(next))\n" }
    for (name, count) in report.unregistered.sorted(by: { $0.key < $1.key }) {
      reply.output +=
        "nobody takes what is for \(name) here: \(Plain.count(count, "delivery", "deliveries"))\n"
    }
    return reply
  }
}
