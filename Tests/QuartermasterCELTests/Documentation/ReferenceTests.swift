import Foundation
import QuartermasterCEL
import Testing

/// The pages of the catalogue.
enum Catalogue {
  /// Returns where a page is.
  static func page(_ name: String) -> URL {
    var root = URL(filePath: #filePath)
    for _ in 0..<4 { root.deleteLastPathComponent() }
    return root.appending(path: "Sources/QuartermasterCEL/QuartermasterCEL.docc/\(name).md")
  }
}

/// The pages that are made from declarations: what is checked in must be what they give.
///
/// `RECORD_REFERENCE=1` writes the pages.
@Suite struct ReferenceTests {
  private func expectPage(_ name: String, _ text: String) throws {
    let page = Catalogue.page(name)
    if ProcessInfo.processInfo.environment["RECORD_REFERENCE"] == "1" {
      try Data(text.utf8).write(to: page)
    }
    let written = (try? String(contentsOf: page, encoding: .utf8)) ?? ""
    #expect(written == text, "\(name).md is old; run the tests with RECORD_REFERENCE=1")
  }

  @Test func `the language reference is up to date`() throws {
    try expectPage("LanguageReference", Reference.language)
  }

  @Test func `the page of error codes is up to date`() throws {
    try expectPage("ErrorCodes", Reference.errorCodes)
  }

  @Test func `every macro of a library is documented, and no other`() {
    let names = CELLibrary.all.reduce(into: Set<String>()) { $0.formUnion($1.macros) }
    #expect(names.sorted() == MacroDeclaration.all.map(\.name).sorted())
  }

  @Test(arguments: MacroDeclaration.all) func `examples of macros are true`(
    macro: MacroDeclaration
  ) throws {
    #expect(!macro.examples.isEmpty)
    for example in macro.examples {
      let value = try CELEnvironment.everything.compile(example).evaluate()
      #expect(Value.equal(value, .bool(true)), "\(example) gave \(value)")
    }
  }
}

/// Writes the pages.
private enum Reference {
  static let language: String = {
    var text = """
      # Language reference

      Every operator, function and macro, by library.

      <!-- Made from the declarations; run the tests with RECORD_REFERENCE=1 to write it anew. -->

      ## Overview

      Types: `bool`, `int` and `uint` (64 bits), `double`, `string` (of code points), `bytes`, `list(A)`, `map(K, V)`,
      `google.protobuf.Timestamp`, `google.protobuf.Duration`, `null_type`, `type`, `optional_type(A)`, and with the library
      decimals `decimal`. `A` and `B` stand for any type, the same wherever they stand in one line; `dyn` is a value whose
      type is known only when it is evaluated.

      Operators from the loosest to the tightest: `? :`, `||`, `&&`, `== != < <= > >= in`, `+ -`, `* / %`, `! -`, and
      `.field .?field [index] [?index] call()`.


      """
    for library in CELLibrary.all {
      text += "## \(library.name)\n\n"
      let macros = MacroDeclaration.all.filter { library.macros.contains($0.name) }
      if !macros.isEmpty { text += "### Macros\n\n" }
      for macro in macros {
        text += entry(
          macro.name, macro.documentation, macro.forms, macro.examples)
      }
      if !macros.isEmpty, !library.functions.isEmpty { text += "### Functions\n\n" }
      for function in library.functions {
        text += entry(
          function.writtenName, function.documentation, function.signatures, function.examples)
      }
    }
    return String(text.dropLast())
  }()

  private static func entry(
    _ name: String, _ documentation: String, _ forms: [String], _ examples: [String]
  ) -> String {
    "#### `\(name)`\n\n\(documentation)\n\n```\n\(forms.joined(separator: "\n"))\n```\n\n"
      + "Examples: \(examples.map { "`\($0)`" }.joined(separator: ", "))\n\n"
  }

  static let errorCodes: String = {
    var text = """
      # Error codes

      What the codes of messages mean.

      <!-- Made from the declarations; run the tests with RECORD_REFERENCE=1 to write it anew. -->

      ## Before an expression runs

      The codes of a ``Diagnostic``.


      """
    for explanation in DiagnosticExplanation.expressions {
      text += "### \(explanation.code)\n\n\(explanation.text)\n\n"
      text += "Wrong: `\(explanation.wrong)`\n\nRight: `\(explanation.right)`\n\n"
    }
    text += "## While it runs\n\nThe codes of an ``EvaluationError``.\n\n"
    for code in EvaluationError.Code.allCases {
      text += "### \(code.rawValue)\n\n\(code.explanation)\n\n"
    }
    return String(text.dropLast())
  }()
}
