/// What a code of a diagnostic means, at more length than a message has.
public struct DiagnosticExplanation: Sendable {
  /// The code, such as `cel/nullable`.
  public let code: String
  /// What is wrong and why it matters, in a few sentences.
  public let text: String
  /// An expression that gives the code.
  public let wrong: String
  /// How it is mended.
  public let right: String

  /// Creates an explanation.
  public init(code: String, text: String, wrong: String, right: String) {
    self.code = code
    self.text = text
    self.wrong = wrong
    self.right = right
  }

  /// The codes of expressions; rule files show them as `rules/...`.
  public static let expressions: [DiagnosticExplanation] = [
    DiagnosticExplanation(
      code: "cel/syntax",
      text: "The text is no expression: a word, an operator or a bracket is missing or too many.",
      wrong: "a = 1 and b", right: "a == 1 && b"),
    DiagnosticExplanation(
      code: "cel/reserved",
      text:
        "A word that the language keeps for itself stands where a name is expected. After a dot nothing is "
        + "reserved but `true`, `false`, `null` and `in`, and those may be written in backticks.",
      wrong: "record.in == 1", right: "record.`in` == 1"),
    DiagnosticExplanation(
      code: "cel/literal",
      text:
        "A number is out of range or has too many digits, a text has no closing quote, or a backslash is "
        + "followed by something that is no escape.",
      wrong: #""C:\data""#, right: #""C:\\data""#),
    DiagnosticExplanation(
      code: "cel/depth",
      text:
        "The expression is nested or chained so deep that working on it could exhaust the stack. Chains of "
        + "`&&` and `||` do not count. Give a part of it a name.",
      wrong: "((((...))))", right: "cel.bind(part, ..., part + 1)"),
    DiagnosticExplanation(
      code: "cel/length",
      text:
        "The text is longer than an expression may be (600,000 bytes). Lists and texts of this size are data: "
        + "give them to the expression as a variable.",
      wrong: "code in [\"a\", \"b\", ...]", right: "code in codes"),
    DiagnosticExplanation(
      code: "cel/macro",
      text:
        "A macro such as `exists` names a variable in its first argument, and `has` takes a field.",
      wrong: "lines.exists(1, true)", right: "lines.exists(line, line.quantity > 1)"),
    DiagnosticExplanation(
      code: "cel/unknown-name",
      text:
        "Nothing of this name is in scope. Fields are written with their record: `inventory.threshold`.",
      wrong: "threshold > 1", right: "inventory.threshold > 1"),
    DiagnosticExplanation(
      code: "cel/unknown-field",
      text: "The class has no field of this name, or the value has no fields at all.",
      wrong: "inventory.treshold > 1", right: "inventory.threshold > 1"),
    DiagnosticExplanation(
      code: "cel/unknown-function",
      text:
        "There is no function or method of this name. A method is written after its value, a function before.",
      wrong: "startsWith(order.number, \"SO\")", right: "order.number.startsWith(\"SO\")"),
    DiagnosticExplanation(
      code: "cel/shadow",
      text:
        "The variable of a macro has the name of something else in scope, so that a reader could take one for "
        + "the other.",
      wrong: "Order.exists(order, order.total > 1)", right: "Order.exists(o, o.total > 1)"),
    DiagnosticExplanation(
      code: "cel/nullable",
      text:
        "The value may be null, and null has no fields, no order and no arithmetic: when it is null the "
        + "expression would fail. Say before it that it is not null. `== null` and `!= null` always work, and "
        + "what a condition excludes holds in the conditions and actions after it.",
      wrong: "order.customer.name == \"x\"",
      right: "order.customer != null && order.customer.name == \"x\""),
    DiagnosticExplanation(
      code: "cel/type",
      text:
        "Types that do not go together: a text and a number, a record and a text, money and a double. "
        + "Nothing is converted silently; `string(x)`, `int(x)`, `double(x)` and `decimal(x)` convert.",
      wrong: "order.total * rate", right: "order.total * decimal(rate)"),
  ]
}
