import Foundation
import Quartermaster
import Testing

/// The folder of the template as it lies in the repository.
let templateFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .appendingPathComponent("../../rules/supply").standardizedFileURL

@Test func `the template loads without a word`() throws {
  do {
    let project = try Project.load(folder: templateFolder.path)
    #expect(project.warnings.isEmpty)
    #expect(project.schema.domain == "supply")
    let rules = try LoadedRules(
      files: project.ruleFiles, schema: project.schema, settings: project.settings)
    for warning in rules.warnings { Issue.record("\(DiagnosticRenderer().render(warning))") }
  } catch let list as DiagnosticList {
    for item in list.items { Issue.record("\(DiagnosticRenderer().render(item))") }
  }
}
