import Testing

@testable import QuartermasterCEL

/// Work on trees that are too deep for the stack of any thread.
struct StackRoomTests {
  private struct Failed: Error {}

  @Test func `the thread that did the work lets go of it before the caller goes on`() {
    // What is held a moment too long ends the process, though not each time.
    for number in 0..<2000 {
      #expect(StackRoom.run(levels: 30) { () throws(Never) -> Int in number } == number)
    }
  }

  @Test func `what the work throws is thrown`() {
    #expect(throws: Failed.self) {
      try StackRoom.run(levels: 30) { () throws(Failed) -> Int in throw Failed() }
    }
  }
}
