import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

@Test func `every code of mappings and descriptions is explained, and no other`() throws {
  let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Sources/QuartermasterCore")
  var used: Set<String> = ["import/unknown-key"]
  for folder in ["Import", "ParseSchema", "Format"] {
    let path = sources.appendingPathComponent(folder).path
    for name in try FileManager.default.contentsOfDirectory(atPath: path)
    where !name.hasPrefix("Explanations") {
      let text = try String(contentsOfFile: path + "/" + name, encoding: .utf8)
      for match in text.matches(of: /"((import|format)\/[a-z-]+)"/) { used.insert(String(match.1)) }
      for match in text.matches(of: /\.mapping\(\s*"([a-z-]+)"/) {
        used.insert("import/\(match.1)")
      }
      for match in text.matches(of: /\.unknown\(\s*"([a-z]+)"/) {
        used.insert("import/unknown-\(match.1)")
      }
    }
  }
  #expect(used.sorted() == DiagnosticExplanation.files.map(\.code).sorted())
}
