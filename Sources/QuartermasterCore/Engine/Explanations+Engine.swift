public import QuartermasterCEL

extension DiagnosticExplanation {
  /// The codes of an engine that takes over the rules of a data file, or of a folder that it watches.
  public static let engine: [DiagnosticExplanation] = [
    DiagnosticExplanation(
      code: "engine/stored-rules",
      text:
        "The rules that stand in the data file cannot be read: the row is damaged. The rules from before stay in force; "
        + "publish the files again, or restore a backup.",
      wrong: "(a data file whose table _rules was edited)",
      right: "quartermaster apply changes.jsonl"),
    DiagnosticExplanation(
      code: "engine/no-verb",
      text:
        "Another program published rules with a verb that this program does not register, so that they are not in "
        + "force here. Register the verb, or leave the writing to the program that has it.",
      wrong: "quartermaster run    # while a host has rules with a verb of its own",
      right: "configuration.verbs.register(\"restock\") { ... }"),
    DiagnosticExplanation(
      code: "engine/no-function",
      text:
        "Another program published rules that call a function which this program does not register, so that they are "
        + "not in force here. Register the function, or leave the writing to the program that has it.",
      wrong: "quartermaster run    # while a host has rules with a function of its own",
      right: "configuration.functions.register(\"freight\") { ... }"),
    DiagnosticExplanation(
      code: "engine/no-rule-files",
      text:
        "The folder whose rule files are watched holds none any more. The rules from before stay in force until there "
        + "are some again: a folder that is just being replaced must not switch everything off.",
      wrong: "rm -r rules", right: "rules/stock.yaml"),
    DiagnosticExplanation(
      code: "engine/automation",
      text:
        "A rule that is to become a record is written as in a rule file, or as one mapping with `trigger` and `action` "
        + "and a name beside it. Tests belong into rule files.",
      wrong: "- test: it works", right: "- rule: out-of-stock\n  trigger: ...\n  action: ..."),
  ]
}
