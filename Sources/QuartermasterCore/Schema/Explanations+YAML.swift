public import QuartermasterCEL

extension DiagnosticExplanation {
  /// The codes of the YAML reader, which schemas, rule files and settings share.
  public static let yaml: [DiagnosticExplanation] = [
    DiagnosticExplanation(
      code: "yaml/comment",
      text:
        "In YAML a space and `#` begin a comment, also in the middle of a text. What follows was dropped. "
        + "Comments that have a space after the `#` are left alone.",
      wrong: "message: Order #12 is late", right: "message: \"Order #12 is late\""),
    DiagnosticExplanation(
      code: "yaml/colon",
      text:
        "A colon and a space make a key of what stands before them, so a value without quotes has none.",
      wrong: "message: Low stock: bolts", right: "message: \"Low stock: bolts\""),
    DiagnosticExplanation(
      code: "yaml/reserved",
      text:
        "Some characters mean something to YAML at the start of a value: ! is a tag, * an alias, & an anchor, "
        + "| and > block texts, %, @ and ` are kept for later. Tags, anchors and aliases are not used here.",
      wrong: "when: !order.paid", right: "when: (!order.paid)"),
    DiagnosticExplanation(
      code: "yaml/quote",
      text: "A value that starts with a quote is a quoted text, which ends at the closing quote.",
      wrong: "when: \"GB\" in order.tags", right: "when: (\"GB\" in order.tags)"),
    DiagnosticExplanation(
      code: "yaml/bracket",
      text:
        "A value that starts with [ or { is a list or a map of YAML, which ends at the closing one.",
      wrong: "when: [1, 2].exists(x, x > 1)", right: "when: ([1, 2].exists(x, x > 1))"),
    DiagnosticExplanation(
      code: "yaml/flow-null",
      text:
        "Inside { } a comma ends a value. A formula with a comma is cut there, and its rest becomes a key "
        + "without a value.",
      wrong: "each: {line: order.lines.filter(l, l.open)}",
      right: "each: {line: \"order.lines.filter(l, l.open)\"}"),
    DiagnosticExplanation(
      code: "yaml/flow-split",
      text:
        "Inside [ ] and { } a comma ends a value, also one inside the parentheses of a formula.",
      wrong: "when: [lines.all(l, l.open), order.paid]",
      right: "when: [\"lines.all(l, l.open)\", order.paid]"),
    DiagnosticExplanation(
      code: "yaml/flow",
      text: "Between the items of a [ ] or { } stands something that is no comma.",
      wrong: "to: [\"managers\" \"buyers\"]", right: "to: [\"managers\", \"buyers\"]"),
    DiagnosticExplanation(
      code: "yaml/unclosed", text: "A quote or a bracket is opened and never closed.",
      wrong: "to: [managers, buyers", right: "to: [managers, buyers]"),
    DiagnosticExplanation(
      code: "yaml/escape",
      text:
        "In double quotes a backslash begins an escape such as \\n. In single quotes it is a backslash.",
      wrong: "pattern: \"\\d+\"", right: "pattern: '\\d+'"),
    DiagnosticExplanation(
      code: "yaml/duplicate-key",
      text: "A key stands twice in one map. YAML would keep the last one silently.",
      wrong: "when: a\nwhen: b", right: "when: [a, b]"),
    DiagnosticExplanation(
      code: "yaml/tab", text: "YAML is indented with spaces; a tab has no width that all agree on.",
      wrong: "\\twhen: a", right: "  when: a"),
    DiagnosticExplanation(
      code: "yaml/indentation",
      text:
        "The keys of one map stand in one column. This line stands in none that is open, or deeper than a key "
        + "that has its value already.",
      wrong: "set: order\n  status: paid", right: "set: order\nstatus: paid"),
    DiagnosticExplanation(
      code: "yaml/no-colon",
      text: "In a map each line is a key, a colon, a space, and a value.",
      wrong: "saved:Order\nbecomes: order.urgent", right: "saved: Order\nbecomes: order.urgent"),
    DiagnosticExplanation(
      code: "yaml/list", text: "The dashes of a list start on lines of their own.",
      wrong: "when: - a", right: "when:\n  - a"),
    DiagnosticExplanation(
      code: "yaml/key",
      text: "A key is a text. YAML also allows lists and maps; here they are refused.",
      wrong: "[a, b]: c", right: "a: c\nb: c"),
    DiagnosticExplanation(
      code: "yaml/merge",
      text: "A merge key copies another map into this one. Here every map says all that it holds.",
      wrong: "<<: *base", right: "status: paid"),
    DiagnosticExplanation(
      code: "yaml/documents", text: "Three dashes begin another document; a file holds one.",
      wrong: "a: 1\n---\nb: 2", right: "a: 1\nb: 2"),
    DiagnosticExplanation(
      code: "yaml/directive",
      text: "Lines that start with % tell YAML its version or tags. They are not used.",
      wrong: "%YAML 1.1\n---\nsaved: Order", right: "saved: Order"),
    DiagnosticExplanation(
      code: "yaml/depth",
      text: "Lists and maps stand so deep in one another that it must be a mistake.",
      wrong: "[[[[...]]]]", right: "[...]"),
    DiagnosticExplanation(
      code: "yaml/character",
      text: "A control character, such as one that an editor or a terminal left behind.",
      wrong: "a: (an invisible character)", right: "a: b"),
    DiagnosticExplanation(
      code: "yaml/syntax", text: "YAML cannot read this place; the message is YAML's own.",
      wrong: "to: , managers", right: "to: managers"),
  ]
}
