internal import QuartermasterCEL
internal import QuartermasterCore

/// What tests cover, in words: a line for each rule, then what they leave out with its place, then the totals.
struct CoverageText {
  /// What they cover.
  let coverage: TestCoverage
  /// The rules, which know the names of their files below the project's folder.
  let rules: LoadedRules
  /// The columns of a line.
  let width: Int

  /// The whole text.
  var text: String { table + missing + totals }

  private var table: String {
    if coverage.rules.isEmpty { return "" }
    var table = TextTable([
      .init(title: "rule"), .init(title: "result"), .init(title: "branches", isRight: true),
      .init(title: "file"),
    ])
    for rule in coverage.rules {
      let total = rule.total
      table.add([
        rule.name, Self.word(rule.state), total.all == 0 ? "" : "\(total.seen)/\(total.all)",
        rules.place(rule.span),
      ])
    }
    return table.text(width: width)
  }

  private static func word(_ state: TestCoverage.State) -> String {
    switch state {
    case .fired: "fired"
    case .considered: "asked, did not fire"
    case .never: "never asked"
    }
  }

  /// What was not seen: a line each, as `path:line:column: what`.
  private var missing: String {
    var lines: [String] = []
    for rule in coverage.rules {
      if rule.state == .never {
        lines.append(
          "\(Self.place(rule.span)): \(rule.name) was never asked: no test does what it waits for")
        continue
      }
      if rule.state == .considered {
        lines.append(
          "\(Self.place(rule.span)): \(rule.name) never fired: its conditions did not all hold")
      }
      for (branch, seen) in rule.branches where seen != .both {
        let what =
          seen.isEmpty
          ? "was never evaluated" : seen == .isTrue ? "was never false" : "was never true"
        lines.append(
          "\(Self.place(branch.span, column: true)): `\(DisplayText.oneLine(branch.text))` \(what) "
            + "[\(rule.name), \(branch.gate.label)]")
      }
    }
    for flow in coverage.flows {
      let left = flow.moves.filter { !$0.isTaken }
      if left.isEmpty { continue }
      let moves = left.map { "\($0.from) -> \($0.to)" }.joined(separator: ", ")
      lines.append("\(flow.className).\(flow.field): never moved \(moves)")
    }
    // One line each, however long: programs read them, too.
    return lines.isEmpty ? "" : "\n" + lines.map { $0 + "\n" }.joined()
  }

  private var totals: String {
    let totals: [(name: String, total: TestCoverage.Total)] = [
      ("rules", coverage.ruleTotal), ("condition branches", coverage.branchTotal),
      ("flow moves", coverage.moveTotal),
    ]
    var lines = totals.map { name, total in
      DisplayText.padded(name, to: 20)
        + DisplayText.padded(
          "\(Plain.count(total.seen)) of \(Plain.count(total.all))", to: 14, right: true)
        + DisplayText.padded(Self.percent(total.percent), to: 9, right: true)
    }
    if !coverage.disabled.isEmpty {
      lines.append(
        "not counted, because their files switch them off: "
          + coverage.disabled.joined(separator: ", "))
    }
    return "\n" + lines.map { $0 + "\n" }.joined()
  }

  static func place(_ span: SourceSpan, column: Bool = false) -> String {
    let at = span.file.position(of: span.range.lowerBound)
    return "\(span.file.name):\(at.line)" + (column ? ":\(at.column)" : "")
  }

  /// Returns a share with one digit where it has one: `98.3 %`, `100 %`.
  static func percent(_ share: Double) -> String {
    let text = Plain.fixed(share, 1)
    return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + " %"
  }
}

/// What tests cover, for programs.
enum CoverageJSON {
  static func value(_ coverage: TestCoverage) -> JSONValue {
    .object([
      ("rules", total(coverage.ruleTotal)), ("branches", total(coverage.branchTotal)),
      ("moves", total(coverage.moveTotal)),
      ("byRule", .array(coverage.rules.map(rule))), ("byFlow", .array(coverage.flows.map(flow))),
      ("disabled", .array(coverage.disabled.map { .string($0) })),
    ])
  }

  private static func total(_ total: TestCoverage.Total) -> JSONValue {
    .object([
      ("seen", TestJSON.number(total.seen)), ("all", TestJSON.number(total.all)),
      ("percent", .number(Plain.fixed(total.percent, 1))),
    ])
  }

  private static func rule(_ rule: TestCoverage.Rule) -> JSONValue {
    .object(
      [("rule", .string(rule.name))] + TestJSON.place(rule.span) + [
        ("result", .string(rule.state.rawValue)),
        (
          "branches",
          .array(
            rule.branches.map { branch, seen in
              let at = branch.span.file.position(of: branch.span.range.lowerBound)
              return .object([
                ("condition", .string(branch.gate.label)), ("text", .string(branch.text)),
                ("line", TestJSON.number(at.line)), ("column", TestJSON.number(at.column)),
                ("seenTrue", .bool(seen.contains(.isTrue))),
                ("seenFalse", .bool(seen.contains(.isFalse))),
              ])
            })
        ),
      ])
  }

  private static func flow(_ flow: TestCoverage.Flow) -> JSONValue {
    .object([
      ("class", .string(flow.className)), ("field", .string(flow.field)),
      (
        "moves",
        .array(
          flow.moves.map {
            .object([
              ("from", .string($0.from)), ("to", .string($0.to)), ("made", .bool($0.isTaken)),
            ])
          })
      ),
    ])
  }
}
