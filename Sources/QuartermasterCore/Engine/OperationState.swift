internal import QuartermasterCEL

/// What is known of the operation that runs.
///
/// Made once per interpreter and cleared for each operation.
/// Not checked for overlapping accesses, like the interpreter.
final class OperationState {
  /// What started it.
  @exclusivity(unchecked) private(set) var origin = Origin.host
  /// The journal row of the operation that woke a later rule.
  @exclusivity(unchecked) private(set) var cause: Int64?
  /// The changes since the round began.
  @exclusivity(unchecked) var roundChanges = ChangeLog()
  /// The changes since the operation began.
  @exclusivity(unchecked) var allChanges = ChangeLog()
  /// Signals raised and not yet heard, in order.
  @exclusivity(unchecked) var signals: [RaisedSignal] = []
  /// The blind assignments of the round.
  @exclusivity(unchecked) var ledger = ConflictLedger()
  /// The round, from 1; 0 before the first.
  @exclusivity(unchecked) var round = 0
  /// The changes of the first round.
  @exclusivity(unchecked) var firstChanges = 0
  /// How many firings there were from round 2 on.
  @exclusivity(unchecked) var laterFirings = 0
  /// A number for each firing, also for those that were undone.
  @exclusivity(unchecked) var firingNumber = 0
  /// The firings that did something, in order.
  @exclusivity(unchecked) var firings: [FiringReport] = []
  /// Counts of firings by the place of the rule.
  @exclusivity(unchecked) var fired: [Int: Int] = [:]
  /// Counts of skipped firings by the place of the rule.
  @exclusivity(unchecked) var skipped: [Int: Int] = [:]
  /// The place in ``firings`` of the firing that acts; nil for the host.
  @exclusivity(unchecked) var acting: Int?
  /// Whether the firing that runs has begun to act.
  @exclusivity(unchecked) var hasBegun = false
  /// The last firing that wrote a record, in this round.
  @exclusivity(unchecked) var writers: [ObjectIdentifier: Int] = [:]
  /// The same, of the round before.
  @exclusivity(unchecked) var causes: [ObjectIdentifier: Int] = [:]
  /// The firings that wrote a record at any time, for the journal; the host's writes are not there.
  @exclusivity(unchecked) var authors: [ObjectIdentifier: [Int]] = [:]
  /// The rules that were woken and whose conditions did not hold; only noted where somebody asks.
  @exclusivity(unchecked) var nearMisses: [NearMiss] = []
  /// What the host asked for, in order.
  @exclusivity(unchecked) var given: [GivenChange] = []
  /// What the verbs said of themselves that the host ran.
  @exclusivity(unchecked) var notes: [String] = []
  /// The row of the journal that was written, if one was.
  @exclusivity(unchecked) var journalRow: Int64?
  /// The messages that were queued.
  @exclusivity(unchecked) var messages: [MessageReport] = []
  /// The moves of statuses, in order; only noted where somebody asks.
  @exclusivity(unchecked) var moves: [StatusMove] = []
  /// The calls that were queued.
  @exclusivity(unchecked) var calls: [CallReport] = []
  /// The key of `once` that the action took which runs, and whether a message of it went into the inbox.
  @exclusivity(unchecked) var onceKey: OnceKey?
  @exclusivity(unchecked) var reachedInbox = false
  /// Which rule deleted a record, for the message of an error.
  @exclusivity(unchecked) var deleters: [ObjectIdentifier: String] = [:]

  /// How many rules that did not fire are noted.
  static let mostNearMisses = 20

  /// What started an operation.
  enum Origin: Sendable, Equatable {
    case host
    case timer(String)
    case schedule(String)
    case later(String)
    /// The host, which asked that no rules run.
    case withoutRules
    /// Another program, which wrote past the engine.
    case outside
    /// `doctor`, which mends the file.
    case mending
    /// The engine, which says in records that are rules what is wrong with them.
    case automations
    /// A catch-up: a rule that is fired on purpose, in somebody's name.
    case catchUp(rule: String, by: String)

    /// Whether the clock started it.
    var isOfClock: Bool {
      switch self {
      case .timer, .schedule: true
      case .host, .later, .withoutRules, .outside, .mending, .automations, .catchUp: false
      }
    }

    /// Whether somebody may act in it.
    var isActed: Bool {
      switch self {
      case .host, .catchUp: true
      case .timer, .schedule, .later, .withoutRules, .outside, .mending, .automations: false
      }
    }
  }

  /// A signal and its payload.
  struct RaisedSignal {
    let name: String
    let payload: [String: Value]
    /// The firing that raised it.
    let cause: Int?
  }

  /// Clears all for the next operation.
  func begin(_ origin: Origin, cause: Int64? = nil) {
    self.origin = origin
    self.cause = cause
    roundChanges.clear()
    allChanges.clear()
    ledger.clear()
    round = 0
    firstChanges = 0
    laterFirings = 0
    firingNumber = 0
    acting = nil
    journalRow = nil
    hasBegun = false
    onceKey = nil
    // Most operations fire nothing: clearing an empty collection is a test, not an allocation.
    if !signals.isEmpty { signals.removeAll() }
    if !firings.isEmpty { firings.removeAll() }
    if !fired.isEmpty { fired.removeAll() }
    if !skipped.isEmpty { skipped.removeAll() }
    if !writers.isEmpty { writers.removeAll() }
    if !causes.isEmpty { causes.removeAll() }
    if !authors.isEmpty { authors.removeAll() }
    if !nearMisses.isEmpty { nearMisses.removeAll() }
    if !notes.isEmpty { notes.removeAll() }
    if !given.isEmpty { given.removeAll(keepingCapacity: true) }
    if !messages.isEmpty { messages.removeAll() }
    if !calls.isEmpty { calls.removeAll() }
    if !moves.isEmpty { moves.removeAll() }
    if !deleters.isEmpty { deleters.removeAll() }
  }

  /// Whether the host raised a signal: something happened, whoever hears it.
  var raisedSignal: Bool {
    given.contains { if case .signal = $0 { true } else { false } }
  }

  /// Notes the moves that a write makes.
  func noteMoves(_ record: Record, was old: Row?, _ definition: ClassDefinition) {
    guard let old, let new = record.row else { return }
    for field in definition.fields where field.flow != nil {
      guard let slot = field.slot, case .string(let from) = old.values[slot],
        case .string(let to) = new.values[slot], !UTF8Text.equal(from, to)
      else { continue }
      moves.append(
        StatusMove(className: definition.name, field: field.name, from: from, to: to))
    }
  }

  /// Notes who writes a record.
  func wrote(_ record: Record) {
    guard let acting else { return }
    let key = ObjectIdentifier(record)
    writers[key] = acting
    if authors[key]?.last != acting { authors[key, default: []].append(acting) }
  }
}
