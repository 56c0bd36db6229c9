internal import Foundation
internal import QuartermasterCEL
public import QuartermasterCore

/// What an engine can be opened with as a whole: classes, settings, rules, and the verbs that the rules use.
public struct Domain: Sendable {
  /// The schema, the settings and the rules.
  public let template: ProjectTemplate
  /// What the verbs of the schema do; a host adds its own.
  public var verbs: VerbRegistry

  /// Creates a domain.
  public init(template: ProjectTemplate, verbs: VerbRegistry) {
    self.template = template
    self.verbs = verbs
  }

  /// Suppliers, products, stock, purchase orders, customers' orders and shipments.
  public static let supply = Domain(template: .supply, verbs: .supply)
}

/// Where the rules of an engine come from.
public enum RuleSource: Sendable {
  /// Those of the domain's template.
  case shipped
  /// Those of a folder: all files below it that end with `.yaml`. They are put in force in the data file.
  case publish(folder: String)
  /// Those that the data file says are in force; none in a new file.
  case use
  /// None.
  case none
}

extension Engine {
  /// Opens a data file, or memory, with the schema and the verbs of a domain.
  ///
  /// ```swift
  /// let engine = try Engine.open("shop.sqlite", domain: .supply, rules: .publish(folder: "rules"))
  /// let outcome = try engine.write { db in
  ///   try db.set("Inventory", id: "bolts", ["quantity": .int(20)])
  /// }
  /// for firing in outcome.firings { print(firing.rule, firing.record ?? "") }
  /// ```
  ///
  /// - Parameters:
  ///   - path: The data file, made when it is not there; nil for memory.
  ///   - domain: Schema, settings and verbs.
  ///   - rules: Where the rules come from.
  ///   - configuration: Clock, and what to do when the file has other tables. Settings and verbs are the domain's.
  /// - Returns: The engine, ready for reads and writes; timers wait until the clock is moved.
  /// - Throws: `DiagnosticList` when the rules are wrong; ``Refusal`` when the file cannot be opened.
  public static func open(
    _ path: String?, domain: Domain, rules: RuleSource = .shipped,
    configuration: Configuration = .init()
  ) throws -> Engine {
    let project = try domain.template.project()
    let loaded: Engine.Rules
    switch rules {
    case .shipped:
      loaded = .publish(
        try LoadedRules(
          files: project.ruleFiles, schema: project.schema, settings: project.settings,
          functions: configuration.functions))
    case .publish(let folder):
      guard FileManager.default.fileExists(atPath: folder) else {
        throw Refusal(.storage, "there is no folder \(folder) to read rules from")
      }
      let (files, found) = try Project.ruleFiles(below: folder)
      let unread = DiagnosticList(found)
      if unread.hasErrors { throw unread }
      loaded = .publish(
        try LoadedRules(
          files: files, schema: project.schema, settings: project.settings,
          functions: configuration.functions))
    case .use: loaded = .use
    case .none: loaded = .publish(.none)
    }
    var configuration = configuration
    configuration.settings = project.settings
    configuration.verbs = domain.verbs
    return try Engine(
      path: path, schema: project.schema, rules: loaded, configuration: configuration)
  }
}
