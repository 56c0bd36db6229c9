public import QuartermasterCEL

extension ProjectSettings {
  /// Reads and checks quartermaster.yaml.
  ///
  /// ```yaml
  /// zone: Europe/Paris                     # of schedules that name none; UTC if not said
  /// durability: full                       # or relaxed
  /// data: data.sqlite                      # relative to the project's folder
  /// groups:
  ///   managers: User.filter(u, u.role == "manager")
  ///   buyers: buy@example.com              # or a list of addresses
  /// inbox: {class: Notification, user: user, text: message, title: title, read: read}
  /// automations: {class: Automation, trigger: trigger, action: action}   # records that are rules
  /// channels:
  ///   default: [inbox, desk]               # of a notify that names none
  ///   desk: {kind: webhook, url: "https://example.com/desk", secretFrom: DESK_SECRET}
  /// outbox: {tries: 8, age: 24h, delays: [10s, 1m, 5m, 15m, 1h, 2h, 4h], jitter: 10, lanes: 8, lease: 30s}
  /// journal: {keep: 90d, size: 500MB, refused: 90d, delivered: 30d}     # nothing is forgotten if not said
  /// outside: on                          # or off: what other programs write with plain SQL is not taken in
  /// limits: {rounds: 16, firings: 10000}
  /// extends: supply                      # the template that the project builds on
  /// rules: {off: [nightly-reorder]}      # rules of the template that it does without, or replaces
  /// ```
  ///
  /// - Parameters:
  ///   - file: The text of quartermaster.yaml.
  ///   - schema: The classes that groups and inbox name.
  /// - Returns: The settings, and what is probably a mistake in them.
  /// - Throws: All that is wrong, warnings included, in order of place.
  public static func load(
    _ file: SourceFile, schema: Schema
  ) throws(DiagnosticList) -> (settings: ProjectSettings, warnings: [Diagnostic]) {
    let (root, warnings) = try YAMLReader.read(file)
    return try load(root, warnings: warnings, schema: schema)
  }

  /// Checks settings that were read already.
  static func load(
    _ root: YAMLNode, warnings: [Diagnostic], schema: Schema
  ) throws(DiagnosticList) -> (settings: ProjectSettings, warnings: [Diagnostic]) {
    let loader = SettingsLoader(schema: schema, warnings: warnings)
    let settings = loader.load(root)
    let found = DiagnosticList(loader.diagnostics)
    if found.hasErrors { throw found }
    return (settings, found.items)
  }
}

/// The reading of one settings file.
final class SettingsLoader: NodeReader {
  private static let keys = [
    "groups", "inbox", "automations", "zone", "durability", "data", "limits", "channels", "outbox",
    "outside", "journal", "extends", "rules",
  ]
  let schema: Schema

  init(schema: Schema, warnings: [Diagnostic]) {
    self.schema = schema
    super.init(area: "settings", warnings: warnings)
  }

  func load(_ root: YAMLNode) -> ProjectSettings {
    var settings = ProjectSettings()
    let options = self.options(of: root, known: Self.keys, what: "quartermaster.yaml")
    if let node = options["zone"], let name = text(node, "a time zone such as Europe/Paris") {
      settings.zone = name
      if Zone.named(name) == nil { report(.settingsZone(name, at: node.span)) }
    }
    if let node = options["durability"] {
      if let durability = node.text.flatMap(ProjectSettings.Durability.init) {
        settings.durability = durability
      } else {
        report(.needs(area, "full or relaxed", at: node.span))
      }
    }
    if let node = options["data"], let path = text(node, "the path of a file") {
      settings.dataFile = path
    }
    if let node = options["inbox"] { settings.inbox = inbox(node) }
    if let node = options["automations"] { settings.automations = automations(node) }
    if let node = options["groups"] { settings.groups = groups(node) }
    if let node = options["channels"] { readChannels(node, &settings) }
    if let node = options["outside"] { readOutside(node, &settings) }
    if let node = options["outbox"] { settings.outbox = outbox(node) }
    if let node = options["journal"] { settings.retention = retention(node) }
    if let node = options["limits"] { readLimits(node, &settings) }
    // What they say was taken before the schema was read; here their form is judged.
    if let node = options["extends"] { _ = text(node, "the name of a template") }
    if let node = options["rules"] {
      let rules = self.options(of: node, known: ["off"], what: "rules")
      if let off = rules["off"] { _ = texts(off, "the name of a rule") }
    }
    return settings
  }

