internal import Foundation

/// How a connection waits for a lock that another one holds.
///
/// SQLite's own wait grows to a tenth of a second between two looks. A program that commits in a tight loop leaves the
/// lock free for some microseconds between two commits, which such a wait misses for seconds on end. To look about
/// every millisecond finds them: two streams on one file take turns, and neither gives up.
enum BusyWait {
  /// Returns what SQLite calls with the number of looks so far; it gives up after the given time.
  static func handler(milliseconds: Int, _ interruption: Interruption) -> @Sendable (Int) -> Bool {
    { looks in
      // A sleep is never shorter than asked, so that many looks take at least the time.
      if looks >= milliseconds || interruption.isRequested { return false }
      // Not in step with a rhythm of the other side.
      usleep(looks % 2 == 0 ? 700 : 1300)
      return true
    }
  }
}
