import CLibedit
import Foundation
import QuartermasterShell
import Synchronization

/// The prompt on a terminal: line editing, history, completion, Ctrl-C.
struct PromptSession {
  private let repl: Repl
  private let history: PromptHistory?
  /// The entries that the arrow up finds.
  private static let historyLimit: Int32 = 1000

  init(_ repl: Repl) {
    self.repl = repl
    history = PromptHistory(environment: ProcessInfo.processInfo.environment)
  }

  /// Reads lines until `:quit` or Ctrl-D; ends the process.
  func run() -> Never {
    LineCompletion.repl = repl
    qm_edit_start(
      { typed, start, number, ending in LineCompletion.next(typed, start, number, ending) },
      Self.watchSignals(repl.interrupter))
    for entry in history?.entries() ?? [] { qm_edit_remember(entry, Self.historyLimit) }
    repl.width = Terminal.width
    Terminal.write(repl.greeting(version: Version.text))
    while !repl.hasEnded, qm_edit_was_ended() == 0 {
      guard let pointer = qm_edit_line(repl.prompt) else {
        // A new line for what comes behind the one that was begun.
        Terminal.write("\n")
        guard qm_edit_was_interrupted() != 0, qm_edit_was_ended() == 0 else { break }
        // Ctrl-C drops what was typed.
        repl.cancel()
        continue
      }
      let line = String(cString: pointer)
      free(pointer)
      // The window may be another one by now.
      repl.width = Terminal.width
      let reply = repl.submit(line)
      // The terminal has written ^C, behind which nothing else should stand.
      if qm_edit_was_interrupted() != 0 { Terminal.write("\n") }
      show(reply)
      remember()
    }
    show(repl.finish())
    Terminal.leave(.done)
  }

  /// Keeps a statement that is complete; a line that begins with a space is left out, as shells do.
  private func remember() {
    guard let entry = repl.lastEntry, entry.first != " " else { return }
    if entry == LineCompletion.lastEntry { return }
    LineCompletion.lastEntry = entry
    qm_edit_remember(entry, Self.historyLimit)
    history?.append(entry)
  }

  private func show(_ reply: Reply) {
    Terminal.write(reply.output)
    if !reply.errors.isEmpty { Terminal.complain(reply.errors) }
  }

  /// Starts a thread that ends the line that runs when a signal comes.
  ///
  /// - Returns: Where the handlers of signals write a byte.
  private static func watchSignals(_ interrupter: Interrupter) -> Int32 {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return -1 }
    // A handler must never wait, and what starts other programs must not give them the pipe.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
    let reading = ends[0]
    Thread.detachNewThread {
      var byte: UInt8 = 0
      while true {
        let count = read(reading, &byte, 1)
        if count < 0, errno == EINTR { continue }
        if count != 1 { return }
        while interrupter.interrupt() { usleep(20_000) }
      }
    }
    return ends[1]
  }
}

/// The completions of the word before the cursor, one after the other, as libedit asks for them.
enum LineCompletion {
  private static let candidates = Mutex<[String]>([])
  // Both are used by the thread that reads lines alone; libedit calls back on it.
  nonisolated(unsafe) static var repl: Repl?
  nonisolated(unsafe) static var lastEntry: String?

  /// Returns the completion of a number, allocated for libedit to free, or nil after the last.
  static func next(
    _ typed: UnsafePointer<CChar>?, _ start: Int32, _ number: Int32,
    _ ending: UnsafeMutablePointer<CChar>?
  ) -> UnsafeMutablePointer<CChar>? {
    guard let typed else { return nil }
    if number == 0 {
      let text = String(cString: typed)
      let found = repl?.completion(of: text)
      ending?.pointee = found?.ending.utf8.first.map { CChar(bitPattern: $0) } ?? 0
      let words = found.map { Self.words($0, text, Int(start)) } ?? []
      candidates.withLock { $0 = words }
    }
    let candidate = candidates.withLock { words in
      words.indices.contains(Int(number)) ? words[Int(number)] : nil
    }
    return candidate.flatMap { strdup($0) }
  }

  /// Returns candidates for the word as libedit cuts it, which may begin before or behind ours.
  private static func words(_ found: Completion, _ text: String, _ start: Int) -> [String] {
    let bytes = Array(text.utf8)
    if start <= found.start {
      let head = String(decoding: bytes[start..<found.start], as: UTF8.self)
      return found.candidates.map { head + $0 }
    }
    return found.candidates.map {
      String(decoding: $0.utf8.dropFirst(start - found.start), as: UTF8.self)
    }
  }
}
