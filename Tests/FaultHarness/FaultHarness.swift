import Foundation
import QuartermasterCEL
import QuartermasterCore
import Synchronization

/// A process that works on a project folder and ends itself with SIGKILL at a place that it was told.
///
///     FaultHarness FOLDER apply|migrate|checkpoint PLACE
///
/// Places: `never`; `begin:N:TEXT` and `end:N:TEXT`, the Nth statement that contains the text, before or after it ran;
/// `before-hand-over:N` and `after-hand-over:N`, the Nth delivery that the channel is given; `after:MICROSECONDS`.
@main
enum FaultHarness {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 4, let fault = Fault(arguments[3]) else {
      print("FaultHarness FOLDER apply|migrate|checkpoint PLACE")
      exit(64)
    }
    let folder = arguments[1]
    let project = try Project.load(folder: folder)
    fault.start()
    if let accounts = AccountFaults(arguments[2]) {
      return try accounts.run(project, fault.observer)
    }
    switch arguments[2] {
    case "migrate":
      var options = StoreOptions()
      options.migration = .safe
      options.observer = fault.observer
      try Store.open(project.dataPath, schema: project.schema, options: options).close()
    default:
      try apply(project, folder, fault, checkpoints: arguments[2] == "checkpoint")
    }
  }

  /// Applies the parts of a stream, and hands over what is due after each.
  private static func apply(
    _ project: Project, _ folder: String, _ fault: Fault, checkpoints: Bool
  ) throws {
    let rules = try LoadedRules(
      files: project.ruleFiles, schema: project.schema, settings: project.settings)
    var configuration = Engine.Configuration()
    configuration.settings = project.settings
    configuration.observer = fault.observer
    configuration.clock = .manual(try start(project))
    configuration.channels.register("post") { delivery in
      fault.reach("before-hand-over")
      try receive(delivery, folder + "/received.txt")
      fault.reach("after-hand-over")
    }
    let engine = try Engine(
      path: project.dataPath, schema: project.schema, rules: rules, configuration: configuration)
    let parts = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasPrefix("part-") }.sorted()
    for part in parts {
      let path = folder + "/" + part
      let failure = try engine.perform { interpreter throws(Refusal) -> StreamFailure? in
        var options = StreamRunner.Options()
        options.movesClock = true
        options.resumes = true
        do throws(StreamFailure) {
          _ = try StreamRunner(interpreter, options).run(path: path, name: part)
          return nil
        } catch { return error }
      }
      if let failure { throw failure }
      if checkpoints {
        fault.checkpointBegins()
        try engine.perform { interpreter throws(Refusal) in
          _ = try interpreter.session.integer("PRAGMA wal_checkpoint(TRUNCATE)")
        }
      }
      // A process that was killed holds its lease for a second more.
      while try engine.deliver().heldBy != nil { usleep(50_000) }
    }
    try engine.close()
  }

  /// The clock goes on where the file's stands.
  private static func start(_ project: Project) throws -> Timestamp {
    let first = Timestamp("2026-03-02T08:00:00Z") ?? Timestamp(milliseconds: 0)
    guard FileManager.default.fileExists(atPath: project.dataPath) else { return first }
    let store = try Store.open(project.dataPath, schema: project.schema)
    let found = try store.read { reader throws(Refusal) in try ReplayClock.read(reader) }
    try store.close()
    return found ?? first
  }

  /// What a receiver does: it writes down each delivery, and has it before it says yes.
  private static func receive(_ delivery: Delivery, _ path: String) throws {
    let line = "\(delivery.key)\t\(delivery.address)\t\(delivery.body)\n"
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT, 0o644)
    guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
    defer { close(descriptor) }
    let bytes = Array(line.utf8)
    guard write(descriptor, bytes, bytes.count) == bytes.count else {
      throw CocoaError(.fileWriteUnknown)
    }
  }
}

/// Where the process ends.
final class Fault: Sendable {
  private enum Place: Sendable {
    case never
    case statement(String, hasEnded: Bool)
    case named(String)
    case time(UInt32)
    /// So many microseconds after a checkpoint began.
    case checkpoint(UInt32)
  }

  private let place: Place
  private let left: Mutex<Int>

  init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 2).map(String.init)
    let number = parts.count > 1 ? Int(parts[1]) ?? 1 : 1
    left = Mutex(number)
    switch (parts.first, parts.count) {
    case ("never", 1): place = .never
    case ("begin", 3): place = .statement(parts[2], hasEnded: false)
    case ("end", 3): place = .statement(parts[2], hasEnded: true)
    case ("after", 2): place = .time(UInt32(number))
    case ("checkpoint", 3): place = .checkpoint(UInt32(parts[2]) ?? 0)
    case ("before-hand-over", 2), ("after-hand-over", 2): place = .named(parts[0])
    default: return nil
    }
  }

  /// Watches statements, where one of them is the place.
  var observer: StatementObserver? {
    guard case .statement(let text, let wanted) = place else { return nil }
    return StatementObserver { [self] sql, hasEnded in
      if hasEnded == wanted, sql.contains(text) { count() }
    }
  }

  /// Begins to count time, where the place is one in time.
  func start() {
    guard case .time(let microseconds) = place else { return }
    Thread.detachNewThread {
      usleep(microseconds)
      Self.end()
    }
  }

  /// Says that a place is reached.
  func reach(_ name: String) {
    if case .named(let wanted) = place, wanted == name { count() }
  }

  /// Says that a checkpoint begins: the process ends in the midst of it.
  func checkpointBegins() {
    guard case .checkpoint(let microseconds) = place else { return }
    let isTurn = left.withLock { left in
      left -= 1
      return left == 0
    }
    guard isTurn else { return }
    Thread.detachNewThread {
      usleep(microseconds)
      Self.end()
    }
  }

  private func count() {
    let isLast = left.withLock { left in
      left -= 1
      return left == 0
    }
    if isLast { Self.end() }
  }

  private static func end() {
    kill(getpid(), SIGKILL)
    while true { sleep(1) }
  }
}
