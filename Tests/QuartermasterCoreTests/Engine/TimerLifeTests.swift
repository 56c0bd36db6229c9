import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// A shop in a file that is opened again and again, each time with the rules of that day.
private final class Shop {
  private static let schema = """
    domain: test
    classes:
      Order:
        number: {type: String}
        status: {type: String, default: pending, flow: {pending: [paid], paid: []}}
        rank: {type: Integer, default: 0}
        wanted: {type: Date}
      Log:
        text: {type: String, required: true}
        at: {type: Date}
    """
  let folder: TemporaryFolder
  let loaded: Schema

  init() throws {
    folder = try TemporaryFolder()
    loaded = try Schema.load(SourceFile(name: "schema.yaml", text: Self.schema)).0
  }

  /// Opens the file with rules, at an instant.
  func open(_ rules: String, at text: String) throws -> Engine {
    let rules = try LoadedRules(
      files: [SourceFile(name: "rules/a.yaml", text: rules)], schema: loaded)
    var configuration = Engine.Configuration()
    configuration.clock = .manual(try #require(Timestamp(text)))
    return try Engine(
      path: folder.file("data.sqlite"), schema: loaded, rules: rules, configuration: configuration)
  }

  /// Opens the file, runs a body on the engine and closes it; returns what became of timers.
  @discardableResult
  func at(_ text: String, _ rules: String, _ body: (Engine) throws -> Void = { _ in }) throws
    -> [String]
  {
    let engine = try open(rules, at: text)
    try body(engine)
    try engine.close()
    return engine.timerChanges.map(\.text)
  }
}

extension Engine {
  /// Lets the computer's clock be at an instant, as after a sleep.
  fileprivate func wake(at text: String) throws {
    let instant = try #require(Timestamp(text))
    try perform { interpreter throws(Refusal) in try interpreter.catchUp(to: instant) }
  }

  /// What stands in the class Log, in order.
  fileprivate func logged() throws -> [String] {
    try lines(
      "SELECT \"text\" || ' ' || strftime('%Y-%m-%dT%H:%M:%SZ', \"at\" / 1000, 'unixepoch') "
        + "FROM Log ORDER BY objectId")
  }

  fileprivate func timers() throws -> [String] {
    try lines(
      "SELECT rule || ' ' || record || ' ' "
        + "|| strftime('%Y-%m-%dT%H:%M:%SZ', due / 1000, 'unixepoch') || CASE live WHEN 1 THEN '' "
        + "ELSE ' used' END FROM _timers ORDER BY 1")
  }

  fileprivate func schedules() throws -> [String] {
    try lines(
      "SELECT rule || ' ' || strftime('%Y-%m-%dT%H:%M:%SZ', next / 1000, 'unixepoch') "
        + "FROM _schedules ORDER BY 1")
  }

  private func lines(_ sql: String) throws -> [String] {
    try perform { interpreter throws(Refusal) -> [String] in
      let statement = try interpreter.store.statement(sql)
      var lines: [String] = []
      while try statement.step() { lines.append(statement.text(0)) }
      return lines
    }
  }

  fileprivate func order(_ id: String, wanted: String? = nil) throws {
    let instant = wanted.flatMap { Timestamp($0) }
    try write { db in
      try db.create("Order", id: id, instant.map { ["wanted": .timestamp($0)] } ?? [:])
    }
  }

