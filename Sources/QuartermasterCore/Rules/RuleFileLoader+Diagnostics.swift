import QuartermasterCEL

/// The wording of what is wrong with the shape of a rule file.
extension Diagnostic {
  /// `; did you mean `threshold`?`, or nothing.
  static func meant(_ text: String, in known: [String], quote: String = "`") -> String {
    Suggestion.closest(to: text, among: known).map { "; did you mean \(quote)\($0)\(quote)?" } ?? ""
  }

  static func itemWithoutDash(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/shape",
      "a rule file is a list: begin each rule and each test with `- `, as in `- rule: name`",
      at: span)
  }

  static func wordsWhereItemsBelong(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/shape", "a rule file is a list of rules and tests, as in `- rule: name`",
      at: span)
  }

  static func notAnItem(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/shape", "this is no rule and no test; write `rule: name` with its keys below",
      at: span)
  }

  static func neitherRuleNorTest(_ close: String?, at span: SourceSpan) -> Diagnostic {
    let hint = close.map { meant($0, in: ["rule", "test"]) } ?? ""
    return Diagnostic(
      .error, "rules/missing-key", "an item needs `rule:` or `test:`" + hint, at: span
    ).suggesting(close ?? "", among: ["rule", "test"])
  }

  static func duplicateRule(_ name: String, at span: SourceSpan, first: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/duplicate", "two rules are called `\(name)`; rename one", at: span,
      notes: [Diagnostic(.note, "rules/duplicate", "the first is here", at: first)])
  }

  static func duplicateTest(_ title: String, at span: SourceSpan, first: SourceSpan) -> Diagnostic {
    Diagnostic(
      .warning, "rules/duplicate", "two tests have this title; rename one", at: span,
      notes: [Diagnostic(.note, "rules/duplicate", "the first is here", at: first)])
  }

  static func duplicateField(_ name: String, at span: SourceSpan, first: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/duplicate", "`\(name)` is given twice; keep one", at: span,
      notes: [Diagnostic(.note, "rules/duplicate", "the first is here", at: first)])
  }

  static func nothingWritten(_ key: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "rules/shape", "nothing is written for `\(key)`", at: span)
  }

  static func listWhereOneBelongs(_ key: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "rules/shape", "`\(key)` takes one value, not a list", at: span)
  }

  static func mappingWhereTextBelongs(_ key: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/shape",
      "`\(key)` takes one value, not keys and values; if the text has a `: ` or starts with `{`, put it in quotes",
      at: span)
  }

  static func notAMapping(_ key: String, _ hint: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "rules/shape", "`\(key)` needs keys and values; \(hint)", at: span)
  }

  static func holeInName(_ key: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/shape", "`\(key)` takes a fixed word; `${...}` does not work here", at: span)
  }

  static func notKebab(
    _ text: String, _ what: String, fixed: String?, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "rules/name",
      "the name of \(what) is small letters and digits joined by `-`"
        + (fixed.map { "; write `\($0)`" } ?? ""), at: span)
  }

  static func notAChoice(
    _ text: String, of key: String, _ choices: [String], at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "rules/shape",
      "`\(key)` is \(orList(choices)), not `\(text)`" + meant(text, in: choices), at: span
    ).suggesting(text, among: choices)
  }

  /// `a, b or c`, each in backticks.
  static func orList(_ words: [String]) -> String {
    let quoted = words.map { "`\($0)`" }
    guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "" }
    return quoted.dropLast().joined(separator: ", ") + " or " + last
  }

  static func notADuration(_ text: String, _ key: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/duration",
      "`\(key)` needs a duration such as `15m`, `24h` or `3d`, not `\(text)`", at: span)
  }

  static func durationNotPositive(_ key: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/duration", "`\(key)` needs a duration longer than nothing", at: span)
  }

  static func durationTooFine(_ key: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/duration", "`\(key)` goes down to milliseconds, no further", at: span)
  }

  static func unknownKey(
    _ key: String, of what: String, known: [String], at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "rules/unknown-key", "\(what) does not take `\(key)`" + meant(key, in: known),
      at: span
    ).suggesting(key, among: known)
  }

  static func missingKey(
    _ key: String, of what: String, _ hint: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(.error, "rules/missing-key", "\(what) needs `\(key):`; \(hint)", at: span)
  }
}

