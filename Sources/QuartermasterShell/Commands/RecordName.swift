internal import QuartermasterCEL
internal import QuartermasterCore

/// A record as it is named on the command line: `Product/bolt`, with a field behind it as `Product/bolt.onHand`.
struct RecordName {
  /// The class.
  let definition: ClassDefinition
  /// The id.
  let id: String
  /// The field, if one is named.
  let field: String?

  /// The name as it is written.
  var text: String { "\(definition.name)/\(id)" }

  /// Reads a name.
  ///
  /// An id may hold dots: what stands behind the last one is a field where the journal knows no such id.
  init(_ text: String, takesField: Bool, _ journal: JournalReader) throws {
    let schema = journal.session.schema
    guard let slash = text.firstIndex(of: "/") else {
      throw CommandFailure(
        .usage, "\"\(text)\" names no record; write CLASS/ID, as in Product/bolt")
    }
    let className = String(text[..<slash])
    guard let definition = schema[className] else {
      let known = schema.classes.map(\.name)
      let hint = Suggestion.closest(to: className, among: known).map { "; did you mean \($0)?" }
      throw CommandFailure(
        .usage, "no class \(className)\(hint ?? " (\(known.joined(separator: ", ")))")")
    }
    self.definition = definition
    let rest = String(text[text.index(after: slash)...])
    guard takesField, let dot = rest.lastIndex(of: "."),
      try journal.lastRow(of: definition, rest) == nil,
      try journal.session.existing(definition.recordType, rest) == nil
    else {
      id = rest
      field = nil
      return
    }
    let name = String(rest[rest.index(after: dot)...])
    guard let field = definition[name] else {
      let known = definition.fields.map(\.name)
      let hint = Suggestion.closest(to: name, among: known).map { "; did you mean \($0)?" } ?? ""
      throw CommandFailure(.usage, "\(className) has no field \(name)\(hint)")
    }
    if case .computed = field.kind {
      throw CommandFailure(
        .usage,
        "\(className).\(name) is computed from other fields, which the journal keeps; "
          + "ask for the record, or for one of them")
    }
    id = String(rest[..<dot])
    self.field = name
  }

  /// Fails when nothing is known of the record.
  func requireKnown(_ journal: JournalReader) throws {
    if try journal.session.existing(definition.recordType, id) != nil { return }
    if try journal.lastRow(of: definition, id) != nil { return }
    throw CommandFailure(.failed, "there is no \(text), and the journal knows of none")
  }
}