  /// The operations of timers and schedules, as the journal has them.
  fileprivate func clockEntries() throws -> [JournalEntry] {
    try perform { interpreter throws(Refusal) -> [JournalEntry] in
      var found: [JournalEntry] = []
      try JournalReader(interpreter.store).backwards { entry in
        if entry.dueInstant != nil { found.append(entry) }
        return true
      }
      return found.reversed()
    }
  }
}

private func chase(_ hold: String = "24h", repeat again: String? = nil, becomes: String = "pending")
  -> String
{
  """
  - rule: chase
    trigger:
      saved: Order
      becomes: order.status == "\(becomes)"
      for: \(hold)
  \(again.map { "    repeat: \($0)\n" } ?? "")  action:
      - create: Log
        text: chase
        at: now

  """
}

private func daily(_ at: String) -> String {
  """
  - rule: digest
    trigger:
      every: day
      at: "\(at)"
    action:
      - create: Log
        text: digest
        at: now

  """
}

private let remind = """
  - rule: remind
    trigger:
      saved: Order
      due: "order.wanted == null ? null : order.wanted - hours(1)"
    action:
      - create: Log
        text: remind
        at: now

  """

// MARK: A machine that slept

@Test func `after a week of sleep a wait fires late, at its own instant, and the journal says so`()
  throws
{
  let shop = try Shop()
  try shop.at("2026-03-02T09:00:00Z", chase()) { engine in try engine.order("a") }
  try shop.at("2026-03-10T07:00:00Z", chase()) { (engine) throws in
    try engine.wake(at: "2026-03-10T07:00:00Z")
    #expect(try engine.logged() == ["chase 2026-03-03T09:00:00Z"])
    let entry = try #require(try engine.clockEntries().first)
    #expect(entry.at.description == "2026-03-03T09:00:00Z")
    #expect(entry.dueInstant?.due == entry.at)
    #expect(entry.dueInstant?.ran?.description == "2026-03-10T07:00:00Z")
    #expect(entry.dueInstant?.missed == 0)
    #expect(engine.now.description == "2026-03-10T07:00:00Z")
  }
}

@Test func `repeats that were missed fire once, and go on in step`() throws {
  let shop = try Shop()
  let rules = chase("24h", repeat: "24h")
  try shop.at("2026-03-02T09:00:00Z", rules) { engine in try engine.order("a") }
  try shop.at("2026-03-10T07:00:00Z", rules) { (engine) throws in
    try engine.wake(at: "2026-03-10T07:00:00Z")
    #expect(try engine.logged() == ["chase 2026-03-03T09:00:00Z"])
    #expect(try engine.clockEntries().map { $0.dueInstant?.missed } == [6])
    #expect(try engine.timers() == ["chase a 2026-03-10T09:00:00Z"])
    try engine.wake(at: "2026-03-10T09:00:00Z")
    #expect(try engine.logged().count == 2)
    #expect(try engine.clockEntries().last?.dueInstant?.ran == nil)
  }
}

@Test func `a clock that is moved by hand misses nothing`() throws {
  let shop = try Shop()
  let rules = chase("24h", repeat: "24h") + daily("08:00")
  try shop.at("2026-03-02T09:00:00Z", rules) { (engine) throws in
    try engine.order("a")
    try engine.advance(to: try #require(Timestamp("2026-03-05T09:00:00Z")))
    #expect(
      try engine.logged() == [
        "digest 2026-03-03T08:00:00Z", "chase 2026-03-03T09:00:00Z", "digest 2026-03-04T08:00:00Z",
        "chase 2026-03-04T09:00:00Z", "digest 2026-03-05T08:00:00Z", "chase 2026-03-05T09:00:00Z",
      ])
    #expect(try engine.clockEntries().allSatisfy { $0.dueInstant?.ran == nil })
  }
}

@Test func `a schedule that was missed runs once, for the last of its instants`() throws {
  let shop = try Shop()
  try shop.at("2026-03-02T09:00:00Z", daily("08:00"))
  try shop.at("2026-03-10T07:00:00Z", daily("08:00")) { (engine) throws in
    try engine.wake(at: "2026-03-10T07:00:00Z")
    #expect(try engine.logged() == ["digest 2026-03-09T08:00:00Z"])
    #expect(try engine.clockEntries().map { $0.dueInstant?.missed } == [6])
    #expect(try engine.schedules() == ["digest 2026-03-10T08:00:00Z"])
    try engine.wake(at: "2026-03-10T07:30:00Z")
    #expect(try engine.logged().count == 1)
  }
}

@Test func `what was missed runs in the order in which it was due`() throws {
  let shop = try Shop()
  let rules = chase("24h") + daily("08:00") + remind
  try shop.at("2026-03-02T09:00:00Z", rules) { (engine) throws in
    try engine.order("a", wanted: "2026-03-04T12:00:00Z")
  }
  try shop.at("2026-03-05T07:00:00Z", rules) { (engine) throws in
    try engine.wake(at: "2026-03-05T07:00:00Z")
    #expect(
      try engine.logged() == [
        "chase 2026-03-03T09:00:00Z", "digest 2026-03-04T08:00:00Z", "remind 2026-03-04T11:00:00Z",
      ])
  }
}

@Test func `a past due fires right after the operation that set it, at its instant`() throws {
  let shop = try Shop()
  try shop.at("2026-03-02T09:00:00Z", remind) { (engine) throws in
    try engine.order("a", wanted: "2026-03-01T12:00:00Z")
    #expect(try engine.logged() == ["remind 2026-03-02T09:00:00Z"])
    let entry = try #require(try engine.clockEntries().first)
    #expect(entry.dueInstant?.due.description == "2026-03-01T11:00:00Z")
    #expect(entry.dueInstant?.late == nil)
  }
}

