import Foundation
import QuartermasterSupply
import Testing

@testable import QuartermasterShell

/// What is shipped checks without a word: no error, no warning, no note.
@Suite struct ShippedTests {
  @Test(arguments: ProjectTemplate.all.map(\.name))
  func `a template checks without a word`(_ name: String) throws {
    let template = try #require(ProjectTemplate.named(name))
    let found = ProjectFindings.read(name, template.files)
    #expect(found.items.map(\.message) == [])
    #expect(found.what != nil)
  }

  @Test(arguments: ["host/shop", "northwind"])
  func `an example checks without a word`(_ path: String) throws {
    let examples = Fixture.testFolder.deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("examples").path
    let found = ProjectFindings.read(examples + "/" + path)
    #expect(found.items.map(\.message) == [])
    #expect(found.what != nil)
  }
}
