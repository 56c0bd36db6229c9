import Foundation
import Testing

@testable import QuartermasterShell

/// The session in Docs/repl.md is what the program says.
///
/// `RECORD_GOLDEN=1` writes it anew from its lines.
@Test func `the session of the manual`() throws {
  let page = Fixture.testFolder.appendingPathComponent("../../Docs/repl.md").standardizedFileURL
  let text = try String(contentsOf: page, encoding: .utf8)
  let opening = "<!-- session: the tests run these lines -->\n```\n"
  let start = try #require(text.range(of: opening)).upperBound
  let end = try #require(text[start...].range(of: "\n```\n")).lowerBound
  let written = String(text[start..<end]) + "\n"

  let folder = FileManager.default.temporaryDirectory.path + "/repl-\(UUID().uuidString)"
  defer { try? FileManager.default.removeItem(atPath: folder) }
  var context = ShellContext()
  context.width = 80
  #expect(NewCommand(folder).run(context).status == .done)
  var apply = ApplyCommand(path: folder + "/data/day.jsonl")
  apply.folder = folder
  apply.clock = .replay
  #expect(apply.run(context).output.contains("31 changes"))
  let repl = try Repl.open(folder, context).get()
  var told = ""
  var count = 0
  for line in written.split(separator: "\n", omittingEmptySubsequences: false) {
    let prompts = ["> ", "sandbox> ", "   ... "]
    guard let prompt = prompts.first(where: { line.hasPrefix($0) }) else { continue }
    guard prompt == repl.prompt, !repl.hasEnded else { continue }
    let input = String(line.dropFirst(prompt.count))
    let reply = repl.submit(input)
    told += prompt + input + "\n" + reply.output + reply.errors
    count += 1
  }
  _ = repl.finish()
  #expect(count > 15)
  told = told.replacingOccurrences(of: folder + "/", with: "")
    .split(separator: "\n", omittingEmptySubsequences: false)
    .map { line in
      var line = line
      while line.hasSuffix(" ") && !line.hasPrefix("   ...") { line.removeLast() }
      return String(line)
    }.joined(separator: "\n")
  if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
    let new = text[..<start] + told.dropLast() + text[end...]
    try Data(new.utf8).write(to: page)
    return
  }
  #expect(told == written)
}
