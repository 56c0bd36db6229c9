import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

@Test func `every code of YAML, schemas and settings is explained, and no other`() throws {
  let sources = try #require(folder("Sources/QuartermasterCore/Schema"))
  var used: Set<String> = []
  for area in ["schema", "settings"] {
    used.formUnion(["\(area)/form", "\(area)/unknown-key"])
    let path = area == "schema" ? "SchemaLoader" : "SettingsLoader"
    let text = try String(
      contentsOf: sources.appending(path: path + "+Diagnostics.swift"), encoding: .utf8)
    for match in text.matches(of: /[^.]error\(\s*"([a-z-]+)"/) { used.insert("\(area)/\(match.1)") }
    for match in text.matches(of: /"(schema\/[a-z-]+)"/) { used.insert(String(match.1)) }
  }
  for name in ["YAMLReader+Diagnostics.swift", "Project.swift"] {
    let text = try String(contentsOf: sources.appending(path: name), encoding: .utf8)
    for match in text.matches(of: /"((yaml|project)\/[a-z-]+)"/) { used.insert(String(match.1)) }
  }
  let explained =
    DiagnosticExplanation.yaml + DiagnosticExplanation.schemas + DiagnosticExplanation.projects
  #expect(used.sorted() == explained.map(\.code).sorted())
}
