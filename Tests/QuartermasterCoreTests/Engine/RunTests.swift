import Foundation
import QuartermasterCEL
import Synchronization
import Testing

@testable import QuartermasterCore

/// `Engine.run`: what it does by itself while it runs.
@Suite struct RunTests {
  /// Events as words, and waiting for one.
  private final class Events: Sendable {
    private let list = Mutex<[String]>([])

    var tell: @Sendable (RunEvent) -> Void {
      { [self] event in list.withLock { $0.append(Self.word(event)) } }
    }

    var all: [String] { list.withLock { $0 } }

    /// Waits until an event was told; the test's own limit ends it.
    func wait(for word: String) async throws {
      while !all.contains(where: { $0.hasPrefix(word) }) {
        try await Task.sleep(for: .milliseconds(20))
      }
    }

    static func word(_ event: RunEvent) -> String {
      switch event {
      case .started(let rules, let count): "started \(rules) \(count)"
      case .rulesReloaded(let publication): "reloaded \(publication.number)"
      case .rulesBroken(let list): "broken \(list.items.map(\.code).joined(separator: ","))"
      case .restartNeeded(let path): "restart \(path)"
      case .notice(.rulesAdopted(let number, _)): "adopted \(number)"
      case .notice(.rulesUnusable(let problem)): "unusable \(problem.number)"
      case .notice(.outsideChanges(let report)): "outside \(report.records)"
      case .fired(let firings, _, let refused):
        "fired \(firings.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }) \(refused.count)"
      case .delivered(let report): "delivered \(report.delivered) \(report.failed)"
      case .retained(let report): "retained \(report.operations)"
      case .failed(let text): "failed \(text)"
      case .recovered: "recovered"
      case .stopped: "stopped"
      }
    }
  }

  private static func options() -> RunOptions {
    var options = RunOptions()
    options.interval = .milliseconds(50)
    options.reportInterval = .zero
    return options
  }

  private static func until(_ holds: () throws -> Bool) async throws {
    while try !holds() { try await Task.sleep(for: .milliseconds(20)) }
  }

  @Test(.timeLimit(.minutes(2))) func `timers and schedules fire by themselves`() async throws {
    let shop = try TestShop()
    let engine = try shop.open(
      """
      - rule: soon
        trigger:
          saved: Product
          becomes: product.reorder > 0
          for: 50ms
        action:
          - create: Note
            text: waited
      - rule: often
        trigger:
          every: 1s
        action:
          - create: Note
            text: tick
      """, clock: .system)
    let events = Events()
    let run = Task { try await engine.run(Self.options(), tell: events.tell) }
    try await events.wait(for: "started 1 2")
    await #expect(throws: Refusal.self, "it runs already") { try await engine.run() }
    try await engine.write { db in try db.create("Product", ["reorder": .int(1)]) }
    try await Self.until {
      try engine.answer("Note.exists(n, n.text == \"waited\")") == "true"
        && engine.answer("Note.exists(n, n.text == \"tick\")") == "true"
    }
    run.cancel()
    try await run.value
    #expect(events.all.last == "stopped")
    #expect(events.all.contains { $0.hasPrefix("fired") && $0.contains("soon 1") })
    // It can run again.
    let again = Task { try await engine.run(Self.options(), tell: events.tell) }
    again.cancel()
    try await again.value
    try engine.close()
  }

  @Test(.timeLimit(.minutes(2)), .enabled(if: TestShop.hasShell))
  func `changes from outside are taken in while nobody writes`() async throws {
    let shop = try TestShop()
    let engine = try shop.open(
      """
      - rule: seen
        trigger:
          created: Site
        action:
          - create: Note
            text: seen ${site.objectId}
      """, clock: .system)
    let events = Events()
    let run = Task { try await engine.run(Self.options(), tell: events.tell) }
    try await events.wait(for: "started")
    try shop.shell("INSERT INTO Site (objectId) VALUES ('s');")
    try await events.wait(for: "outside 1")
    #expect(try engine.answer("Note.map(n, n.text)") == #"["seen s"]"#)
    run.cancel()
    try await run.value
    try engine.close()
  }

