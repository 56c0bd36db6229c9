internal import Foundation
package import QuartermasterCEL

/// Applies a stream of changes in JSON Lines, one operation a line, in commits of one or of many.
///
/// How far it came is written in each commit, so that a stream that was stopped goes on where it stopped and nothing
/// is applied twice. A line that is refused is reported and leaves nothing behind; the stream goes on.
package final class StreamRunner {
  /// How a stream is applied.
  package struct Options: Sendable {
    /// How many operations go into one commit.
    package var batch = 1
    /// Whether rules run.
    ///
    /// Without them the schema still holds, and no timer starts.
    package var runsRules = true
    /// Whether lines may move the clock with `at`.
    package var movesClock = false
    /// Whether to go on where the last run of the same file stopped.
    package var resumes = false
    /// Whether a line that was applied before is passed over: a record that is there is not created again, and any
    /// other change that is the same to the letter is not made again.
    package var appliesOnce = false
    /// Whether the journal says of each operation of a batch which line it is; those that are commits of their own say
    /// it always.
    package var marksLines = false
    /// In whose name, and what he may do; nil for the system.
    package var access: AccessView?

    package init() {}
  }

  /// A line that was not applied.
  package struct RefusedLine: Sendable {
    /// The number of the line, from 1.
    package let line: Int64
    /// The reason of the refusal, or `line` for a line that cannot be read.
    package let reason: String
    /// What is wrong.
    package let message: String
    /// The rule that refused it, and where it stands.
    package let rule: String?
    package let place: SourceSpan?
  }

  /// How far a stream came.
  package struct Progress: Sendable {
    /// The bytes that were read, and how many there are, if that is known.
    package let bytes: Int64, total: Int64?
    /// The lines that were applied or refused.
    package let changes: Int
  }

  /// Is told of each line that is not applied.
  @exclusivity(unchecked) package var report: (RefusedLine) -> Void = { _ in }
  /// What became of a change that was not refused.
  package enum Fate: Sendable {
    /// It was made.
    case made
    /// It was made by an earlier run.
    case known
  }

  /// Is told, where lines are applied once, what became of those that are not refused: what is done to which record.
  @exclusivity(unchecked) package var told:
    ((_ line: Int64, _ change: AppliedChange, Fate) -> Void)?
  /// Is told now and then how far it came.
  @exclusivity(unchecked) package var progress: (Progress) -> Void = { _ in }

  let interpreter: Interpreter
  let options: Options
  @exclusivity(unchecked) private var summary = StreamSummary()
  private let came: StreamProgress
  @exclusivity(unchecked) private var countdown = 0
  /// Whether the line that came last was not refused.
  @exclusivity(unchecked) private var isKept = false
  @exclusivity(unchecked) private var names: StreamNames
  /// What made the records that this run made, by class and id; both as hashes.
  ///
  /// Empty where lines are not applied once.
  @exclusivity(unchecked) var made: [Int: Int] = [:]

  /// Creates a runner.
  ///
  /// While it runs, nothing else may use the interpreter.
  package init(_ interpreter: Interpreter, _ options: Options) {
    self.interpreter = interpreter
    self.options = options
    names = StreamNames(interpreter.schema)
    came = StreamProgress(interpreter)
  }

  /// Applies a file.
  ///
  /// - Parameters:
  ///   - path: The file; `-` is standard input, which cannot be resumed.
  ///   - name: The name under which the file remembers how far it came.
  /// - Returns: What was done.
  /// - Throws: ``StreamFailure`` when it cannot go on. What was committed before stays.
  package func run(path: String, name: String) throws(StreamFailure) -> StreamSummary {
    let started = ContinuousClock.now
    var reader = try LineReader(path: path)
    came.name = name
    if options.resumes { try resume(&reader, name) }
    if options.movesClock { try markClock() }
    if options.appliesOnce { try makeLedger() }
    let before = interpreter.counters
    let (reports, actor) = (interpreter.reportsOutcomes, interpreter.actor)
    interpreter.reportsOutcomes = false
    do throws(Refusal) { try interpreter.act(as: options.access) } catch {
      throw failure(error, 0...0)
    }
    defer {
      interpreter.reportsOutcomes = reports
      interpreter.access = nil
      interpreter.actor = actor
      interpreter.stream = nil
    }
    if options.batch > 1 {
      try runBatches(&reader)
    } else {
      try runSingly(&reader)
    }
    progress(
      Progress(bytes: reader.position, total: reader.size, changes: summary.changes))
    summary.count(interpreter.counters, since: before)
    summary.seconds = (ContinuousClock.now - started) / .seconds(1)
    return summary
  }

  /// Returns the first instant that a stream gives, where one of its first lines does.
  package static func firstInstant(path: String) -> Timestamp? {
    guard var reader = try? LineReader(path: path) else { return nil }
    for _ in 0..<1000 {
      guard let line = try? reader.next() else { return nil }
      if let at = (try? StreamLine(line.bytes))?.at { return at }
    }
    return nil
  }

  // MARK: Commits

  /// How many lines with commits of their own come before the file is told how far it came.
  private static let progressInterval: Int64 = 4096

  private func runSingly(_ reader: inout LineReader) throws(StreamFailure) {
    let first = reader.line + 1
    note(reader)
    interpreter.stream = came
    while let line = try reader.next() {
      let number = reader.line
      do throws(Refusal) {
        // Now and then, so that little is left that only the journal knows; the first time at once.
        if (number - 1) % Self.progressInterval == 0 || number == first { try storeProgress() }
        try apply(line, &reader)
      } catch { throw failure(error, number...number) }
    }
    try finish(reader)
  }

  private func runBatches(_ reader: inout LineReader) throws(StreamFailure) {
    var isAtEnd = false
    if options.marksLines { interpreter.stream = came }
    while !isAtEnd {
      let first = reader.line + 1
      var stopped: StreamFailure?
      let counted = summary
      do throws(Refusal) {
        try interpreter.batch { () throws(Refusal) in
          for _ in 0..<options.batch {
            let line: LineReader.Line?
            do throws(StreamFailure) { line = try reader.next() } catch {
              // What was read before stands; the commit is made, then the failure is told.
              stopped = error
              break
            }
            guard let line else {
              isAtEnd = true
              break
            }
            try apply(line, &reader)
          }
          try came.storeProgress(isDone: true)
        }
      } catch {
        summary = counted
        throw stopped ?? failure(error, first...max(first, reader.line))
      }
      if let stopped { throw stopped }
    }
    try finish(reader)
  }

  /// Writes down that all is done, also when the last lines made no commit.
  private func finish(_ reader: borrowing LineReader) throws(StreamFailure) {
    do throws(Refusal) {
      note(reader)
      try interpreter.store.begin()
      try came.storeProgress(isDone: true)
      if options.movesClock { try ReplayClock.write(interpreter.now, to: interpreter.store) }
      if !options.runsRules { try interpreter.skipSchedules() }
      try interpreter.store.commit()
    } catch { throw failure(error, max(1, reader.line)...max(1, reader.line)) }
  }

  private func storeProgress() throws(Refusal) {
    try interpreter.store.begin()
    do throws(Refusal) {
      try came.takeNumber()
      try came.storeProgress()
      try interpreter.store.commit()
    } catch {
      interpreter.store.rollback()
      throw error
    }
  }

  private func failure(_ refusal: Refusal, _ lines: ClosedRange<Int64>) -> StreamFailure {
    needsClock ?? .lost(refusal, lines: lines)
  }

  // MARK: Lines

  @exclusivity(unchecked) private var needsClock: StreamFailure?

  /// Applies one line.
  ///
  /// What it throws ends the stream; a line that is refused does not.
  private func apply(_ line: LineReader.Line, _ reader: inout LineReader) throws(Refusal) {
    countdown -= 1
    if countdown < 0 {
      countdown = 255
      progress(Progress(bytes: reader.position, total: reader.size, changes: summary.changes))
    }
    if line.isTooLong {
      return refuse(
        reader.line, "line", "the line has more than \(LineReader.maximumLength >> 20) MiB")
    }
    if Self.isBlank(line.bytes) { return }
    if !options.appliesOnce, let plain = PlainStreamLine(line.bytes, &names) {
      try moveClock(plain.at, reader)
      return try apply(reader, interpreter.shown(line.bytes)) { () throws(Refusal) in
        try interpreter.apply(plain, rules: options.runsRules)
      }
    }
    let change: StreamLine
    do { change = try StreamLine(line.bytes) } catch {
      summary.changes += 1
      note(reader)
      return refuse(reader.line, "line", error.message)
    }
    if options.appliesOnce {
      switch try earlier(change, line.bytes) {
      case .nothing: break
      case .applied:
        summary.known += 1
        told?(reader.line, AppliedChange(change), .known)
        return note(reader)
      case .madeOtherwise(let message):
        summary.changes += 1
        note(reader)
        return refuse(reader.line, "row", message)
      }
    }
    try moveClock(change.at, reader)
    try apply(reader, interpreter.shown(change)) { () throws(Refusal) in
      try interpreter.apply(change, rules: options.runsRules)
      try enter(change, line.bytes)
    }
    if let told, isKept { told(reader.line, AppliedChange(change), .made) }
  }

  /// Runs one operation; when it is refused, that is told, and the stream goes on.
  private func apply(
    _ reader: borrowing LineReader, _ input: @autoclosure () -> String,
    _ body: () throws(Refusal) -> Void
  ) throws(Refusal) {
    summary.changes += 1
    isKept = false
    note(reader)
    do throws(Refusal) {
      if options.runsRules {
        try interpreter.run(input: input(), body)
      } else {
        try interpreter.runWithoutRules(input: input(), body)
      }
    } catch {
      if error.reason == .storage || interpreter.store.lostCommit { throw error }
      refuse(reader.line, error.reason.rawValue, error.message, error.rule, error.span)
      return
    }
    isKept = true
    if options.runsRules { try interpreter.advance(to: interpreter.now) }
  }

  /// Moves the clock to the instant of a line, or to the computer's; without rules it goes on and fires nothing.
  private func moveClock(_ at: Timestamp?, _ reader: borrowing LineReader) throws(Refusal) {
    if at != nil, !options.movesClock {
      let failure = StreamFailure.needsReplayClock(line: reader.line)
      needsClock = failure
      throw Refusal(.error, failure.message)
    }
    guard let given = at ?? (options.movesClock ? nil : Engine.systemNow) else { return }
    // A clock never goes back: what is dated earlier than it stands happens now.
    if at != nil, given < interpreter.now { summary.dated += 1 }
    let instant = max(interpreter.now, given)
    if options.runsRules, at == nil {
      try interpreter.catchUp(to: instant)
    } else if options.runsRules {
      try interpreter.advance(to: instant)
    } else {
      interpreter.now = instant
    }
  }

  private func refuse(
    _ line: Int64, _ reason: String, _ message: String, _ rule: String? = nil,
    _ place: SourceSpan? = nil
  ) {
    summary.refused[reason, default: 0] += 1
    report(
      RefusedLine(line: line, reason: reason, message: message, rule: rule, place: place))
  }

  private static func isBlank(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    bytes.allSatisfy { $0 == 32 || $0 == 9 || $0 == 13 }
  }

  /// From the first line on, the file has a clock of its own.
  private func markClock() throws(StreamFailure) {
    do throws(Refusal) {
      try interpreter.store.begin()
      if try ReplayClock.read(interpreter.store) == nil { try interpreter.pullSchedules() }
      try ReplayClock.write(interpreter.now, to: interpreter.store)
      try interpreter.store.commit()
    } catch { throw StreamFailure(kind: .storage, message: error.message) }
  }

  // MARK: How far it came

  private func note(_ reader: borrowing LineReader) {
    came.position = reader.position
    came.line = reader.line
    came.fingerprint = reader.fingerprint
  }

  /// Goes to where the last run stopped, if there was one and the file still begins as it did.
  private func resume(_ reader: inout LineReader, _ name: String) throws(StreamFailure) {
    let stored: StreamProgress.Stored?
    do throws(Refusal) { stored = try came.stored() } catch {
      throw StreamFailure(kind: .storage, message: error.message)
    }
    guard let stored else { return }
    guard try reader.skip(to: stored.position) else {
      if reader.position < stored.position { throw .shorterFile(name, stored.line) }
      throw .otherFile(name)
    }
    if reader.fingerprint.text != stored.fingerprint { throw .otherFile(name) }
    // From there to the last line in the journal the place alone is known.
    if stored.journaled > stored.position, try !reader.skip(to: stored.journaled) {
      throw .otherFile(name)
    }
    note(reader)
    summary.resumedAfter = reader.line
  }
}