// MARK: Other rules come into force

@Test func `a rule that stays as it is keeps its timers when others change`() throws {
  let shop = try Shop()
  try shop.at("2026-03-02T09:00:00Z", chase()) { engine in try engine.order("a") }
  let changes = try shop.at("2026-03-02T20:00:00Z", daily("08:00") + chase()) { (engine) throws in
    #expect(try engine.timers() == ["chase a 2026-03-03T09:00:00Z"])
  }
  #expect(changes.isEmpty)
}

@Test func `a changed duration counts from the original start`() throws {
  let shop = try Shop()
  try shop.at("2026-03-02T09:00:00Z", chase()) { (engine) throws in
    try engine.order("a")
    try engine.order("b")
  }
  let longer = try shop.at("2026-03-02T20:00:00Z", chase("48h")) { (engine) throws in
    #expect(
      try engine.timers() == ["chase a 2026-03-04T09:00:00Z", "chase b 2026-03-04T09:00:00Z"])
  }
  #expect(longer == ["2 timers of chase moved; the first is due 2026-03-04T09:00:00Z"])
  // Shorter than what has passed already: it fires when the clock moves next.
  let shorter = try shop.at("2026-03-02T21:00:00Z", chase("1h")) { (engine) throws in
    #expect(try engine.logged().isEmpty)
    try engine.wake(at: "2026-03-02T21:00:00Z")
    #expect(try engine.logged() == ["chase 2026-03-02T10:00:00Z", "chase 2026-03-02T10:00:00Z"])
  }
  #expect(shorter == ["2 timers of chase moved; the first is due 2026-03-02T10:00:00Z"])
}

@Test func `a changed repeat counts from the last firing; without one the timer ends`() throws {
  let shop = try Shop()
  try shop.at("2026-03-02T09:00:00Z", chase("24h", repeat: "24h")) { (engine) throws in
    try engine.order("a")
    try engine.advance(to: try #require(Timestamp("2026-03-03T10:00:00Z")))
    #expect(try engine.logged().count == 1)
  }
  let moved = try shop.at("2026-03-03T11:00:00Z", chase("24h", repeat: "6h")) { (engine) throws in
    #expect(try engine.timers() == ["chase a 2026-03-03T15:00:00Z"])
  }
  #expect(moved == ["1 timer of chase moved to 2026-03-03T15:00:00Z"])
  // Another first wait is past already.
  #expect(try shop.at("2026-03-03T11:00:00Z", chase("12h", repeat: "6h")).isEmpty)
  let ended = try shop.at("2026-03-03T11:00:00Z", chase("12h")) { (engine) throws in
    #expect(try engine.timers().isEmpty)
  }
  #expect(
    ended == [
      "1 timer of chase was cancelled: they had fired, and the rule does not repeat any more"
    ])
}

@Test func `a changed condition keeps a timer only where it holds now`() throws {
  let shop = try Shop()
  let rule = { (limit: Int) in
    chase().replacingOccurrences(
      of: #"order.status == "pending""#, with: "order.rank >= \(limit)")
  }
  try shop.at("2026-03-02T09:00:00Z", rule(1)) { (engine) throws in
    try engine.write { db in
      try db.create("Order", id: "a", ["rank": .int(1)])
      try db.create("Order", id: "b", ["rank": .int(5)])
      try db.create("Order", id: "c", ["rank": .int(0)])
    }
  }
  let higher = try shop.at("2026-03-02T10:00:00Z", rule(3)) { (engine) throws in
    #expect(try engine.timers() == ["chase b 2026-03-03T09:00:00Z"])
  }
  #expect(
    higher == ["1 timer of chase was cancelled: the condition does not hold as it is written now"])
  // What the new condition holds for besides starts nothing.
  #expect(try shop.at("2026-03-02T11:00:00Z", rule(0)).isEmpty)
  try shop.at("2026-03-04T11:00:00Z", rule(0)) { (engine) throws in
    try engine.wake(at: "2026-03-04T11:00:00Z")
    #expect(try engine.logged() == ["chase 2026-03-03T09:00:00Z"])
  }
}

