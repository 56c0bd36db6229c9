internal import Foundation

/// Room for calls: what works on a tree calls itself once for each level, and threads of Swift concurrency have stacks of
/// 512 KiB.
enum StackRoom {
  /// How many levels fit on every thread, also where code is not optimised.
  private static let sureLevels = 20
  /// What a level takes at most, in bytes; with an address sanitizer it is 19 KiB.
  private static let bytesPerLevel = 32 * 1024
  /// The largest stack that is made.
  private static let mostBytes = 1 << 30

  /// Does work on a tree; on a thread of its own, which the caller waits for, where the tree is too deep for any thread.
  ///
  /// - Parameters:
  ///   - levels: How many levels the tree has at most.
  ///   - work: What is to be done.
  /// - Returns: What the work gives.
  /// - Throws: What the work throws.
  static func run<T, E: Error>(
    levels: Int, _ work: @escaping () throws(E) -> T
  ) throws(E) -> T {
    if levels <= sureLevels { return try work() }
    // One thread works while the other waits, so nothing is used by two at a time.
    nonisolated(unsafe) let work = work
    nonisolated(unsafe) var result: Result<T, E>?
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
      do throws(E) { result = .success(try work()) } catch { result = .failure(error) }
      done.signal()
    }
    thread.stackSize = min(mostBytes, (min(levels, mostBytes) + sureLevels) * bytesPerLevel)
    thread.start()
    done.wait()
    guard let result else { return try work() }
    return try result.get()
  }

  /// Returns how many levels the tree of a text can have that are not chains: brackets in each other, and branches.
  static func levels(in text: String) -> Int {
    var (open, deepest, branches) = (0, 0, 0)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"):
        open += 1
        deepest = max(deepest, open)
      case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): open = max(0, open - 1)
      case UInt8(ascii: "?"): branches += 1
      default: break
      }
    }
    return deepest + branches
  }
}