/// The wording of what is wrong with triggers.
extension Diagnostic {
  static func triggerWithoutStart(_ starts: [String], at span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "rules/trigger", "a trigger needs one of \(orList(starts))", at: span)
  }

  static func twoTriggers(_ first: String, _ second: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/trigger",
      "a rule has one trigger, and here are `\(first)` and `\(second)`; write a second rule",
      at: span)
  }

  static func misplacedTriggerKey(
    _ key: String, with word: String, at span: SourceSpan
  ) -> Diagnostic {
    let home: String
    switch key {
    case "at": home = "`every: day`, a weekday or `month`"
    case "zone": home = "`every` and `cron`"
    default: home = "`created`, `changed` and `saved`"
    }
    return Diagnostic(
      .error, "rules/trigger", "`\(key)` does not go with `\(word)`; it belongs to \(home)",
      at: span)
  }

  static func ruleKeyInTrigger(_ key: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/unknown-key",
      "a trigger does not take `\(key)`, the rule does; align it with `trigger:`", at: span)
  }

  static func deletedWith(_ key: String, at span: SourceSpan) -> Diagnostic {
    let reason: String
    switch key {
    case "becomes": reason = "nothing is true of a record that is gone; write `when:` with `old`"
    case "for": reason = "nothing stays true of a record that is gone"
    default: reason = "a record that is gone has no timer"
    }
    return Diagnostic(
      .error, "rules/trigger", "`\(key)` does not go with `deleted`: \(reason)", at: span)
  }

  static func forWithoutBecomes(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/trigger", "`for` needs `becomes`: the condition that must stay true", at: span)
  }

  static func repeatWithoutFor(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/trigger",
      "`repeat` needs `for`: it fires again while the condition stays true", at: span)
  }

  static func dueWithFor(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/trigger", "`due` and `for` are two kinds of timer; write two rules", at: span)
  }

  static func notAPeriod(_ text: String, _ words: [String], at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/trigger",
      "`every` takes minute, hour, day, weekday, month, the name of a day, or a duration such as `15m`, not `\(text)`"
        + meant(text, in: words), at: span
    ).suggesting(text, among: words)
  }

  static func atWithoutDay(_ period: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/trigger",
      "`at` is a time of day and does not go with `every: \(period)`; it goes with day, weekday, month and the days of the week",
      at: span)
  }

  static func notATime(_ text: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/trigger", "`at` needs a time from 00:00 to 23:59, not `\(text)`", at: span)
  }

  static func unknownZone(_ text: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/trigger",
      "there is no time zone `\(text)`; write a name such as `Europe/Paris`", at: span)
  }

  static func cron(_ problem: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "rules/trigger", "`cron` \(problem)", at: span)
  }
}

/// The wording of what is wrong with the shape of actions and tests.
extension Diagnostic {
  static func notAnAction(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/shape", "an action is a verb with what it needs, as in `notify: managers`",
      at: span)
  }

  static func unknownVerb(_ word: String, known: [String], at span: SourceSpan) -> Diagnostic {
    let hint = meant(word, in: known)
    let list =
      hint.isEmpty ? "; verbs are \(known.joined(separator: ", "))" : hint
    return Diagnostic(
      .error, "rules/unknown-verb", "`\(word)` is not a verb" + list, at: span
    ).suggesting(word, among: known)
  }

  static func verbNotFirst(_ verb: String, before key: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/shape",
      "the verb is the first key of an action; move `\(verb):` before `\(key):`", at: span)
  }

  static func withinWithoutOnce(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/action", "`within` needs `once`: the key that counts once in that time",
      at: span)
  }

  static func listOfActionConditions(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/shape", "the `when` of an action takes one formula; join them with `&&`",
      at: span)
  }

  static func setWithoutFields(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/action", "nothing is set; write a line `field: value` for each field",
      at: span)
  }

  static func formulaReadAsYAML(
    _ name: String, _ node: YAMLNode, at span: SourceSpan
  ) -> Diagnostic {
    let text = String(decoding: span.file.bytes[span.range], as: UTF8.self)
    let isShort = text.utf8.count <= 60 && !text.contains("\n")
    return Diagnostic(
      .error, "rules/shape",
      "YAML reads this as a list or a map of its own; put the formula in ( )"
        + (isShort ? ", as in `\(name): (\(text))`" : ""), at: span)
  }

  static func notInTests(_ key: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "rules/test", "`\(key)` is for rules; a test does not take it", at: span)
  }

  static func notAStep(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/test", "a step is a verb, or `wait`, `together` or `expect`", at: span)
  }

  static func notTogether(_ word: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/test",
      "`together` makes several changes one operation; `\(word)` does not go into it", at: span)
  }

  static func unknownExpectation(
    _ word: String, known: [String], at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "rules/test",
      "a test cannot expect `\(word)`; it expects a formula, or \(orList(known))"
        + meant(word, in: known), at: span
    ).suggesting(word, among: known)
  }

  static func notATimestamp(_ text: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "rules/test",
      "`now` needs an instant such as `2026-03-02T09:00:00Z`, not `\(text)`", at: span)
  }
}
