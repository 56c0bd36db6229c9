public import QuartermasterCEL

extension DiagnosticExplanation {
  /// The codes of tests that are run.
  public static let tests: [DiagnosticExplanation] = [
    DiagnosticExplanation(
      code: "test/failed",
      text:
        "A test expected something that did not come. Below the message stand both sides with their values, or what "
        + "the rule did instead. Either the rule is wrong or what the test expects of it.",
      wrong: """
        - test: nothing is there
          do:
            - create: Supplier
              name: Acme
          expect:
            - Supplier.size() == 0
        """,
      right: """
        - test: a supplier is there
          do:
            - create: Supplier
              name: Acme
          expect:
            - Supplier.size() == 1
        """)
  ]
}
