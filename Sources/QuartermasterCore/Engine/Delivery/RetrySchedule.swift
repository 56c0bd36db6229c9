package import QuartermasterCEL

/// When what failed is tried again, and when it is given up.
package struct RetrySchedule: Sendable {
  /// Tries, age, delays and jitter.
  let settings: ProjectSettings.Outbox
  /// Gives a number from 0 to below 1, for the jitter.
  let chance: @Sendable () -> Double

  /// What becomes of a try that failed.
  package enum Verdict: Equatable {
    /// It is tried again at an instant, in milliseconds.
    case again(at: Int64)
    /// It is given up.
    case dead
  }

  /// Judges a try that failed.
  ///
  /// - Parameters:
  ///   - tries: How many there were, this one included.
  ///   - since: When the first one could have been, in milliseconds.
  ///   - now: The present instant, in milliseconds.
  ///   - atLeast: How long the receiver asked to be left alone.
  /// - Returns: When the next try is, or that there is none.
  package func afterFailure(
    tries: Int, since: Int64, now: Int64, atLeast: TimeSpan? = nil
  ) -> Verdict {
    if tries >= settings.maximumTries || now - since >= settings.maximumAge.milliseconds {
      return .dead
    }
    return .again(at: now + delay(tries: tries, atLeast: atLeast))
  }

  /// Returns how long a try waits that follows a number of failed ones, in milliseconds.
  package func delay(tries: Int, atLeast: TimeSpan? = nil) -> Int64 {
    let place = min(max(tries, 1), settings.delays.count) - 1
    let plain = settings.delays.isEmpty ? 1000 : max(1, settings.delays[place].milliseconds)
    // Drawn out, never cut short: the delay that an operator reads is what a receiver can count on.
    let drawn = Double(plain) * (1 + Double(settings.jitter) / 100 * chance())
    // A receiver may ask for more, but not for more than a delivery's whole life.
    let asked = min(atLeast?.milliseconds ?? 0, settings.maximumAge.milliseconds)
    return max(Int64(drawn), asked)
  }
}
