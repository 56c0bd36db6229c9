import Dispatch
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// The calls of tasks: they wait without a thread, come one after the other, and can be given up before their turn.
@Suite struct AsyncTests {
  @Test(.timeLimit(.minutes(2))) func `many tasks write and read beside each other`() async throws {
    let shop = try TestShop()
    let engine = try shop.open(nil)
    try await withThrowingTaskGroup(of: Int64.self) { group in
      for number in 0..<200 {
        group.addTask {
          try await engine.write { db in try db.create("Product", id: "p\(number)", [:]) }
          return try await engine.read { db in
            guard case .int(let count) = try db.query("Product.size()") else { return -1 }
            return count
          }
        }
      }
      var most: Int64 = 0
      for try await count in group {
        #expect(count > 0)
        most = max(most, count)
      }
      #expect(most == 200)
    }
    #expect(try await engine.read { db in try db.query("Product.size()").description } == "200")
    let made = try await engine.batch { batch in
      try (0..<3).map { number in
        try batch.write { db in try db.create("Site", id: "s\(number)", [:]) }.changes.count
      }
    }
    #expect(made == [1, 1, 1])
    try engine.close()
  }

  @Test(.timeLimit(.minutes(2))) func `a task that gives up before its turn has done nothing`()
    async throws
  {
    let shop = try TestShop()
    let engine = try shop.open(nil)
    let (begun, end) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let first = Task {
      try await engine.write { db in
        begun.signal()
        end.wait()
        try db.create("Product", id: "first", [:])
      }
    }
    await BlockingWork.wait(for: begun)
    let second = Task {
      try await engine.write { db in try db.create("Product", id: "second", [:]) }
    }
    second.cancel()
    end.signal()
    // What had begun when its task was cancelled is kept.
    first.cancel()
    #expect(try await first.value.changes.count == 1)
    await #expect(throws: CancellationError.self) { try await second.value }
    #expect(try await engine.read { db in try db.find("Product", id: "second") == nil })
    #expect(try await engine.read { db in try db.find("Product", id: "first") != nil })
    try engine.close()
  }

  @Test func `what the body throws comes out as it is`() async throws {
    struct Unwanted: Error {}
    let shop = try TestShop()
    let engine = try shop.open(nil)
    await #expect(throws: Unwanted.self) {
      try await engine.write { db in
        try db.create("Product", id: "a", [:])
        throw Unwanted()
      }
    }
    await #expect(throws: Refusal.self) {
      try await engine.write { db in try db.create("Nothing", id: "a", [:]) }
    }
    #expect(try await engine.read { db in try db.query("Product.size()").description } == "0")
    let later = Timestamp(milliseconds: TestShop.start.milliseconds + 1000)
    try await engine.advance(to: later)
    #expect(engine.now == later)
    try engine.close()
  }
}

extension BlockingWork {
  /// Waits for a semaphore without a thread of the test's own.
  fileprivate static func wait(for semaphore: DispatchSemaphore) async {
    _ = try? await run { semaphore.wait() }
  }
}
