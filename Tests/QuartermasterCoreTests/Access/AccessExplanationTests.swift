import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

@Test func `every code of permissions is explained, and no other`() throws {
  let sources = try #require(folder("Sources/QuartermasterCore/Access"))
  var used: Set<String> = ["access/form", "access/unknown-key"]
  for name in ["AccessLoader+Diagnostics.swift", "AccessRewriter.swift"] {
    let text = try String(contentsOf: sources.appending(path: name), encoding: .utf8)
    for match in text.matches(of: /[^.](?:error|unknown)\(\s*"([a-z-]+)"/) {
      used.insert("access/\(match.1)")
    }
    for match in text.matches(of: /"(access\/[a-z-]+)"/) { used.insert(String(match.1)) }
  }
  #expect(used.sorted() == DiagnosticExplanation.access.map(\.code).sorted())
}
