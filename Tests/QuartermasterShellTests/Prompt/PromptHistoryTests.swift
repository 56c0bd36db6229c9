import Foundation
import Testing

@testable import QuartermasterShell

struct PromptHistoryTests {
  private func folder() -> String {
    FileManager.default.temporaryDirectory.path + "/quartermaster-history-\(UUID().uuidString)"
  }

  @Test func `entries come back as they were typed, for their owner alone`() throws {
    let state = folder()
    defer { try? FileManager.default.removeItem(atPath: state) }
    let history = try #require(PromptHistory(environment: ["XDG_STATE_HOME": state]))
    #expect(history.entries().isEmpty)
    let typed = ["Größe 数量", ":rule\n- rule: a\n  trigger: x", "a \\ b \\n c", "last"]
    for entry in typed { #expect(history.append(entry)) }
    #expect(history.entries() == typed)
    let file = try FileManager.default.attributesOfItem(
      atPath: state + "/quartermaster/history")
    #expect(file[.posixPermissions] as? Int == 0o600)
    let parent = try FileManager.default.attributesOfItem(atPath: state + "/quartermaster")
    #expect(parent[.posixPermissions] as? Int == 0o700)
  }

  @Test func `a long file is cut, and one of others is taken from them`() throws {
    let state = folder()
    defer { try? FileManager.default.removeItem(atPath: state) }
    let file = state + "/quartermaster/history"
    try FileManager.default.createDirectory(
      atPath: state + "/quartermaster", withIntermediateDirectories: true)
    let lines = (1...2500).map { "entry \($0)\n" }.joined()
    try Data(lines.utf8).write(to: URL(fileURLWithPath: file))
    chmod(file, 0o644)
    let history = try #require(
      PromptHistory(environment: ["HOME": "/nowhere", "XDG_STATE_HOME": state]))
    #expect(history.entries().count == 1000)
    #expect(history.append("one more"))
    #expect(history.entries().suffix(2) == ["entry 2500", "one more"])
    let attributes = try FileManager.default.attributesOfItem(atPath: file)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    let text = try String(contentsOfFile: file, encoding: .utf8)
    #expect(text.hasPrefix("entry 1501\n"))
  }

  @Test func `without a home there is none, and what cannot be written is told`() throws {
    #expect(PromptHistory(environment: [:]) == nil)
    let history = try #require(PromptHistory(environment: ["HOME": "/dev/null"]))
    #expect(!history.append("x"))
    #expect(history.entries().isEmpty)
  }
}
