import CELConformance
import Foundation
import Testing

@testable import QuartermasterCEL

/// The published tests of the language, where their folder is there; without it they pass and say so.
@Suite struct ConformanceTests {
  /// The folder of the suite, or nil when it is not there.
  static let folder: URL? = {
    var root = URL(filePath: #filePath)
    for _ in 0..<4 { root.deleteLastPathComponent() }
    let here = URL(filePath: FileManager.default.currentDirectoryPath).deletingLastPathComponent()
    return [root, here].map { $0.appending(path: "shared/cel-conformance") }
      .first { FileManager.default.fileExists(atPath: $0.path()) }
  }()

  /// The files; every test of each passes, checked and unchecked.
  static let files = [
    "basic", "bindings_ext", "block_ext", "comparisons", "conversions", "encoders_ext", "fields",
    "fp_math", "integer_math", "lists", "logic", "macros", "macros2", "math_ext", "namespace",
    "network_ext", "optionals", "parse", "plumbing", "string", "string_ext", "timestamps",
    "type_deduction",
  ]

  @Test(arguments: files) func `the published tests pass`(file: String) throws {
    guard let folder = Self.folder else {
      print("conformance: \(file).jsonl is not there, so nothing was tested")
      return
    }
    let lines = try ConformanceReader.lines(ofFile: folder.appending(path: file + ".jsonl").path())
    #expect(!lines.isEmpty)
    for line in lines {
      guard case .test(let test) = line else {
        Issue.record("\(line)")
        continue
      }
      if test.isChecked {
        let got = ConformanceRun.failure(of: test, checked: true)
        #expect(got == nil, "checked: \(test.text) [\(test.id)] \(got ?? "")")
      }
      // Functions that are only declared have nothing to run.
      if test.functions.isEmpty, test.isEvaluated {
        let got = ConformanceRun.failure(of: test, checked: false)
        #expect(got == nil, "unchecked: \(test.text) [\(test.id)] \(got ?? "")")
      }
    }
  }
}
