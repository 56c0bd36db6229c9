import Foundation
public import QuartermasterCEL

/// A project folder, read: quartermaster.yaml, schema.yaml, access.yaml, and the rule files below `rules/`.
public struct Project: Sendable {
  /// The path of the folder, as it was given.
  public let folder: String
  /// The schema.
  public let schema: Schema
  /// The settings; those of an empty file when there is no quartermaster.yaml.
  public let settings: ProjectSettings
  /// Who may do what; nil when there is no access.yaml, so that nobody but the host may do anything.
  public let access: AccessPolicy?
  /// The rule files in the order in which their rules are considered: by path below `rules/`, as UTF-8 bytes.
  public let ruleFiles: [SourceFile]
  /// What is probably a mistake in schema, settings and permissions.
  public let warnings: [Diagnostic]
  /// The template that it builds on; nil for a project that stands by itself.
  public let base: ProjectExtension?

  /// The path of the data file.
  public var dataPath: String {
    settings.dataFile.hasPrefix("/") ? settings.dataFile : folder + "/" + settings.dataFile
  }

  /// Reads a project folder.
  ///
  /// The rules are read as text only. Of a project that builds on a template (`extends:`) the schema, the settings and the
  /// rule files are those of both.
  ///
  /// - Parameters:
  ///   - folder: The path of the folder.
  ///   - templates: What `extends:` may name.
  /// - Returns: The project.
  /// - Throws: All that is wrong with schema and settings, and files that are missing or cannot be read.
  public static func load(
    folder: String, templates: TemplateLibrary = .none
  ) throws(DiagnosticList) -> Project {
    let folder = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    let prefix = folder == "." ? "" : folder + "/"
    let schemaFile = try file(prefix + "schema.yaml", prefix + "schema.yaml")
    let settingsFile = try file(prefix + "quartermaster.yaml", prefix + "quartermaster.yaml")
    let accessFile = try file(prefix + "access.yaml", prefix + "access.yaml")
    return try assemble(
      folder: folder, schema: schemaFile, settings: settingsFile, access: accessFile,
      missing: prefix + "schema.yaml", templates: templates
    ) { () throws(DiagnosticList) in try self.ruleFiles(below: prefix + "rules") }
  }

  /// Puts a project together, with the template that it builds on.
  private static func assemble(
    folder: String, schema: SourceFile?, settings: SourceFile?, access: SourceFile?,
    missing: String, templates: TemplateLibrary,
    rules: () throws(DiagnosticList) -> ([SourceFile], [Diagnostic])
  ) throws(DiagnosticList) -> Project {
    if let settings {
      let (root, _) = try YAMLReader.read(settings)
      let request = ExtensionRequest(root)
      if let template = request.template {
        let (ruleFiles, found) = try rules()
        return try extended(
          folder: folder, template, request.off, templates: templates, schema: schema,
          settings: root, access: access, rules: ruleFiles, found: found)
      }
      if let first = request.off.first {
        throw DiagnosticList([.projectRulesOffWithoutTemplate(at: first.span)])
      }
    }
    guard let schema else { throw DiagnosticList([.projectNoSchema(missing)]) }
    let (ruleFiles, found) = try rules()
    return try load(
      folder: folder, schema: schema, settings: settings, access: access, rules: ruleFiles,
      found: found)
  }

  /// Reads the files of a project that lie in memory, such as those of a template.
  ///
  /// - Parameters:
  ///   - name: What stands for the folder in messages.
  ///   - files: The files by their path below the folder.
  ///   - templates: What `extends:` may name.
  /// - Returns: The project; its data file lies in no folder.
  /// - Throws: All that is wrong with schema and settings.
  public static func load(
    name: String, files: [(path: String, text: String)], templates: TemplateLibrary = .none
  ) throws(DiagnosticList) -> Project {
    func file(_ path: String) -> SourceFile? {
      files.first { $0.path == path }.map { SourceFile(name: "\(name)/\(path)", text: $0.text) }
    }
    let rules = files.map(\.path).filter { $0.hasPrefix("rules/") && $0.hasSuffix(".yaml") }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    return try assemble(
      folder: name, schema: file("schema.yaml"), settings: file("quartermaster.yaml"),
      access: file("access.yaml"), missing: "\(name)/schema.yaml", templates: templates
    ) { () throws(DiagnosticList) in (rules.compactMap(file), []) }
  }

  private static func load(
    folder: String, schema schemaFile: SourceFile, settings settingsFile: SourceFile?,
    access accessFile: SourceFile?, rules: [SourceFile], found: [Diagnostic]
  ) throws(DiagnosticList) -> Project {
    var found = found
    let schema: Schema
    do {
      let (loaded, warnings) = try Schema.load(schemaFile)
      schema = loaded
      found += warnings
    } catch { throw DiagnosticList(error.items + found) }
    var settings = ProjectSettings()
    if let settingsFile {
      do {
        let (loaded, warnings) = try ProjectSettings.load(settingsFile, schema: schema)
        settings = loaded
        found += warnings
      } catch { throw DiagnosticList(found + error.items) }
    }
    let access = permissions(accessFile, schema, &found)
    let list = DiagnosticList(found)
    if list.hasErrors { throw list }
    return Project(
      folder: folder, schema: schema, settings: settings, access: access, ruleFiles: rules,
      warnings: list.items, base: nil)
  }