  private func readLimits(_ node: YAMLNode, _ settings: inout ProjectSettings) {
    let options = self.options(of: node, known: ["rounds", "firings"], what: "limits")
    if let number = options["rounds"].flatMap({ count($0, 1...1000) }) {
      settings.maximumRounds = number
    }
    if let number = options["firings"].flatMap({ count($0, 1...1_000_000_000) }) {
      settings.maximumFirings = number
    }
  }

  // MARK: - Inbox

  private func inbox(_ node: YAMLNode) -> ProjectSettings.Inbox? {
    let keys = ["class", "user", "text", "title", "read", "rule", "firing"]
    let options = self.options(of: node, known: keys, what: "inbox")
    guard let classNode = options["class"], let name = text(classNode, "the name of a class") else {
      if options["class"] == nil { report(.settingsInboxNeeds("class", at: node.span)) }
      return nil
    }
    guard let definition = schema[name], !definition.isSystem else {
      report(.settingsUnknownClass(name, schema, at: classNode.span))
      return nil
    }
    func field(_ key: String, _ wanted: String, _ fits: (FieldType) -> Bool) -> String? {
      guard let node = options[key], let name = text(node, "the name of a field") else {
        return nil
      }
      guard let field = definition[name] else {
        report(.settingsUnknownField(name, of: definition, at: node.span))
        return nil
      }
      if !field.isWritable || !fits(field.type) {
        report(.settingsFieldType(name, wanted: wanted, at: node.span))
      }
      return name
    }
    let message = field("text", "a String") { $0 == .string }
    if options["text"] == nil { report(.settingsInboxNeeds("text", at: node.span)) }
    let user = field("user", "a pointer") { if case .pointer = $0 { true } else { false } }
    let title = field("title", "a String") { $0 == .string }
    let read = field("read", "a Boolean") { $0 == .boolean }
    let rule = field("rule", "a String") { $0 == .string }
    let firing = field("firing", "an Integer") { $0 == .integer }
    let given = Set([message, user, title, read, rule, firing].compactMap { $0 })
    for field in definition.fields
    where field.isRequired && field.sequence == nil && !given.contains(field.name) {
      if case .null = field.defaultValue {
        report(.settingsInboxRequired(field.name, of: name, at: node.span))
      }
    }
    guard let message else { return nil }
    return ProjectSettings.Inbox(
      className: name, user: user, text: message, title: title, read: read, rule: rule,
      firing: firing)
  }

  // MARK: - Groups

  private func groups(_ node: YAMLNode) -> [String: ProjectSettings.Group] {
    guard let pairs = mapping(node, "groups") else { return [:] }
    var groups: [String: ProjectSettings.Group] = [:]
    for pair in pairs {
      guard let name = pair.key.text else { continue }
      if !SchemaLoader.isDashedName(name) {
        report(.settingsName(name, what: "a group", at: pair.key.span))
      }
      if case .scalar(let source, _) = pair.value.kind, isQuery(source.text) {
        groups[name] = query(source)
      } else {
        let addresses = texts(pair.value, "a query, an address, or a list of addresses")
        if addresses.isEmpty { report(.settingsEmptyGroup(name, at: pair.key.span)) }
        groups[name] = .addresses(addresses.map(\.text))
      }
    }
    return groups
  }

  /// Whether a text is meant as a query: it starts with the name of a class, or it calls something.
  private func isQuery(_ text: String) -> Bool {
    let name = text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    let rest = text.dropFirst(name.count)
    if schema[String(name)] != nil { return rest.isEmpty || rest.first == "." || rest.first == "[" }
    return rest.first == "." && text.contains("(") && text.contains(")")
  }

  private func query(_ source: ExprSource) -> ProjectSettings.Group? {
    var environment = CELEnvironment.quartermaster
    environment.recordTypes = schema
    do {
      let checked = try environment.check(environment.parse(source))
      if case .list(.record) = checked.type { return .query(checked) }
      report(
        .settingsGroupType("\(checked.type)", at: source.span(0..<source.text.utf8.count)))
    } catch { error.items.forEach(report) }
    return nil
  }
}
