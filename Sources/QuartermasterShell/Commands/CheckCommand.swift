internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster check [DIR]`: all that is wrong, or probably wrong, with a project.
public struct CheckCommand: Sendable {
  /// The project folder.
  public var folder = "."
  /// How the findings are printed.
  public var format = OutputFormat.text
  /// Whether what can be mended safely is mended in the files.
  public var fixes = false
  /// Whether what would be mended is shown and no file is written; needs ``fixes``.
  public var isDryRun = false
  /// Whether the graph of which rule may wake which is printed instead, as Mermaid.
  public var showsGraph = false

  /// Creates the command.
  public init() {}

  /// Runs the command: the findings are its output, and it fails when one of them is an error.
  public func run(_ context: ShellContext) -> Reply {
    if isDryRun, !fixes {
      return CommandFailure(.usage, "--dry-run shows what --fix would change; write both").reply
    }
    if showsGraph, fixes || format == .json {
      return CommandFailure(.usage, "--graph prints a Mermaid graph; leave the other options out")
        .reply
    }
    if showsGraph { return graph(context) }
    return fixes
      ? fix(context) : report(ProjectFindings.read(folder, templates: context.templates), context)
  }

  // MARK: Findings

  private func report(
    _ findings: ProjectFindings, before: String = "", _ context: ShellContext
  ) -> Reply {
    if let missing = findings.missing { return CommandFailure(missing, context).reply }
    let found = findings.items
    let status: ExitStatus = findings.errors > 0 ? .failed : .done
    if format == .json {
      let items = JSONValue.array(found.map(DiagnosticJSON.object))
      // What is for people goes beside what is for programs.
      return Reply(JSONWriter.text(items) + "\n", errors: before, status: status)
    }
    var text = before + found.map(context.renderer.render).joined()
    var counts: [String] = []
    if findings.errors > 0 { counts.append(Plain.count(findings.errors, "error")) }
    if findings.warnings > 0 { counts.append(Plain.count(findings.warnings, "warning")) }
    if findings.errors == 0 {
      text += "ok: " + ([findings.what].compactMap { $0 } + counts).joined(separator: ", ") + "\n"
    } else {
      text += counts.joined(separator: ", ") + "\n"
    }
    return Reply(text, status: status)
  }

  // MARK: Fixes

  private func fix(_ context: ShellContext) -> Reply {
    context.reply {
      var fixer = try ProjectFixer(folder, templates: context.templates)
      let after = fixer.run()
      if let missing = after.missing { throw CommandFailure(missing, context) }
      if isDryRun {
        let diff = fixer.changed.map { file in
          "--- \(file.path)\n+++ \(file.path)\n" + LineDiff.text(file.before, file.after)
        }.joined()
        let what = "\(Plain.count(fixer.applied.count, "fix", "fixes")), nothing was written\n"
        return Reply(diff, errors: what, status: after.errors > 0 ? .failed : .done)
      }
      try fixer.write()
      var text = fixer.applied.joined()
      let files = Plain.count(fixer.changed.count, "file")
      text +=
        fixer.applied.isEmpty
        ? "nothing to mend by itself\n"
        : "mended \(Plain.count(fixer.applied.count, "place")) in \(files)\n"
      return report(
        ProjectFindings.read(folder, templates: context.templates), before: text, context)
    }
  }

  // MARK: The graph

  private func graph(_ context: ShellContext) -> Reply {
    context.reply {
      let project = try Project.load(folder: folder, templates: context.templates)
      do throws(DiagnosticList) {
        let graph = try RuleSet.graph(
          files: project.ruleFiles, schema: project.schema, settings: project.settings,
          options: project.checkOptions)
        return Reply(graph.mermaid)
      } catch { throw CommandFailure(error, context, status: .failed) }
    }
  }
}

/// What a check found in a project.
struct ProjectFindings {
  /// All of it, in order of place.
  let items: [Diagnostic]
  /// How many rules and tests there are, when they could be read.
  let what: String?
  /// That there is no project at all.
  var missing: DiagnosticList?

  /// How many errors there are.
  var errors: Int { items.count { $0.severity == .error } }
  /// How many warnings there are.
  var warnings: Int { items.count { $0.severity == .warning } }

  /// Checks a project folder.
  static func read(_ folder: String, templates: TemplateLibrary = .none) -> ProjectFindings {
    do { return rules(of: try Project.load(folder: folder, templates: templates)) } catch {
      return ProjectFindings(failed: error)
    }
  }

  /// Checks files that lie in memory, by their paths below the folder.
  static func read(
    _ folder: String, _ files: [(path: String, text: String)], templates: TemplateLibrary = .none
  ) -> ProjectFindings {
    do {
      return rules(of: try Project.load(name: folder, files: files, templates: templates))
    } catch {
      return ProjectFindings(failed: error)
    }
  }

  private init(items: [Diagnostic], what: String?) {
    self.items = items
    self.what = what
  }

  private init(failed list: DiagnosticList) {
    self.init(items: list.items, what: nil)
    if list.items.contains(where: { $0.code == "project/no-schema" }) { missing = list }
  }

  private static func rules(of project: Project) -> ProjectFindings {
    var options = project.checkOptions
    options.checksQueries = true
    do {
      let rules = try LoadedRules(
        files: project.ruleFiles, schema: project.schema, settings: project.settings,
        options: options)
      return ProjectFindings(
        items: project.warnings + rules.warnings,
        what:
          "\(Plain.count(rules.count, "rule")), \(Plain.count(rules.tests.count, "test"))")
    } catch { return ProjectFindings(items: project.warnings + error.items, what: nil) }
  }
}

/// Diagnostics for programs.
enum DiagnosticJSON {
  /// Returns `{"file": …, "line": …, "column": …, "severity": …, "code": …, "message": …}`, with `notes` and `fix` where
  /// there are some.
  static func object(_ diagnostic: Diagnostic) -> JSONValue {
    var members = place(diagnostic.span)
    members.append(("severity", .string(diagnostic.severity.rawValue)))
    members.append(("code", .string(diagnostic.code)))
    members.append(("message", .string(diagnostic.message)))
    if !diagnostic.notes.isEmpty {
      members.append(("notes", .array(diagnostic.notes.map(object))))
    }
    if let fix = diagnostic.fix {
      let parts = place(fix.span) + [("replacement", JSONValue.string(fix.replacement))]
      members.append(("fix", .object(parts)))
    }
    return .object(members)
  }

  private static func place(_ span: SourceSpan) -> [(key: String, value: JSONValue)] {
    let from = span.file.position(of: span.range.lowerBound)
    let to = span.file.position(of: span.range.upperBound)
    return [
      ("file", .string(span.file.name)), ("line", .number(String(from.line))),
      ("column", .number(String(from.column))), ("endLine", .number(String(to.line))),
      ("endColumn", .number(String(to.column))),
    ]
  }
}