  /// Reads who may do what, if a file says so; what is wrong with it is added.
  static func permissions(
    _ file: SourceFile?, _ schema: Schema, _ found: inout [Diagnostic]
  ) -> AccessPolicy? {
    guard let file else { return nil }
    do throws(DiagnosticList) {
      let (policy, warnings) = try AccessPolicy.load(file, schema: schema)
      found += warnings
      return policy
    } catch {
      found += error.items
      return nil
    }
  }

  /// Returns the rule files below a folder in the order in which their rules are considered, and what is wrong with
  /// single ones; none when there is no such folder.
  package static func ruleFiles(
    below folder: String
  ) throws(DiagnosticList) -> (files: [SourceFile], found: [Diagnostic]) {
    var found: [Diagnostic] = []
    var files: [SourceFile] = []
    for path in try rulePaths(below: folder, &found) {
      do {
        if let file = try file(folder + "/" + path, folder + "/" + path) { files.append(file) }
      } catch { found += error.items }
    }
    return (files, found)
  }

  /// Returns a file of the disk; nil when it is not there.
  private static func file(_ path: String, _ name: String) throws(DiagnosticList) -> SourceFile? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let data: Data
    do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
      throw DiagnosticList([.projectUnreadable(name, "\(error.localizedDescription)")])
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw DiagnosticList([.projectUnreadable(name, "it is not UTF-8")])
    }
    return SourceFile(name: name, text: text)
  }

  /// Returns the paths of the rule files below a folder, in order; none when there is no such folder.
  private static func rulePaths(
    below folder: String, _ found: inout [Diagnostic]
  ) throws(DiagnosticList) -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) else { return [] }
    guard isFolder.boolValue, let walk = FileManager.default.enumerator(atPath: folder) else {
      throw DiagnosticList([.projectUnreadable(folder, "it is not a folder")])
    }
    var paths: [String] = []
    for case let path as String in walk {
      if path.split(separator: "/").contains(where: { $0.hasPrefix(".") }) { continue }
      if path.hasSuffix(".yaml") {
        paths.append(path)
      } else if path.hasSuffix(".yml") {
        found.append(.projectOtherEnding(folder + "/" + path))
      }
    }
    return paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}

extension Diagnostic {
  /// A message about a file as a whole.
  private static func about(
    _ severity: Severity, _ code: String, _ message: String, _ name: String
  ) -> Diagnostic {
    let file = SourceFile(name: name, text: "")
    return Diagnostic(severity, code, message, at: SourceSpan(file: file, range: 0..<0))
  }

  static func projectNoSchema(_ name: String) -> Diagnostic {
    about(
      .error, "project/no-schema",
      "there is no schema.yaml; a project folder has one, and `quartermaster new` makes both", name)
  }

  static func projectUnreadable(_ name: String, _ why: String) -> Diagnostic {
    about(.error, "project/unreadable", "the file cannot be read: \(why)", name)
  }

  static func projectUnknownTemplate(
    _ name: String, known: [String], at span: SourceSpan
  ) -> Diagnostic {
    let hint =
      Suggestion.closest(to: name, among: known).map { "; did you mean `\($0)`?" }
      ?? (known.isEmpty ? "; none are known here" : "; there are \(known.joined(separator: ", "))")
    return Diagnostic(
      .error, "project/template", "there is no template `\(name)` to build on\(hint)", at: span)
  }

  static func projectUnknownRuleOff(
    _ name: String, of template: String, known: [String], at span: SourceSpan
  ) -> Diagnostic {
    let hint =
      Suggestion.closest(to: name, among: known).map { "; did you mean `\($0)`?" }
      ?? "; `check` prints no rule of this name for the template alone"
    return Diagnostic(
      .error, "project/rules-off",
      "the template \(template) has no rule `\(name)`\(hint)", at: span)
  }

  static func projectRulesOffWithoutTemplate(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "project/rules-off",
      "`rules: off:` leaves out rules of a template, and this project builds on none; write `enabled: false` into a rule of your own",
      at: span)
  }

  static func projectRuleOfTemplate(
    _ name: String, of template: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "project/rule-of-template",
      "the template \(template) has a rule `\(name)`; to replace it, list it in quartermaster.yaml as `rules: {off: [\(name)]}`; else give this one another name",
      at: span)
  }

  static func projectOtherEnding(_ name: String) -> Diagnostic {
    about(
      .warning, "project/ending", "this file is not read; rule files end with .yaml, rename it",
      name)
  }
}
