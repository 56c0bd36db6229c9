internal import QuartermasterCEL

extension Engine {
  /// What ``retain()`` forgot.
  public struct RetentionReport: Sendable, Equatable {
    /// Operations of the journal.
    public internal(set) var operations = 0
    /// Refused operations.
    public internal(set) var refused = 0
    /// Deliveries that were handed over.
    public internal(set) var deliveries = 0
    /// Rule sets that no operation of the journal names any more.
    public internal(set) var ruleSets = 0
    /// What else had no use any more: marks of deleted records, once-keys past their time, and timers that are used
    /// up, of rules that are gone.
    public internal(set) var others = 0

    /// Whether nothing was forgotten.
    public var isEmpty: Bool { self == RetentionReport() }
  }

  /// Forgets what is older, or more, than `journal:` in the settings keeps; without it nothing.
  ///
  /// It works in commits of a few rows, between which other writes take their turn. The daemon calls it now and then; a
  /// host with a loop of its own calls it as often as it likes, such as once a day. The file does not get smaller: the
  /// room is used again.
  ///
  /// - Returns: What was forgotten.
  /// - Throws: ``Refusal`` when the file cannot be written; what was forgotten until then stays so.
  @discardableResult
  public func retain() throws -> RetentionReport {
    let now = now
    var retention = try perform { interpreter throws(Refusal) in
      Retention(interpreter.settings.retention, rules: interpreter.wholeRules)
    }
    while try perform({ interpreter throws(Refusal) -> Bool in
      try retention.forgetSome(in: interpreter.store, now: now)
    }) {}
    return retention.report
  }
}
