extension StandardLibrary {
  /// `startsWith endsWith contains matches`.
  static let strings: [FunctionDeclaration] = [
    FunctionDeclaration(
      "startsWith", "Whether a text begins with another.",
      overloads: [
        .two("starts_with_string", .string, .string, .bool) { a, b throws(EvaluationError) in
          let name = "startsWith()"
          return .bool(UTF8Text.starts(try a.text(name), with: try b.text(name)))
        }.method()
      ],
      examples: ["'foobar'.startsWith('foo')"]),
    FunctionDeclaration(
      "endsWith", "Whether a text ends with another.",
      overloads: [
        .two("ends_with_string", .string, .string, .bool) { a, b throws(EvaluationError) in
          let name = "endsWith()"
          return .bool(UTF8Text.ends(try a.text(name), with: try b.text(name)))
        }.method()
      ],
      examples: ["'foobar'.endsWith('bar')"]),
    FunctionDeclaration(
      "contains", "Whether a text has another within it.",
      overloads: [
        .two("contains_string", .string, .string, .bool) { a, b throws(EvaluationError) in
          let name = "contains()"
          return .bool(UTF8Text.find(try b.text(name), in: try a.text(name)) != nil)
        }.method()
      ],
      examples: ["'foobar'.contains('oba')", "!'foobar'.contains('x')"]),
    FunctionDeclaration(
      "matches", "Whether a part of a text fits a regular expression in the syntax of RE2.",
      overloads: [
        .two("matches", .string, .string, .bool, Value.matches),
        .two("matches_string", .string, .string, .bool, Value.matches).method(),
      ],
      examples: ["'grey'.matches('gr(a|e)y')", "!'green'.matches('^gr(a|e)y$')"]),
  ]
}

extension Value {
  /// `matches()`.
  static func matches(_ a: Value, _ b: Value) throws(EvaluationError) -> Value {
    let (text, pattern) = (try a.text("matches()"), try b.text("matches()"))
    return .bool(try RegularExpression.cached(pattern).matches(text))
  }
}
