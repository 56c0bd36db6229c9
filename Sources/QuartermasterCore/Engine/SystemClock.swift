internal import Foundation

/// The computer's clock.
enum SystemClock {
  /// Milliseconds since 1970 UTC.
  static var milliseconds: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }
}
