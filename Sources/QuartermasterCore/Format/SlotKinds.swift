internal import QuartermasterCEL

/// Which scalars of a rule file are formulas, and which are words with holes; see LANGUAGE.md, section 3.
///
/// It knows the keys of the language, and of fields what a schema says. Where a field may be one or the other it is neither.
struct SlotKinds {
  /// What a scalar holds.
  enum Kind { case formula, words, other }

  private let schema: Schema?
  private var kinds: [Int: Kind] = [:]
  /// What the names of fields hold, over all classes; absent where classes differ.
  private let fields: [String: Kind]

  init(_ root: YAMLNode, schema: Schema?) {
    self.schema = schema
    fields = Self.commonKinds(schema)
    guard case .sequence(let items) = root.kind else { return }
    for item in items {
      if item["rule"] != nil { rule(item) } else if item["test"] != nil { test(item) }
    }
  }

  /// Returns what a scalar of the file holds.
  func kind(of node: YAMLNode) -> Kind { kinds[node.span.range.lowerBound] ?? .other }

  private static func commonKinds(_ schema: Schema?) -> [String: Kind] {
    var kinds: [String: Kind] = [:]
    for field in schema?.classes.flatMap(\.fields) ?? [] {
      let kind = kind(of: field.type)
      kinds[field.name] = kinds[field.name].map { $0 == kind ? kind : .other } ?? kind
    }
    return kinds
  }

  private static func kind(of type: FieldType) -> Kind {
    if case .string = type { .words } else { .formula }
  }

  private mutating func mark(_ node: YAMLNode?, _ kind: Kind) {
    guard let node else { return }
    switch node.kind {
    case .scalar(let source, _):
      // An instant or a duration that is written out is no formula: `2026-03-02` would be a subtraction.
      if kind == .formula,
        Timestamp(source.text) != nil || TimeSpan(source.text, allowsDays: true) != nil
      {
        return
      }
      kinds[node.span.range.lowerBound] = kind
    case .sequence(let items): for item in items { mark(item, kind) }
    case .mapping, .empty: break
    }
  }

  // MARK: - Rules and tests

  private mutating func rule(_ item: YAMLNode) {
    mark(item["trigger"]?["becomes"], .formula)
    mark(item["trigger"]?["due"], .formula)
    for (_, value) in item["let"]?.pairs ?? [] { mark(value, .formula) }
    mark(item["when"], .formula)
    for node in item["action"]?.items ?? [] { action(node) }
  }

  private mutating func test(_ item: YAMLNode) {
    for (className, records) in item["given"]?.pairs ?? [] {
      for (_, values) in records.pairs ?? [] {
        for (key, value) in values.pairs ?? [] { slot(key, value, of: className.text) }
      }
    }
    for node in item["do"]?.items ?? [] { step(node) }
    for node in item["expect"]?.items ?? [] { expectation(node) }
  }

  private mutating func step(_ node: YAMLNode) {
    switch node.pairs?.first?.key.text {
    case "together": for inner in node["together"]?.items ?? [] { step(inner) }
    case "expect":
      for inner in node["expect"]?.items ?? [] { expectation(inner) }
      mark(node["actor"], .formula)
    default: action(node)
    }
  }

  private mutating func expectation(_ node: YAMLNode) {
    if case .scalar = node.kind { mark(node, .formula) }
  }

  // MARK: - Actions

  private static let controls: Set<String> = ["each", "when", "as", "once", "within", "actor"]

  private mutating func action(_ node: YAMLNode) {
    guard let pairs = node.pairs, let first = pairs.first, let word = first.key.text else { return }
    mark(node["when"], .formula)
    mark(node["each"], .formula)
    let target = first.value.text
    var own: Set<String> = []
    var kind: (String) -> Kind? = { _ in nil }
    var className: String?
    switch word {
    case "delete", "advance": return mark(first.value, .formula)
    case "reject": return mark(first.value, .words)
    case "notify":
      mark(node["message"], .words)
      return mark(node["title"], .words)
    case "set": mark(first.value, .formula)
    case "create": className = target
    case "ensure":
      className = target
      own = ["match"]
      for (key, value) in node["match"]?.pairs ?? [] { slot(key, value, of: className) }
    case "signal":
      let known = target.flatMap { schema?.signals[$0]?.parameters } ?? []
      kind = { name in known.first { $0.name == name }.map { Self.kind(of: $0.type) } ?? .other }
    case "call":
      let known = target.flatMap { schema?.calls[$0]?.parameters } ?? []
      kind = { name in known.first { $0.name == name }.map { Self.kind(of: $0.type) } ?? .other }
    default:
      guard let verb = schema?.verbs[word] else { return }
      if !verb.targets.isEmpty { mark(first.value, .formula) }
      kind = { name in
        verb.parameters.first { $0.name == name }.map { Self.kind(of: $0.type) } ?? .other
      }
    }
    for (key, value) in pairs.dropFirst() {
      guard let name = key.text, !Self.controls.contains(name), !own.contains(name) else {
        continue
      }
      let inner = name == "fields" ? value.pairs ?? [] : [(key, value)]
      for (key, value) in inner {
        if let kind = kind(key.text ?? "") {
          mark(value, kind)
        } else {
          slot(key, value, of: className)
        }
      }
    }
  }

  private mutating func slot(_ key: YAMLNode, _ value: YAMLNode, of className: String?) {
    guard let name = key.text, case .scalar = value.kind else { return }
    if let field = className.flatMap({ schema?[$0] })?[name] {
      mark(value, Self.kind(of: field.type))
    } else if className == nil || schema?[className ?? ""] == nil {
      mark(value, fields[name] ?? .other)
    }
  }
}
