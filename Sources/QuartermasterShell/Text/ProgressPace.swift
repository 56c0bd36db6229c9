/// How fast a long command goes, and how long it still takes.
struct ProgressPace: Sendable {
  private let started = ContinuousClock.now

  /// Returns `12,345 changes, 8,200 a second, about 1 min left`.
  ///
  /// - Parameters:
  ///   - count: How many were done.
  ///   - noun: What they are, one of them.
  ///   - fraction: The part that is done, from 0 to 1; nil when it is not known.
  /// - Returns: The words; how long it takes only when enough was done to tell.
  func detail(_ count: Int, _ noun: String, _ fraction: Double?) -> String {
    detail(count, noun, fraction, seconds: (ContinuousClock.now - started) / .seconds(1))
  }

  func detail(_ count: Int, _ noun: String, _ fraction: Double?, seconds: Double) -> String {
    var text = Plain.count(count, noun)
    guard seconds >= 1 else { return text }
    text += ", \(Plain.count(Int(Double(count) / seconds))) a second"
    if let fraction, fraction > 0.005, fraction < 1 {
      text += ", about \(Self.span(seconds / fraction * (1 - fraction))) left"
    }
    return text
  }

  private static func span(_ seconds: Double) -> String {
    if seconds < 90 { return "\(max(1, Int(seconds.rounded()))) s" }
    if seconds < 5400 { return "\(Int((seconds / 60).rounded())) min" }
    return "\(Int((seconds / 3600).rounded())) h"
  }
}
