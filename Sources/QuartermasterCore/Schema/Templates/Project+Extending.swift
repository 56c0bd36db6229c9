internal import QuartermasterCEL

extension Project {
  /// Reads a project that builds on a template.
  static func extended(
    folder: String, _ template: (name: String, span: SourceSpan),
    _ off: [(name: String, span: SourceSpan)], templates: TemplateLibrary, schema: SourceFile?,
    settings: YAMLNode, access: SourceFile?, rules: [SourceFile], found: [Diagnostic]
  ) throws(DiagnosticList) -> Project {
    guard let files = templates.files(of: template.name) else {
      throw DiagnosticList([
        .projectUnknownTemplate(template.name, known: templates.names, at: template.span)
      ])
    }
    let base = try Project.load(name: ProjectExtension.prefix + template.name, files: files)
    let own = Set(TemplateRules.names(in: rules).keys)
    let kept = try TemplateRules(base.ruleFiles, without: Set(off.map(\.name)), own: own)
    var found = found
    for (name, span) in off where !kept.names.contains(name) {
      found.append(
        .projectUnknownRuleOff(name, of: template.name, known: kept.names, at: span))
    }
    let stillThere = Set(kept.names).subtracting(off.map(\.name))
    for (name, span) in TemplateRules.names(in: rules).sorted(by: { $0.key < $1.key })
    where stillThere.contains(name) {
      found.append(.projectRuleOfTemplate(name, of: template.name, at: span))
    }
    let merged = try mergedSchema(base, schema, &found)
    let (ownSettings, warnings) = try mergedSettings(
      template.name, files, settings, schema: merged)
    found += warnings
    // Permissions are read as a whole: those of the project, or else those of the template.
    let policy = permissions(access ?? base.access?.file, merged, &found)
    let list = DiagnosticList(found)
    if list.hasErrors { throw list }
    return Project(
      folder: folder, schema: merged, settings: ownSettings, access: policy,
      ruleFiles: kept.files + rules,
      warnings: list.items,
      base: ProjectExtension(template: template.name, off: off.map(\.name), project: base))
  }

  private static func mergedSchema(
    _ base: Project, _ own: SourceFile?, _ found: inout [Diagnostic]
  ) throws(DiagnosticList) -> Schema {
    guard let own else { return base.schema }
    let baseFile = base.schema.file
    let (baseRoot, _) = try YAMLReader.read(baseFile)
    let (ownRoot, warnings) = try YAMLReader.read(own)
    // What the data file keeps of a schema is the text of both.
    let file = SourceFile(
      name: own.name,
      text: "# \(baseFile.name)\n\(baseFile.text)\n# schema.yaml of the project\n\(own.text)")
    do {
      let loader = SchemaLoader(file: file, warnings: warnings)
      let (schema, more) = try loader.load(ProjectMerge.schema(baseRoot, ownRoot))
      found += more
      return schema
    } catch { throw DiagnosticList(error.items + found) }
  }

  private static func mergedSettings(
    _ template: String, _ files: [(path: String, text: String)], _ own: YAMLNode, schema: Schema
  ) throws(DiagnosticList) -> (settings: ProjectSettings, warnings: [Diagnostic]) {
    var root = own
    if let base = files.first(where: { $0.path == "quartermaster.yaml" }) {
      let name = "\(ProjectExtension.prefix)\(template)/quartermaster.yaml"
      let read = try YAMLReader.read(SourceFile(name: name, text: base.text))
      root = ProjectMerge.settings(read.root, own)
    }
    return try ProjectSettings.load(root, warnings: [], schema: schema)
  }
}
