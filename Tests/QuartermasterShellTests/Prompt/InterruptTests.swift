import Dispatch
import Foundation
import QuartermasterCore
import Testing

@testable import QuartermasterShell

/// Ctrl-C: what runs ends, what was not kept is undone, and the prompt goes on.
struct InterruptTests {
  /// Submits a line and asks it to end until it has.
  private func interrupted(_ repl: Repl, _ line: String, after delay: Double = 0.2) -> Reply {
    let interrupter = repl.interrupter
    let thread = Thread {
      Thread.sleep(forTimeInterval: delay)
      while !Thread.current.isCancelled {
        interrupter.interrupt()
        Thread.sleep(forTimeInterval: 0.02)
      }
    }
    thread.start()
    let reply = repl.submit(line)
    thread.cancel()
    while !thread.isFinished { Thread.sleep(forTimeInterval: 0.005) }
    return reply
  }

  @Test func `an expression that runs in memory ends`() throws {
    let fixture = try Fixture()
    let repl = try Repl.open(fixture.folder, ShellContext()).get()
    let reply = interrupted(
      repl,
      "lists.range(100000).all(a, lists.range(100000).all(b, a + b >= 0))")
    #expect(reply.errors == "interrupted\n")
    #expect(reply.status == .failed)
    #expect(repl.submit("1 + 1").output == "2\n")
    _ = repl.finish()
  }

  @Test func `an action that runs in the file ends and is undone`() throws {
    let fixture = try Fixture()
    fixture.applyDay()
    let repl = try Repl.open(fixture.folder, ShellContext()).get()
    let reply = interrupted(
      repl,
      "create Supplier name: slow each: n in lists.range(100000).filter(x, "
        + "lists.range(100000).all(y, y + x >= 0))")
    #expect(reply.errors == "interrupted: nothing was changed\n")
    #expect(repl.submit("Supplier.filter(s, s.name == \"slow\").size()").output == "0\n")
    #expect(repl.submit("set bolts quantity: 19").status == .done)
    _ = repl.finish()
  }

  @Test func `a wait for the lock of another program ends too, and else says what holds it`() throws
  {
    let fixture = try Fixture()
    fixture.applyDay()
    let repl = try Repl.open(fixture.folder, ShellContext()).get()
    let other = try Repl.open(fixture.folder, ShellContext()).get()
    let (held, release) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let engine = other.main
    let thread = Thread {
      try? engine.perform { interpreter throws(Refusal) in
        try interpreter.session.execute("BEGIN IMMEDIATE")
        held.signal()
        release.wait()
      }
    }
    thread.start()
    held.wait()
    // Reading goes on beside the lock.
    #expect(repl.submit("bolts.quantity").output == "18\n")
    let stopped = interrupted(repl, "set bolts quantity: 1")
    #expect(stopped.errors == "interrupted: nothing was changed\n")
    let locked = repl.submit("set bolts quantity: 1")
    // The line is broken to the width somewhere.
    let words = locked.errors.split(separator: "\n").joined(separator: " ")
    #expect(words.contains("another program holds the file locked"))
    release.signal()
    while !thread.isFinished { Thread.sleep(forTimeInterval: 0.005) }
    #expect(repl.submit("set bolts quantity: 1").status == .done)
    _ = other.finish()
    _ = repl.finish()
  }

  @Test func `a clock that is moved far stops where it is, and what was done is kept`() throws {
    let fixture = try Fixture()
    fixture.applyDay()
    let repl = try Repl.open(fixture.folder, isSandbox: true, ShellContext()).get()
    let reply = interrupted(repl, ":clock +9999d", after: 0.3)
    #expect(reply.errors == "interrupted: what is listed above was kept\n")
    #expect(reply.output.contains("the schedule of send-drafts"))
    #expect(repl.submit(":clock").output.contains("it is "))
    // To take it back and to go there again are the same as ever.
    #expect(repl.submit(":undo").output.hasPrefix("undone: :clock "))
    #expect(repl.submit(":clock").output == "it is Sat 7 Mar 2026, 21:00:00 Europe/Paris\n")
    _ = repl.finish()
  }
}
