public import QuartermasterCEL

/// What is backtested.
public struct BacktestOptions: Sendable {
  /// The instant at which both worlds begin; nil for the earliest that the journal reaches back to.
  public var since: Timestamp?
  /// The instant before which they end; nil for the end of the journal.
  public var until: Timestamp?
  /// Rules that play in both worlds what is outside: the supplier, the carrier.
  ///
  /// They are rule files like others.
  public var world: [SourceFile] = []
  /// The rules of the old side; nil for those that were in force, one set after the other.
  public var against: [SourceFile]?
  /// What is counted besides messages, firings, statuses and refusals.
  public var measures: [BacktestMeasure] = []
  /// Is told how much is done, from 0 to 1.
  ///
  /// It may be called on several threads, though not at the same time.
  public var progress: @Sendable (Double) -> Void = { _ in }

  /// Creates the default options.
  public init() {}
}

/// Why a backtest cannot be made.
public struct BacktestProblem: Error, Sendable {
  /// What is wrong, and what to do.
  public let message: String
  /// The earliest instant at which it could begin, where that is what is wrong.
  public let earliest: Timestamp?
}
