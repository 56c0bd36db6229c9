internal import Foundation
public import QuartermasterCEL

/// How users log in, and for how long.
public struct AccountSettings: Sendable {
  /// What a password must be, and how its hash is made.
  public var passwords = PasswordSettings()
  /// What wrong guesses lead to.
  public var guesses = GuessSettings()
  /// How long a session lasts from log-in, however much it is used.
  public var sessionLength = TimeSpan(days: 365)
  /// How many sessions a user may have; with one more, the oldest ends.
  public var mostSessions = 100
  /// How often the last use of a session is written down: each time would make every request a write.
  public var notesUseEvery = TimeSpan(minutes: 10)
  /// The present instant: the computer's, also where the rules run by a clock of their own.
  public var clock: @Sendable () -> Timestamp = {
    Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
  }

  /// Creates the usual settings.
  public init() {}
}

/// What wrong guesses at a password lead to: some are free, then each makes the next wait twice as long.
///
/// They are counted by user name, also for names that nobody has, and in the file: for all processes, and after a restart.
public struct GuessSettings: Sendable {
  /// How many wrong ones one after the other make nobody wait.
  public var free = 5
  /// How long the first one after these makes the next wait.
  public var firstDelay = TimeSpan(seconds: 1)
  /// The longest wait.
  public var longestDelay = TimeSpan(minutes: 15)
  /// After how long without a guess they are forgotten.
  public var forgottenAfter = TimeSpan(days: 1)

  /// Creates the usual settings.
  public init() {}

  /// Returns how long the next guess waits after a number of wrong ones, in milliseconds.
  func delay(after count: Int64) -> Int64 {
    let paid = count - Int64(max(0, free))
    if paid <= 0 { return 0 }
    var delay = firstDelay.milliseconds
    for _ in 1..<min(paid, 64) where delay < longestDelay.milliseconds { delay *= 2 }
    return max(0, min(delay, longestDelay.milliseconds))
  }
}

extension TimeSpan {
  init(seconds: Int64) { self.init(nanoseconds: seconds * 1_000_000_000) }
  init(minutes: Int64) { self.init(seconds: minutes * 60) }
  init(days: Int64) { self.init(seconds: days * 86_400) }
}
