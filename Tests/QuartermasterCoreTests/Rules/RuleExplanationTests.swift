import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// The pages of codes of rule files: each code has one, and its examples show what they say.
@Suite struct RuleExplanationTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private static let template: Result<Schema, any Error> = Result {
    let path = root.appending(path: "rules/supply/schema.yaml")
    let text = try String(contentsOf: path, encoding: .utf8)
    return try Schema.load(SourceFile(name: "schema.yaml", text: text)).schema
  }

  private func codes(_ rules: String) throws -> [String] {
    var options = RuleCheckOptions()
    options.channels = ["inbox", "log"]
    options.checksQueries = true
    return load(
      (name: "rules.yaml", text: rules), schema: try Self.template.get(), options: options
    )
    .codes
  }

  @Test func `every code of rule files is explained, and no other`() throws {
    let folder = Self.root.appending(path: "Sources/QuartermasterCore/Rules")
    var used: Set<String> = []
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    where name.hasSuffix(".swift") && !name.hasPrefix("Explanations+") {
      let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
      for match in text.matches(of: /"(rules\/[a-z-]+)"/) { used.insert(String(match.1)) }
    }
    for item in DiagnosticExplanation.expressions {
      used.insert("rules/" + item.code.dropFirst("cel/".count))
    }
    #expect(used.sorted() == DiagnosticExplanation.rules.map(\.code).sorted())
  }

  @Test func `every code of the engine is explained, and no other`() throws {
    let folder = Self.root.appending(path: "Sources/QuartermasterCore/Engine")
    var used: Set<String> = []
    for case let name as String in try #require(
      FileManager.default.enumerator(atPath: folder.path))
    where name.hasSuffix(".swift") && !name.contains("Explanations+") {
      let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
      for match in text.matches(of: /"(engine\/[a-z-]+)"/) { used.insert(String(match.1)) }
    }
    #expect(used.sorted() == DiagnosticExplanation.engine.map(\.code).sorted())
  }

  private static let own =
    (DiagnosticExplanation.ruleShapes + DiagnosticExplanation.ruleContents
    + DiagnosticExplanation.ruleNames + DiagnosticExplanation.ruleConditions).map(\.code)

  @Test(arguments: own)
  func `what an explanation calls wrong gives its code, and what it calls right gives none`(
    _ code: String
  ) throws {
    let item = try #require(DiagnosticExplanation.rules.first { $0.code == code })
    let (wrong, right) = (try codes(item.wrong), try codes(item.right))
    #expect(wrong.contains(code), "\(wrong)")
    #expect(right.isEmpty, "\(right)")
  }
}
