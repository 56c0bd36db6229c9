import Testing

@testable import QuartermasterCEL

/// The published tests of the language, where their folder is there; without it they pass and say so.
@Suite struct ConformanceTests {
  /// The files of which every test passes, checked and unchecked.
  static let whole = [
    "basic", "bindings_ext", "block_ext", "comparisons", "conversions", "encoders_ext", "fields",
    "fp_math", "integer_math", "lists", "logic", "macros", "macros2", "math_ext", "namespace",
    "optionals", "parse", "plumbing", "string", "string_ext", "timestamps", "type_deduction",
  ]

  @Test(arguments: whole) func `the published tests pass`(file: String) throws {
    let tests = try Conformance.tests(file)
    guard Conformance.folder != nil else {
      print("conformance: \(file).jsonl is not there, so nothing was tested")
      return
    }
    #expect(!tests.isEmpty)
    for test in tests {
      if test.isChecked {
        let failure = Conformance.run(test, checked: true)
        #expect(failure == nil, "checked: \(test.text) [\(test.id)] \(failure ?? "")")
      }
      // Functions that are only declared have nothing to run.
      if test.functions.isEmpty, test.isEvaluated {
        let failure = Conformance.run(test, checked: false)
        #expect(failure == nil, "unchecked: \(test.text) [\(test.id)] \(failure ?? "")")
      }
    }
  }

  /// Addresses of networks are a type of their own, which the engine has no use for.
  @Test func `the tests of the network extension are counted`() throws {
    let tests = try Conformance.tests("network_ext")
    let passed = tests.count { Conformance.run($0, checked: true) == nil }
    print("conformance: network_ext passes \(passed) of \(tests.count)")
  }
}
