/// Why a stream was not applied to its end.
///
/// What was committed before stays.
package struct StreamFailure: Error, Sendable {
  /// The kinds.
  package enum Kind: Sendable {
    /// The command was given wrongly.
    case usage
    /// The file cannot be read, or is not the one that was begun.
    case badInput
    /// The data file could not be written.
    case storage
  }

  /// The kind.
  package let kind: Kind
  /// What happened and what to do.
  package let message: String

  static func unreadable(_ path: String, _ reason: String) -> StreamFailure {
    StreamFailure(kind: .badInput, message: "\(path) cannot be read: \(reason)")
  }

  static func needsReplayClock(line: Int64) -> StreamFailure {
    StreamFailure(
      kind: .usage,
      message: "line \(line) has `at`, and the data file runs by the computer's clock; "
        + "apply it with `--clock replay` (the file then keeps a clock of its own)")
  }

  static func otherFile(_ name: String) -> StreamFailure {
    StreamFailure(
      kind: .badInput,
      message: "\(name) is not the file that was begun: what was applied of it reads differently "
        + "now; go on without `--resume`, or give back the file as it was")
  }

  static func shorterFile(_ name: String, _ line: Int64) -> StreamFailure {
    StreamFailure(
      kind: .badInput,
      message: "\(name) is shorter than when it was begun: line \(line) was applied already; "
        + "go on without `--resume`, or give back the file as it was")
  }

  static func lost(_ refusal: Refusal, lines: ClosedRange<Int64>) -> StreamFailure {
    let which =
      lines.count == 1
      ? "line \(lines.lowerBound)" : "lines \(lines.lowerBound) to \(lines.upperBound)"
    return StreamFailure(
      kind: .storage,
      message:
        "\(refusal.message); \(which) not applied, what stands before is: go on with `--resume`")
  }
}
