internal import Foundation
internal import QuartermasterCEL

/// The computer's clock.
enum SystemClock {
  /// The present instant.
  static var now: Timestamp {
    Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
  }
}
