internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster check [DIR]`: all that is wrong, or probably wrong, with a project.
public struct CheckCommand: Sendable {
  /// The project folder.
  public var folder = "."
  /// How the findings are printed.
  public var format = OutputFormat.text

  /// Creates the command.
  public init() {}

  /// Runs the command: the findings are its output, and it fails when one of them is an error.
  public func run(_ context: ShellContext) -> Reply {
    let project: Project
    var found: [Diagnostic]
    do {
      project = try Project.load(folder: folder, templates: context.templates)
      found = project.warnings
    } catch {
      let isNoProject = error.items.contains { $0.code == "project/no-schema" }
      if isNoProject { return CommandFailure(error, context).reply }
      return report(error.items, nil, context)
    }
    do {
      let rules = try LoadedRules(
        files: project.ruleFiles, schema: project.schema, settings: project.settings,
        options: project.checkOptions)
      found += rules.warnings
      return report(
        found, "\(Plain.count(rules.count, "rule")), \(Plain.count(rules.tests.count, "test"))",
        context)
    } catch { return report(found + error.items, nil, context) }
  }

  private func report(_ found: [Diagnostic], _ what: String?, _ context: ShellContext) -> Reply {
    let errors = found.count { $0.severity == .error }
    let warnings = found.count { $0.severity == .warning }
    let status: ExitStatus = errors > 0 ? .failed : .done
    if format == .json {
      let items = JSONValue.array(found.map(DiagnosticJSON.object))
      return Reply(JSONWriter.text(items) + "\n", status: status)
    }
    var text = found.map(context.renderer.render).joined()
    var counts: [String] = []
    if errors > 0 { counts.append(Plain.count(errors, "error")) }
    if warnings > 0 { counts.append(Plain.count(warnings, "warning")) }
    if errors == 0 {
      text += "ok: " + ([what].compactMap { $0 } + counts).joined(separator: ", ") + "\n"
    } else {
      text += counts.joined(separator: ", ") + "\n"
    }
    return Reply(text, status: status)
  }
}

/// Diagnostics for programs.
enum DiagnosticJSON {
  /// Returns `{"file": …, "line": …, "column": …, "severity": …, "code": …, "message": …}`.
  static func object(_ diagnostic: Diagnostic) -> JSONValue {
    let (start, end) = (diagnostic.span.range.lowerBound, diagnostic.span.range.upperBound)
    let from = diagnostic.span.file.position(of: start)
    let to = diagnostic.span.file.position(of: end)
    var members: [(key: String, value: JSONValue)] = [
      ("file", .string(diagnostic.span.file.name)), ("line", .number(String(from.line))),
      ("column", .number(String(from.column))), ("endLine", .number(String(to.line))),
      ("endColumn", .number(String(to.column))),
      ("severity", .string(diagnostic.severity.rawValue)), ("code", .string(diagnostic.code)),
      ("message", .string(diagnostic.message)),
    ]
    if !diagnostic.notes.isEmpty {
      members.append(("notes", .array(diagnostic.notes.map(object))))
    }
    return .object(members)
  }
}
