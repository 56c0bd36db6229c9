public import QuartermasterCEL

extension Schema {
  /// Reads and checks a schema.
  ///
  /// Besides classes a schema declares what rules may name of the host:
  ///
  /// ```yaml
  /// signals:
  ///   close-day: {bin: Bin}                  # the payload: name and type
  /// verbs:
  ///   restock:
  ///     target: Product                      # a class, a list of classes, or none
  ///     arguments: {quantity: Integer, by: {type: Date, required: false}}
  ///     result: PurchaseOrderLine            # what `as` binds
  ///     directions: {Product.onOrder: up}    # for the loop check
  /// functions:
  ///   rate: {arguments: {from: String, to: String}, result: {type: Decimal, scale: 6}}
  /// calls:
  ///   print-label: {arguments: {order: Order}}
  /// ```
  ///
  /// - Parameter file: The text of schema.yaml.
  /// - Returns: The schema, and what is probably a mistake in it.
  /// - Throws: All that is wrong, warnings included, in order of place.
  public static func load(
    _ file: SourceFile
  ) throws(DiagnosticList) -> (schema: Schema, warnings: [Diagnostic]) {
    let (root, warnings) = try YAMLReader.read(file)
    let loader = SchemaLoader(file: file, warnings: warnings)
    return try loader.load(root)
  }
}

/// The reading of one schema: mistakes are collected, and each part goes on without those that are wrong.
final class SchemaLoader {
  let file: SourceFile
  var diagnostics: [Diagnostic]
  var classes: [ClassDraft] = []
  var classPlaces: [String: Int] = [:]
  /// The derived fields that are being resolved, outermost first, as `Class.field`.
  var resolving: [String] = []

  init(file: SourceFile, warnings: [Diagnostic]) {
    self.file = file
    diagnostics = warnings
  }

  func report(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

  subscript(name: String) -> ClassDraft? { classPlaces[name].map { classes[$0] } }

  func load(
    _ root: YAMLNode
  ) throws(DiagnosticList) -> (schema: Schema, warnings: [Diagnostic]) {
    let keys = ["domain", "classes", "signals", "verbs", "functions", "calls"]
    let options = self.options(of: root, known: keys, what: "a schema")
    if let classes = options["classes"] {
      declareClasses(classes)
    } else {
      report(.schemaNoClasses(at: root.span))
    }
    for draft in classes { readFields(of: draft) }
    for draft in classes { readInverses(of: draft) }
    for draft in classes { showStoredFields(of: draft) }
    for draft in classes { resolveDerivedFields(of: draft) }
    for draft in classes { readClassOptions(of: draft) }
    let signals = readSignals(options["signals"])
    let verbs = readVerbs(options["verbs"])
    let functions = readFunctions(options["functions"])
    let calls = readCalls(options["calls"])
    let domain = options["domain"].flatMap { text($0, "a name such as `supply`") } ?? ""
    guard !diagnostics.contains(where: { $0.severity == .error }),
      let finished = finishedClasses()
    else { throw DiagnosticList(diagnostics) }
    let schema = Schema(
      domain: domain, classes: finished, signals: signals, verbs: verbs, functions: functions,
      calls: calls, file: file)
    return (schema, DiagnosticList(diagnostics).items)
  }

  private func finishedClasses() -> [ClassDefinition]? {
    var finished: [ClassDefinition] = []
    for draft in classes {
      let fields = draft.fields.compactMap { $0.definition() }
      guard fields.count == draft.fields.count else { return nil }
      finished.append(
        ClassDefinition(
          name: draft.name, index: draft.index, variable: draft.variable, fields: fields,
          uniqueKeys: draft.uniqueKeys, indexes: draft.indexes, inverses: draft.inverses,
          was: draft.was, contact: draft.contact, recordType: draft.recordType,
          span: draft.span))
    }
    finished.append(MessageClass.definition(index: finished.count, file: file))
    return finished
  }
}

// MARK: - Reading nodes

extension SchemaLoader {
  /// Returns the pairs of a map of options by name; unknown keys are reported.
  func options(of node: YAMLNode, known: [String], what: String) -> [String: YAMLNode] {
    guard let pairs = mapping(node, what) else { return [:] }
    var options: [String: YAMLNode] = [:]
    for pair in pairs {
      guard let name = pair.key.text else { continue }
      if known.contains(name) {
        options[name] = pair.value
      } else {
        report(.schemaUnknownKey(name, in: what, known: known, at: pair.key.span))
      }
    }
    return options
  }

  /// Returns the pairs of a map; anything else but nothing is reported.
  func mapping(_ node: YAMLNode, _ what: String) -> [(key: YAMLNode, value: YAMLNode)]? {
    switch node.kind {
    case .mapping(let pairs): return pairs
    case .empty: return []
    case .scalar, .sequence:
      report(.schemaNeedsMap(what, at: node.span))
      return nil
    }
  }

  /// Returns the text of a scalar; anything else is reported.
  func text(_ node: YAMLNode, _ wanted: String) -> String? {
    if let text = node.text { return text }
    report(.schemaNeeds(wanted, at: node.span))
    return nil
  }

  /// Returns the texts of a list of scalars, or of one scalar.
  func texts(_ node: YAMLNode, _ wanted: String) -> [(text: String, span: SourceSpan)] {
    node.items.compactMap { item in text(item, wanted).map { ($0, item.span) } }
  }

  /// Returns whether an option is true.
  func flag(_ node: YAMLNode?) -> Bool {
    guard let node else { return false }
    switch node.text {
    case "true": return true
    case "false": return false
    default:
      report(.schemaNeeds("true or false", at: node.span))
      return false
    }
  }

  /// Returns a whole number within bounds.
  func count(_ node: YAMLNode, _ range: ClosedRange<Int>) -> Int? {
    if let text = node.text, let number = Int(text), range.contains(number) { return number }
    report(
      .schemaNeeds(
        "a whole number from \(range.lowerBound) to \(range.upperBound)", at: node.span))
    return nil
  }

  /// Whether a text is a name that SQL and expressions take without quotes.
  static func isIdentifier(_ text: String) -> Bool {
    guard let first = text.utf8.first, isLetter(first) else { return false }
    return text.utf8.allSatisfy { isLetter($0) || ($0 >= 48 && $0 <= 57) || $0 == 95 }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122)
  }

  /// Whether a text is a name of words joined by dashes, such as `close-day`.
  static func isDashedName(_ text: String) -> Bool {
    isIdentifier(text.split(separator: "-", omittingEmptySubsequences: false).joined())
      && !text.hasPrefix("-") && !text.hasSuffix("-")
  }
}
