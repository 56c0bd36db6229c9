import Testing

@testable import QuartermasterCEL

/// Work that runs on a thread of its own.
struct StackRoomTests {
  private struct Oops: Error {}

  @Test func `work that another thread does is given back, many times over`() {
    var total = 0
    for number in 0..<2000 {
      let words = "value \(number)"
      func work() throws(Oops) -> Int {
        if number == 7 { throw Oops() }
        return words.utf8.count
      }
      do throws(Oops) { total += try StackRoom.run(levels: 100, work) } catch { total += 1 }
    }
    // 9 values of one digit that went well, then those of two, three and four digits.
    #expect(total == 9 * 7 + 1 + 90 * 8 + 900 * 9 + 1000 * 10)
  }
}