  @Test(.timeLimit(.minutes(2))) func `changed rule files come into force when all of them check`()
    async throws
  {
    let shop = try TestShop()
    let folder = shop.folder.file("rules")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    func write(_ text: String) throws {
      let rule =
        "- rule: note\n  trigger:\n    created: Site\n  action:\n    - create: Note\n"
        + "      text: \(text)\n"
      try Data(rule.utf8).write(to: URL(fileURLWithPath: folder + "/note.yaml"))
    }
    try write("one")
    let engine = try shop.open(nil, clock: .system)
    let other = try shop.open(nil, clock: .system)
    let (events, others) = (Events(), Events())
    var options = Self.options()
    options.rulesFolder = folder
    options.folder = shop.folder.path + "/"
    let prepared = options
    let runs = [
      Task { try await engine.run(prepared, tell: events.tell) },
      Task { try await other.run(Self.options(), tell: others.tell) },
    ]
    try await events.wait(for: "reloaded 1")
    try await others.wait(for: "adopted 1")
    try write("${site.nmae}")
    try await events.wait(for: "broken rules/unknown-field")
    try await engine.write { db in try db.create("Site", [:]) }
    try write("three")
    try await events.wait(for: "reloaded 2")
    try await engine.write { db in try db.create("Site", [:]) }
    try await others.wait(for: "adopted 2")
    try FileManager.default.removeItem(atPath: folder)
    try await events.wait(for: "broken engine/no-rule-files")
    try await other.write { db in try db.create("Site", [:]) }
    #expect(try engine.answer("Note.map(n, n.text)") == #"["one", "three", "three"]"#)
    #expect(events.all.filter { $0.hasPrefix("broken") }.count == 2)
    for run in runs { run.cancel() }
    for run in runs { try await run.value }
    try other.close()
    try engine.close()
  }

  @Test(.timeLimit(.minutes(2))) func `a slow receiver holds up no timer, and a stop waits for it`()
    async throws
  {
    let shop = try TestShop()
    let entered = DispatchSemaphore(value: 0)
    let leave = DispatchSemaphore(value: 0)
    let engine = try shop.open(
      """
      - rule: tell
        trigger:
          created: Site
        action:
          - notify: desk@example.com
            message: a site
            by: slow
      - rule: soon
        trigger:
          saved: Product
          becomes: product.reorder > 0
          for: 10ms
        action:
          - create: Note
            text: waited
      """, clock: .system
    ) { configuration in
      configuration.channels.register("slow") { _ in
        entered.signal()
        leave.wait()
      }
    }
    let events = Events()
    let run = Task { try await engine.run(Self.options(), tell: events.tell) }
    try await engine.write { db in
      try db.create("Site", [:])
      try db.create("Product", ["reorder": .int(1)])
    }
    await withCheckedContinuation { done in
      DispatchQueue.global().async {
        entered.wait()
        done.resume()
      }
    }
    try await Self.until { try engine.answer("Note.size()") == "1" }
    run.cancel()
    #expect(!events.all.contains { $0.hasPrefix("delivered") })
    leave.signal()
    try await run.value
    #expect(events.all.suffix(2) == ["delivered 1 0", "stopped"])
    try engine.close()
  }

  @Test(.timeLimit(.minutes(2)))
  func `closing the engine ends it, and a clock moved by hand refuses`()
    async throws
  {
    let shop = try TestShop()
    let manual = try shop.open("")
    await #expect(throws: Refusal.self) { try await manual.run() }
    try manual.close()
    let engine = try shop.open("", clock: .system)
    let events = Events()
    let run = Task { try await engine.run(Self.options(), tell: events.tell) }
    try await events.wait(for: "started")
    try engine.close()
    try await run.value
    #expect(events.all.last == "stopped")
  }
}
