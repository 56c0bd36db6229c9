import Foundation
import Testing

@testable import QuartermasterCEL

@Test func `every code of an expression is explained, and no other`() throws {
  let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  var used: Set<String> = []
  for path in ["Syntax/Parser+Diagnostics.swift", "Checking/Checker+Diagnostics.swift"] {
    let text = try String(
      contentsOf: root.appending(path: "Sources/QuartermasterCEL/" + path), encoding: .utf8)
    for match in text.matches(of: /"(cel\/[a-z-]+)"/) { used.insert(String(match.1)) }
  }
  #expect(used.sorted() == DiagnosticExplanation.expressions.map(\.code).sorted())
}