@Test func `a removed or renamed rule says what it cancels, and coming back fires nothing`() throws
{
  let shop = try Shop()
  let all = chase() + daily("08:00")
  try shop.at("2026-03-02T09:00:00Z", all) { engine in try engine.order("a") }
  let renamed = chase().replacingOccurrences(of: "rule: chase", with: "rule: pursue")
  let changes = try shop.at("2026-03-02T10:00:00Z", renamed)
  #expect(
    changes == [
      "1 timer of chase was cancelled: no such rule is in force any more",
      "the schedule of digest was cancelled: no such rule is in force any more",
    ])
  #expect(try shop.at("2026-03-12T10:00:00Z", all).isEmpty)
  try shop.at("2026-03-12T10:00:00Z", all) { (engine) throws in
    try engine.wake(at: "2026-03-12T10:00:00Z")
    #expect(try engine.logged().isEmpty)
    #expect(try engine.schedules() == ["digest 2026-03-13T08:00:00Z"])
  }
}

@Test func `a rule that is switched off and on again does not fire for the past`() throws {
  let shop = try Shop()
  let off = daily("08:00").replacingOccurrences(
    of: "rule: digest", with: "rule: digest\n  enabled: false")
  try shop.at("2026-03-02T09:00:00Z", daily("08:00"))
  try shop.at("2026-03-02T10:00:00Z", off)
  try shop.at("2026-03-09T10:00:00Z", daily("08:00")) { (engine) throws in
    try engine.wake(at: "2026-03-09T10:00:00Z")
    #expect(try engine.logged().isEmpty)
  }
}

@Test func `a changed due is computed from the rows`() throws {
  let shop = try Shop()
  let earlier = remind.replacingOccurrences(of: "hours(1)", with: "hours(3)")
  try shop.at("2026-03-02T09:00:00Z", remind) { (engine) throws in
    try engine.order("a", wanted: "2026-03-02T12:00:00Z")
    try engine.order("b", wanted: "2026-03-02T10:15:00Z")
    try engine.advance(to: try #require(Timestamp("2026-03-02T09:30:00Z")))
    #expect(try engine.logged() == ["remind 2026-03-02T09:15:00Z"])
  }
  let moved = try shop.at("2026-03-02T09:40:00Z", earlier) { (engine) throws in
    // What fired once stays so: its new instant has passed.
    #expect(
      try engine.timers() == [
        "remind a 2026-03-02T09:00:00Z", "remind b 2026-03-02T07:15:00Z used",
      ])
  }
  #expect(moved == ["1 timer of remind moved to 2026-03-02T09:00:00Z"])
  let never = remind.replacingOccurrences(
    of: "order.wanted == null ? null : order.wanted - hours(1)",
    with: "order.rank == 0 ? null : order.wanted")
  #expect(
    try shop.at("2026-03-02T09:40:00Z", never)
      == ["1 timer of remind was cancelled: `due` gives no instant now"])
}

@Test func `a schedule keeps its instant unless its trigger changes`() throws {
  let shop = try Shop()
  try shop.at("2026-03-02T09:00:00Z", daily("08:00"))
  // Missed, and kept while other things change.
  let other = daily("08:00").replacingOccurrences(of: "text: digest", with: "text: summary")
  try shop.at("2026-03-05T09:00:00Z", other) { (engine) throws in
    #expect(engine.timerChanges.isEmpty)
    #expect(try engine.schedules() == ["digest 2026-03-03T08:00:00Z"])
  }
  let changes = try shop.at("2026-03-05T09:00:00Z", daily("10:30"))
  #expect(changes == ["the schedule of digest moved to 2026-03-05T10:30:00Z"])
}

@Test func `rules that do not check any more leave what can be told from the rows`() throws {
  let shop = try Shop()
  let all = chase() + daily("08:00")
  try shop.at("2026-03-02T09:00:00Z", all) { (engine) throws in
    try engine.order("a")
    try engine.perform { interpreter throws(Refusal) in
      let store = interpreter.store
      try store.begin()
      try store.execute("UPDATE _rules SET text = '[[\"a.yaml\",\"- rule: half\"]]'")
      try store.commit()
    }
  }
  let changes = try shop.at("2026-03-02T10:00:00Z", chase("2h") + daily("08:00")) {
    (engine) throws in
    #expect(try engine.timers() == ["chase a 2026-03-02T11:00:00Z"])
    #expect(try engine.schedules() == ["digest 2026-03-03T08:00:00Z"])
  }
  #expect(changes == ["1 timer of chase moved to 2026-03-02T11:00:00Z"])
}