/// What applying a stream came to.
package struct StreamSummary: Sendable {
  /// The lines that say a change, refused ones included.
  package internal(set) var changes = 0
  /// The lines that were refused, by reason; `line` for those that cannot be read.
  package internal(set) var refused: [String: Int] = [:]
  /// The lines that were applied before, where they are told apart.
  package internal(set) var known = 0
  /// Firings by rule, of operations that were kept.
  package internal(set) var firings: [String: Int] = [:]
  /// Firings that failed and were undone alone, by rule.
  package internal(set) var skipped: [String: Int] = [:]
  /// Operations of timers, schedules and later rules that were refused, by rule.
  package internal(set) var failedAlone: [String: Int] = [:]
  /// The lines whose instant is earlier than the clock stood already; they happened at the clock's instant.
  package internal(set) var dated = 0
  /// The line after which a stopped stream went on; nil when it began at the first.
  package internal(set) var resumedAfter: Int64?
  /// How long it took.
  package internal(set) var seconds = 0.0

  /// Counts rows of an import that became no line.
  package mutating func refuse(rows: Int) {
    guard rows > 0 else { return }
    changes += rows
    refused["row", default: 0] += rows
  }

  mutating func count(_ now: Interpreter.Counters, since before: Interpreter.Counters) {
    firings = Self.difference(now.firings, before.firings)
    skipped = Self.difference(now.skipped, before.skipped)
    failedAlone = Self.difference(now.failedAlone, before.failedAlone)
  }

  private static func difference(_ now: [String: Int], _ before: [String: Int]) -> [String: Int] {
    var result: [String: Int] = [:]
    for (name, count) in now where count > before[name, default: 0] {
      result[name] = count - before[name, default: 0]
    }
    return result
  }
}
