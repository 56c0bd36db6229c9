/// What came out of files of tests, counted.
package struct ConformanceReport: Sendable {
  /// How many tests there were of one kind.
  package struct Count: Sendable {
    /// Those that passed.
    package var passed = 0
    /// Those that did not.
    package var failed = 0

    fileprivate mutating func add(_ isPassed: Bool) {
      if isPassed { passed += 1 } else { failed += 1 }
    }
    fileprivate var text: String { "\(passed) of \(passed + failed)" }
  }

  /// A test that failed.
  package struct Failure: Sendable {
    /// Which test.
    package let id: String
    /// The expression; empty where it could not be read.
    package let expression: String
    /// What should have come out.
    package let expected: String
    /// What came out.
    package let got: String

    /// The failure as lines of text.
    package var text: String {
      "FAILED \(id)\n  expression: \(expression)\n  expected:   \(expected)\n  got:        \(got)\n"
    }
  }

  /// The tests of one file.
  package struct File: Sendable {
    /// The name of the file.
    package let name: String
    /// Tests that expect a value or a type.
    package var values = Count()
    /// Tests that expect an error.
    package var errors = Count()
    /// Tests that were left out.
    package var skipped = 0
    /// The tests that failed.
    package var failures: [Failure] = []

    /// The counts as a line of text.
    package var text: String {
      var line = "\(name): values \(values.text), errors \(errors.text)"
      if skipped > 0 { line += ", skipped \(skipped)" }
      return line
    }
  }

  /// The files, in the order in which they were run.
  package private(set) var files: [File] = []

  /// Creates an empty report.
  package init() {}

  /// Runs the tests of a file.
  ///
  /// - Parameters:
  ///   - name: The name of the file in the report.
  ///   - lines: Its lines.
  ///   - onlyValues: Whether tests that expect an error are left out.
  /// - Returns: What came out.
  @discardableResult
  package mutating func run(
    _ name: String, _ lines: [ConformanceLine], onlyValues: Bool = false
  ) -> File {
    var file = File(name: name)
    for line in lines {
      switch line {
      case .protobuf: file.skipped += 1
      case .test(let test) where onlyValues && test.expectsError: file.skipped += 1
      case .unreadable(_, expectsError: true, _) where onlyValues: file.skipped += 1
      case .unreadable(let id, let expectsError, let problem):
        file.add(
          Failure(id: id, expression: "", expected: "", got: problem), isError: expectsError)
      case .test(let test):
        let got = ConformanceRun.failure(of: test, checked: test.isChecked)
        file.add(
          got.map {
            Failure(
              id: test.id, expression: test.text, expected: test.expected.description, got: $0)
          }, isError: test.expectsError)
      }
    }
    files.append(file)
    return file
  }

  /// All counts as a line of text: `N passed, N failed, N skipped`.
  package var summary: String {
    let passed = files.reduce(0) { $0 + $1.values.passed + $1.errors.passed }
    let skipped = files.reduce(0) { $0 + $1.skipped }
    return "\(passed) passed, \(failed) failed, \(skipped) skipped"
  }

  /// How many tests failed.
  package var failed: Int { files.reduce(0) { $0 + $1.values.failed + $1.errors.failed } }
}

extension ConformanceReport.File {
  fileprivate mutating func add(_ failure: ConformanceReport.Failure?, isError: Bool) {
    if isError { errors.add(failure == nil) } else { values.add(failure == nil) }
    if let failure { failures.append(failure) }
  }
}
