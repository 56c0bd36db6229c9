import Foundation
import Testing

/// The pages for people, held against the program: what they print is what they say, and their links lead somewhere.
struct ManualTests {
  private static let project = Fixture.testFolder.deletingLastPathComponent()
    .deletingLastPathComponent()

  private static func pages() throws -> [ManualPage] {
    let folder = project.appendingPathComponent("Docs")
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      .filter { $0.hasSuffix(".md") }.map { name in
        let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
        return try ManualPage(text, name: name)
      }
  }

  /// The pages with commands.
  static let runnable: [String] = {
    guard let pages = try? pages() else { return [] }
    return pages.filter { !$0.commands.isEmpty }.map(\.name)
  }()

  @Test func `there are pages to run`() {
    #expect(Self.runnable.contains("manual.md"))
    #expect(Self.runnable.contains("cookbook.md"))
  }

  @Test(arguments: Self.runnable) func `commands print what the page says`(name: String) throws {
    let page = try #require(try Self.pages().first { $0.name == name })
    for result in try ManualRun.run(page) {
      #expect(result.status >= 0, "\(name):\(result.command.line): did not run")
      #expect(
        ManualPage.matches(result.printed, result.command.expected),
        """
        \(name):\(result.command.line): $ \(result.command.text)
        the page says
        \(result.command.expected.joined(separator: "\n"))
        it printed (status \(result.status))
        \(result.printed)
        """)
    }
  }

  /// What is shown of Swift is compiled: it stands in a program below examples/.
  @Test func `programs of the pages stand in the examples`() throws {
    let docs = Self.project.appendingPathComponent("Docs").path
    let pages = try FileManager.default.contentsOfDirectory(atPath: docs).filter {
      $0.hasSuffix(".md")
    }
    let folder = Self.project.appendingPathComponent("examples")
    let programs = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") }.map { name in
        Self.flattened(
          try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8))
      }
    var count = 0
    for page in pages.sorted().map({ "Docs/\($0)" }) + ["README.md"] {
      let text = try String(contentsOf: Self.project.appendingPathComponent(page), encoding: .utf8)
      for block in text.matches(of: /```swift\n((?:[^`]|`[^`])*)```/).map({ String($0.1) }) {
        count += 1
        #expect(programs.contains { $0.contains(Self.flattened(block)) }, "\(page): \(block)")
      }
    }
    #expect(count > 10)
  }

  /// Returns a text without indents, empty lines and imports.
  private static func flattened(_ text: String) -> String {
    text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty && !$0.hasPrefix("import ") }.joined(separator: "\n")
  }

  @Test func `links lead to files that are there`() throws {
    var pages = ["README.md", "ARCHITECTURE.md"]
    for folder in ["Docs", "Docs/Decisions"] {
      pages += try FileManager.default.contentsOfDirectory(
        atPath: Self.project.appendingPathComponent(folder).path
      ).filter { $0.hasSuffix(".md") }.map { folder + "/" + $0 }
    }
    var links = 0
    for page in pages.sorted() {
      let file = Self.project.appendingPathComponent(page)
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(of: /\]\(([^)#\s]+)(?:#[^)]*)?\)/) {
        let target = String(match.1)
        guard !target.contains("://") else { continue }
        links += 1
        let path = file.deletingLastPathComponent().appendingPathComponent(target).path
        #expect(FileManager.default.fileExists(atPath: path), "\(page): \(target)")
      }
    }
    #expect(links > 50)
  }

  @Test func `an ellipsis stands for any text and any lines, nothing else does`() {
    #expect(ManualPage.matches("a\nb\nc\n", ["a", "…", "c"]))
    #expect(ManualPage.matches("a\nc\n", ["a", "…", "c"]))
    #expect(ManualPage.matches("took 3.2 s\n\n", ["took … s"]))
    #expect(ManualPage.matches("a  \n", ["a"]))
    #expect(ManualPage.matches("", []))
    #expect(!ManualPage.matches("a\nb\n", ["a"]))
    #expect(!ManualPage.matches("a\n", []))
    #expect(!ManualPage.matches("a\nb\n", ["a", "…", "c"]))
    #expect(!ManualPage.matches("a.b\n", ["a…c"]))
  }

  @Test func `a page that cannot be read is told`() {
    #expect(throws: ManualPage.Mistake.self) { try ManualPage("```console\n$ true\n", name: "x") }
    #expect(throws: ManualPage.Mistake.self) { try ManualPage("```console\nok\n```\n", name: "x") }
  }
}
