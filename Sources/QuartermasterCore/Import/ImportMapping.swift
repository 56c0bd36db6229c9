package import QuartermasterCEL

/// A mapping of files to changes, as it was written: which rows become which changes.
package struct ImportMapping: Sendable {
  /// What a row becomes.
  enum Target: Sendable {
    /// A new record; a row whose id is there already changes nothing.
    case create(ClassDefinition)
    /// Fields of a record that is there.
    case set(ClassDefinition)
    /// A signal.
    case signal(SignalDefinition)
  }

  /// Another file whose row of the same key is at hand under a name.
  struct Join: Sendable {
    /// The name.
    let name: String
    /// The file, and the column that both have.
    let file: String, column: String
    let span: SourceSpan, columnSpan: SourceSpan
  }

  /// Days on each of which every row is taken once.
  struct Days: Sendable {
    let from: Timestamp, to: Timestamp
  }

  /// One file and what its rows become.
  struct Source: Sendable {
    let file: String
    let fileSpan: SourceSpan
    let target: Target
    let id: ImportSlot?
    let when: ImportSlot?
    let at: ImportSlot?
    let days: Days?
    let joins: [Join]
    let fields: [(name: String, slot: ImportSlot)]
  }

  /// The sources in the order of the file: of rows of the same instant those of an earlier source come first.
  let sources: [Source]
  /// Whether any row has an instant of its own.
  package var hasInstants: Bool { sources.contains { $0.at != nil } }

  /// Reads a mapping.
  ///
  /// - Throws: All that is wrong with it.
  package static func load(
    _ file: SourceFile, schema: Schema
  ) throws(DiagnosticList) -> ImportMapping {
    let (root, warnings) = try YAMLReader.read(file)
    let reader = MappingReader(schema: schema, warnings: warnings)
    let sources = root.items.compactMap(reader.source)
    if root.items.isEmpty {
      reader.report(
        .mapping("form", "no source; a mapping is a list of `- file: …`", at: root.span))
    }
    let list = DiagnosticList(reader.diagnostics)
    if list.hasErrors { throw list }
    return ImportMapping(sources: sources)
  }
}

/// Reads the sources of a mapping.
private final class MappingReader: NodeReader {
  private let schema: Schema

  private static let keys = [
    "file", "class", "set", "signal", "id", "when", "at", "days", "join", "fields",
  ]

  init(schema: Schema, warnings: [Diagnostic]) {
    self.schema = schema
    super.init(area: "import", warnings: warnings)
  }

  func source(_ node: YAMLNode) -> ImportMapping.Source? {
    let options = options(of: node, known: Self.keys, what: "a source")
    guard let fileNode = options["file"] else {
      report(.mapping("form", "a source needs its `file`", at: node.span))
      return nil
    }
    let file = text(fileNode, "the name of a file")
    let target = target(options, node)
    let joins = options["join"].map(joins) ?? []
    let days = options["days"].map(days) ?? nil
    var names: Set<String> = ["row"]
    if days != nil { names.insert("day") }
    names.formUnion(joins.map(\.name))
    func slot(_ key: String, _ type: FieldType) -> ImportSlot? {
      options[key].flatMap { self.slot($0, type, names) }
    }
    let id = slot("id", .string)
    let when = slot("when", .boolean)
    let at = slot("at", .date)
    guard let file, let target else { return nil }
    if case .set = target, options["id"] == nil {
      report(.mapping("form", "`set` needs the `id` of the record", at: node.span))
    }
    if case .create = target, options["id"] == nil {
      let message = "a row needs an `id`: by it the next import knows what is there already"
      report(.mapping("form", message, at: node.span))
    }
    let fields = fields(options["fields"], of: target, names)
    return ImportMapping.Source(
      file: file, fileSpan: fileNode.span, target: target, id: id, when: when, at: at, days: days,
      joins: joins, fields: fields)
  }

