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
final class SchemaLoader: NodeReader {
  let file: SourceFile
  var classes: [ClassDraft] = []
  var classPlaces: [String: Int] = [:]
  /// The derived fields that are being resolved, outermost first, as `Class.field`.
  var resolving: [String] = []

  init(file: SourceFile, warnings: [Diagnostic]) {
    self.file = file
    super.init(area: "schema", warnings: warnings)
  }

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

// MARK: - Names

extension SchemaLoader {
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
