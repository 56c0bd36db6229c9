package import QuartermasterCEL

/// Tries out a stream on an engine that works on a copy, and counts what it does.
///
/// What is counted grows with classes, rules and statuses, not with the stream.
package struct DryRunner {
  /// How many operations go into one commit of the copy: nobody else reads it.
  private static let batch = 1000

  private let engine: Engine
  private let options: DryRunOptions

  /// Creates a runner.
  ///
  /// - Parameters:
  ///   - engine: An engine on a ``ScratchCopy``: what the stream does stays in it.
  ///   - options: How it is tried.
  package init(on engine: Engine, _ options: DryRunOptions) {
    self.engine = engine
    self.options = options
  }

  /// Applies a stream.
  ///
  /// - Parameters:
  ///   - path: The file in JSON Lines; `-` is standard input.
  ///   - progress: Is told now and then how far it came.
  /// - Returns: What it did.
  /// - Throws: ``StreamFailure`` when the stream cannot be read, ``Refusal`` when the copy cannot be written.
  package func run(_ path: String, progress: (DryRunProgress) -> Void) throws -> DryRunReport {
    var report = DryRunReport()
    var settings = StreamRunner.Options()
    settings.batch = Self.batch
    settings.movesClock = options.movesClock
    settings.runsRules = options.runsRules
    settings.marksLines = true
    let result = try withoutActuallyEscaping(progress) { progress in
      try apply(path, settings, &report, progress)
    }
    report.take(try result.get())
    return report
  }

  private func apply(
    _ path: String, _ settings: StreamRunner.Options, _ report: inout DryRunReport,
    _ progress: @escaping (DryRunProgress) -> Void
  ) throws -> Result<StreamSummary, StreamFailure> {
    var counted = report
    defer { report = counted }
    return try engine.perform { interpreter throws(Refusal) in
      // The lines of the file are counted anew, whatever was applied of it before.
      let runner = StreamRunner(interpreter, settings)
      interpreter.kept = { counted.count($0) }
      defer { interpreter.kept = nil }
      runner.report = { counted.refuse($0, keeping: options.keptRefusals) }
      runner.progress = {
        progress(
          DryRunProgress(
            fraction: $0.total.map { [bytes = $0.bytes] in Double(bytes) / Double(max($0, 1)) },
            lines: $0.changes))
      }
      return Result { () throws(StreamFailure) in try runner.run(path: path, name: path) }
    }
  }
}

extension DryRunReport {
  /// Counts an operation that was kept.
  fileprivate mutating func count(_ interpreter: Interpreter) {
    let op = interpreter.op
    operations += 1
    for entry in op.allChanges.entries {
      let (record, old) = (entry.record, entry.old)
      let change = Change(
        record: record, old: old, new: record.isLive ? record.row : nil)
      if change.old == nil, change.new == nil { continue }
      let definition = interpreter.schema.classes[record.type.index]
      var counts = records[definition.name] ?? Records()
      switch change.kind {
      case .created where op.authors[ObjectIdentifier(record)] != nil: counts.createdByRules += 1
      case .created: counts.created += 1
      case .deleted: counts.deleted += 1
      case .changed:
        guard definition.fields.contains(where: { $0.slot.map(change.differs) ?? false }) else {
          continue
        }
        counts.changed += 1
      }
      records[definition.name] = counts
    }
    for move in op.moves { moves[move, default: 0] += 1 }
    for message in op.messages { messages[message.rule, default: 0] += 1 }
    for call in op.calls { calls[call.name, default: 0] += 1 }
  }

  fileprivate mutating func refuse(_ line: StreamRunner.RefusedLine, keeping limit: Int) {
    guard refusedLines.count < limit else { return }
    refusedLines.append(
      RefusedLine(
        line: line.line, reason: line.reason, message: line.message, rule: line.rule,
        place: line.place))
  }

  fileprivate mutating func take(_ summary: StreamSummary) {
    lines = summary.changes
    refused = summary.refused
    firings = summary.firings
    skipped = summary.skipped
    failedAlone = summary.failedAlone
    dated = summary.dated
    seconds = summary.seconds
  }
}