  private func target(_ options: [String: YAMLNode], _ node: YAMLNode) -> ImportMapping.Target? {
    let given = ["class", "set", "signal"].filter { options[$0] != nil }
    guard given.count == 1, let key = given.first, let named = options[key] else {
      report(.mapping("form", "a source has one of `class`, `set` and `signal`", at: node.span))
      return nil
    }
    guard let name = text(named, "a name") else { return nil }
    if key == "signal" {
      if let signal = schema.signals[name] { return .signal(signal) }
      report(.unknown("signal", name, among: schema.signals.keys.sorted(), at: named.span))
      return nil
    }
    guard let definition = schema[name] else {
      report(.unknown("class", name, among: schema.classes.map(\.name), at: named.span))
      return nil
    }
    return key == "set" ? .set(definition) : .create(definition)
  }

  private func fields(
    _ node: YAMLNode?, of target: ImportMapping.Target, _ names: Set<String>
  ) -> [(name: String, slot: ImportSlot)] {
    guard let node, let pairs = mapping(node, "fields") else { return [] }
    var fields: [(name: String, slot: ImportSlot)] = []
    for pair in pairs {
      guard let name = pair.key.text else { continue }
      let type: FieldType?
      let known: [String]
      switch target {
      case .create(let definition), .set(let definition):
        type = definition[name]?.type
        known = definition.fields.map(\.name)
      case .signal(let signal):
        type = signal.parameters.first { UTF8Text.equal($0.name, name) }?.type
        known = signal.parameters.map(\.name)
      }
      guard let type else {
        report(.unknown("field", name, among: known, at: pair.key.span))
        continue
      }
      if let slot = slot(pair.value, type, names) { fields.append((name, slot)) }
    }
    return fields
  }

  private func joins(_ node: YAMLNode) -> [ImportMapping.Join] {
    (mapping(node, "join") ?? []).compactMap { pair in
      let options = options(of: pair.value, known: ["file", "on"], what: "a joined file")
      guard let name = pair.key.text, let file = options["file"], let column = options["on"],
        let fileName = text(file, "the name of a file"), let on = text(column, "a column")
      else {
        report(.mapping("form", "`join` needs `name: {file: …, on: COLUMN}`", at: pair.key.span))
        return nil
      }
      return ImportMapping.Join(
        name: name, file: fileName, column: on, span: file.span, columnSpan: column.span)
    }
  }

  private func days(_ node: YAMLNode) -> ImportMapping.Days? {
    let options = options(of: node, known: ["from", "to"], what: "days")
    guard let from = options["from"]?.text.flatMap({ Timestamp("\($0)T00:00:00Z") }),
      let to = options["to"]?.text.flatMap({ Timestamp("\($0)T00:00:00Z") }), from <= to,
      to.milliseconds - from.milliseconds < 36_525 * 86_400_000
    else {
      let message = "`days` needs {from: 2026-03-01, to: 2026-03-31}, a hundred years at most"
      report(.mapping("form", message, at: node.span))
      return nil
    }
    return ImportMapping.Days(from: from, to: to)
  }

  private func slot(_ node: YAMLNode, _ type: FieldType, _ names: Set<String>) -> ImportSlot? {
    guard case .scalar(let source, let style) = node.kind else {
      report(.mapping("form", "needs a text or a formula", at: node.span))
      return nil
    }
    let scalar = ScalarSyntax(source: source, style: style, span: node.span)
    do { return try ImportSlot(scalar, type, names: names) } catch {
      error.items.forEach(report)
      return nil
    }
  }
}

extension Diagnostic {
  static func mapping(_ code: String, _ message: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(.error, "import/\(code)", message, at: span)
  }

  static func unknown(
    _ kind: String, _ name: String, among known: [String], at span: SourceSpan
  ) -> Diagnostic {
    let hint =
      Suggestion.closest(to: name, among: known).map { "; did you mean `\($0)`?" }
      ?? (known.count <= 16 ? " (\(known.joined(separator: ", ")))" : "")
    return mapping("unknown-\(kind)", "there is no \(kind) `\(name)`\(hint)", at: span)
  }
}
