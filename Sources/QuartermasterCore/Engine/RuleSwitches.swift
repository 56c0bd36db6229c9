package import QuartermasterCEL

/// The rules of a set that somebody switched off, beside what their files say.
///
/// Written in `_rules.off` as `[["reorder-low-stock", "ann", 1772442843000], …]`: the rule, who, and when.
package struct RuleSwitches: Sendable, Equatable {
  /// A rule that is switched off.
  package struct Switch: Sendable, Equatable {
    /// The rule.
    package let rule: String
    /// Who switched it off.
    package let by: String
    /// When.
    package let at: Timestamp
  }

  /// The rules that are switched off, by name.
  package private(set) var items: [Switch] = []

  /// All rules on.
  package init() {}

  /// Reads what stands in a file; nil says that all rules are on.
  ///
  /// - Throws: A refusal when the text is damaged.
  init(_ text: String?) throws(Refusal) {
    guard let text else { return }
    let json: JSONValue
    do { json = try JSONReader.read(text) } catch {
      throw Refusal(.storage, "what rules are switched off cannot be read: \(error.message)")
    }
    for item in json.items {
      let parts = item.items
      guard parts.count == 3, let rule = parts[0].text, let by = parts[1].text,
        let at = parts[2].integer
      else { continue }
      items.append(Switch(rule: rule, by: by, at: Timestamp(milliseconds: at)))
    }
  }

  /// The text that stands in a file; nil when all rules are on.
  var text: String? {
    if items.isEmpty { return nil }
    var buffer = JSONBuffer()
    buffer.beginArray()
    for item in items {
      buffer.beginArray()
      buffer.string(item.rule)
      buffer.string(item.by)
      buffer.int(item.at.milliseconds)
      buffer.endArray()
    }
    buffer.endArray()
    return buffer.text
  }

  /// The names of the rules that are switched off.
  package var names: Set<String> { Set(items.map(\.rule)) }

  /// Returns who switched a rule off and when; nil when it is on.
  package subscript(rule: String) -> Switch? { items.first { $0.rule == rule } }

  /// Returns these switches without those of rules that are not there any more.
  func keeping(_ names: Set<String>) -> RuleSwitches {
    var kept = self
    kept.items.removeAll { !names.contains($0.rule) }
    return kept
  }

  /// Returns these switches with one turned.
  func turning(_ rule: String, off: Bool, by: String, at: Timestamp) -> RuleSwitches {
    var turned = self
    turned.items.removeAll { $0.rule == rule }
    if off {
      turned.items.append(Switch(rule: rule, by: by, at: at))
      turned.items.sort { UTF8Text.less($0.rule, $1.rule) }
    }
    return turned
  }
}

extension RuleSet {
  /// Returns the set without some of its rules; the others keep their order.
  package func leavingOut(_ names: Set<String>) -> RuleSet {
    let left = rules.filter { names.contains($0.name) }.map(\.name)
    if left.isEmpty { return self }
    var kept: [CompiledRule] = []
    for rule in rules where !names.contains(rule.name) {
      kept.append(CompiledRule(rule, index: kept.count))
    }
    return RuleSet(rules: kept, disabled: disabled, files: files, branches: branches)
  }
}

extension RuleSet {
  /// Returns the set with some of its rules behind all others.
  func puttingLast(_ names: Set<String>) -> RuleSet {
    if names.isEmpty { return self }
    let order = rules.filter { !names.contains($0.name) } + rules.filter { names.contains($0.name) }
    return RuleSet(
      rules: order.enumerated().map { CompiledRule($0.element, index: $0.offset) },
      disabled: disabled, files: files)
  }
}
