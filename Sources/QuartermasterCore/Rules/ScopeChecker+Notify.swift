import QuartermasterCEL

// Who is told, and what.
extension ScopeChecker {
  /// Checks a `notify`.
  func notify(_ notice: ActionSyntax.Notice) -> CheckedAction.Verb? {
    let recipients = notice.recipients.compactMap { recipient($0) }
    let message = template(notice.message, "message")
    let title = notice.title.flatMap { template($0, "title") }
    for channel in notice.channels {
      guard let known = context.options.channels, !known.contains(channel.text) else { continue }
      context.report(.unknownChannel(channel.text, known: known.sorted(), at: channel.span))
    }
    guard let message, recipients.count == notice.recipients.count else { return nil }
    return .notify(
      recipients, message: message, title: title, channels: notice.channels.map(\.text))
  }

  /// Checks who is told: a group, a record with a contact, or an address.
  func recipient(_ scalar: ScalarSyntax) -> CheckedAction.Recipient? {
    let text = scalar.text
    if !scope.bound.contains(text) {
      if context.isGroup(text) { return .group(text) }
      if Self.isAddress(text) { return address(scalar) }
      if waitingLets[text] == nil, RuleFileLoader.isKebab(text) || RuleChecker.isPlainWord(text),
        context.schema[text] == nil
      {
        if !context.options.checksGroups { return .group(text) }
        context.report(.unknownGroup(text, known: context.groups, at: scalar.span))
        return nil
      }
    }
    let purpose = FormulaChecker.Purpose(
      needs: "`notify` needs a group, a record with a contact or an address", types: [],
      takesNull: true)
    guard let checked = formula(scalar, purpose) else { return nil }
    let span = checked.parsed.source.span(checked.root.range)
    switch checked.type.nonNull {
    case .string, .dyn, .error: return formulas.isNotNull(checked) ? .formula(checked) : nil
    case .record(let name):
      if let definition = context.schema[name], definition.contact == nil,
        definition.name != "User",
        context.options.checksGroups
      {
        context.report(.noContact(name, at: span))
        return nil
      }
      return formulas.isNotNull(checked) ? .formula(checked) : nil
    case .list(.record(let name)):
      context.report(.listTarget("notify", name, Diagnostic.excerpt(checked), at: span))
    default: context.report(.wrongType(purpose.needs, checked.type, checked, at: span))
    }
    return nil
  }

  /// `buy@example.com` is an address, not a formula.
  private static func isAddress(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
    return parts.count == 2 && parts.allSatisfy { !$0.isEmpty }
      && !text.utf8.contains { $0 <= 0x20 || $0 == 0x22 || $0 == 0x27 || $0 == 0x7B }
  }

  private func address(_ scalar: ScalarSyntax) -> CheckedAction.Recipient? {
    let quoted = ExprSource(
      text: Value.quoted(scalar.text), file: scalar.source.file, segments: scalar.source.segments)
    return formulas.formula(quoted, FormulaChecker.Purpose(needs: "", types: [.string]))
      .map { .formula($0) }
  }
}

extension RuleChecker {
  /// Whether a text is one word of letters and digits.
  static func isPlainWord(_ text: String) -> Bool { ScopeChecker.isName(text) }
}
