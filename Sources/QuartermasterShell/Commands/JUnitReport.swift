internal import QuartermasterCEL
internal import QuartermasterCore

/// Results of tests in the XML form that build servers read.
struct JUnitReport {
  /// The XML.
  let text: String

  /// Creates the report: one suite per rule file.
  init(_ results: [RuleTestResult]) {
    var order: [String] = []
    var suites: [String: [RuleTestResult]] = [:]
    for result in results {
      let name = result.span.file.name
      if suites[name] == nil { order.append(name) }
      suites[name, default: []].append(result)
    }
    let failed = results.count { !$0.passed }
    var lines = [
      #"<?xml version="1.0" encoding="UTF-8"?>"#,
      #"<testsuites tests="\#(results.count)" failures="\#(failed)">"#,
    ]
    for name in order {
      let suite = suites[name] ?? []
      let seconds = Plain.fixed(suite.reduce(0) { $0 + $1.seconds }, 6)
      let failed = suite.count { !$0.passed }
      lines.append(
        #"  <testsuite name="\#(Self.escaped(name))" tests="\#(suite.count)" "#
          + #"failures="\#(failed)" time="\#(seconds)">"#)
      for result in suite { lines += Self.lines(result, name) }
      lines.append("  </testsuite>")
    }
    lines.append("</testsuites>")
    text = lines.joined(separator: "\n") + "\n"
  }

  private static func lines(_ result: RuleTestResult, _ file: String) -> [String] {
    let line = result.span.file.position(of: result.span.range.lowerBound).line
    let start =
      #"    <testcase name="\#(escaped(result.title))" classname="\#(escaped(file))" "#
      + #"file="\#(escaped(file))" line="\#(line)" time="\#(Plain.fixed(result.seconds, 6))""#
    if result.passed { return [start + "/>"] }
    var lines = [start + ">"]
    for failure in result.failures {
      let at = failure.span.file.position(of: failure.span.range.lowerBound)
      var body = "\(failure.span.file.name):\(at.line):\(at.column): \(failure.message)"
      for value in failure.values { body += "\n\(value.text) = \(value.value)" }
      lines.append(
        #"      <failure message="\#(escaped(failure.message))">\#(escaped(body))</failure>"#)
    }
    if !result.trace.isEmpty {
      let trace = TestText.trace(result.trace)
      lines.append("      <system-out>\(escaped(trace))</system-out>")
    }
    return lines + ["    </testcase>"]
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n": result += "&#10;"
      // XML 1.0 has no other control characters, not even as references.
      case _ where scalar.value < 32: result += scalar == "\t" ? "\t" : "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
