import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterShell

/// Each code of a finding has files that give it, the text that is then said, and a page.
@Suite struct BadFileTests {
  @Test(arguments: BadFile.all)
  func `a bad file gives its code, and the text that stands beside it`(_ file: BadFile) throws {
    let (text, codes) = try file.said()
    #expect(codes.contains(file.code), "\(text)")
    if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
      try Data(text.utf8).write(to: URL(fileURLWithPath: file.expectedPath))
      return
    }
    let expected = try String(contentsOfFile: file.expectedPath, encoding: .utf8)
    #expect(text == expected)
  }

  @Test func `every code has at least three files, and a page`() throws {
    let explained = Set(ExplainCommand.all.map(\.code))
    let used = try Self.usedCodes()
    #expect(used.subtracting(explained).sorted() == [])
    let counts = BadFile.all.reduce(into: [:]) { $0[$1.code, default: 0] += 1 }
    let wanted = explained.union(used)
    for code in wanted.sorted() {
      #expect(counts[code, default: 0] >= 3, "\(code) has \(counts[code, default: 0]) bad files")
    }
    #expect(
      Set(counts.keys).subtracting(wanted).sorted() == [], "files of codes that are not there")
  }

  @Test func `no text beside a bad file is left over`() throws {
    let wanted = Set(BadFile.all.map(\.expectedPath))
    let all = FileManager.default.enumerator(atPath: BadFile.folder)
    for case let path as String in try #require(all) where path.hasSuffix(".expected") {
      #expect(wanted.contains(BadFile.folder + "/" + path), "\(path)")
    }
  }

  /// The codes that the sources write in one piece; those put together from an area and a name are compared with the
  /// pages by the tests of schemas.
  private static func usedCodes() throws -> Set<String> {
    let sources = Fixture.testFolder.deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Sources").path
    var used: Set<String> = []
    let all = FileManager.default.enumerator(atPath: sources)
    for case let path as String in try #require(all) where path.hasSuffix(".swift") {
      let text = try String(contentsOfFile: sources + "/" + path, encoding: .utf8)
      for match in text.matches(
        of:
          /"((?:rules|schema|settings|access|yaml|project|cel|engine|test|import|format)\/[a-z-]+)"/
      ) {
        used.insert(String(match.1))
      }
    }
    return used
  }
}
