internal import Foundation
internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster fmt [DIR|FILE ...]`: brings rule files into their common form.
public struct FormatCommand: Sendable {
  /// Project folders and rule files; `-` reads one file from standard input and prints it.
  public var paths = ["."]
  /// Whether to say what would change, and change nothing.
  public var checks = false
  /// Whether to print what changes, line by line.
  public var showsDifference = false
  /// Gives standard input.
  var input: @Sendable () -> Data = { FileHandle.standardInput.readDataToEndOfFile() }

  /// Creates the command.
  public init() {}

  /// A file that is to be formatted, and what is known of its project.
  private struct Work {
    let file: SourceFile
    let formatter: RuleFormatter
  }

  /// Runs the command.
  ///
  /// A file that cannot be read as rules stays as it is; the others are formatted.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      if paths == ["-"] { return try formatInput(context) }
      var errors = ""
      var output = ""
      var changed = 0
      let work = try self.work(&errors, context)
      let isUnread = !errors.isEmpty
      var bad = 0
      for item in work {
        let text: String
        do throws(DiagnosticList) { text = try item.formatter.format(item.file) } catch {
          bad += 1
          errors += error.items.filter { $0.severity == .error }.map(context.renderer.render)
            .joined()
          continue
        }
        if text == item.file.text { continue }
        changed += 1
        if !checks { try write(text, to: item.file.name) }
        output += "\(item.file.name)\n"
        if showsDifference { output += LineDiff.text(item.file.text, text) }
      }
      output += summary(changed, of: work.count, bad: bad)
      let status: ExitStatus =
        bad > 0 || isUnread ? .badInput : checks && changed > 0 ? .failed : .done
      return Reply(output, errors: errors, status: status)
    }
  }

  private func formatInput(_ context: ShellContext) throws -> Reply {
    guard let text = String(validating: input(), as: UTF8.self) else {
      throw CommandFailure(.badInput, "standard input is not UTF-8")
    }
    let file = SourceFile(name: "<standard input>", text: text)
    let formatted = try RuleFormatter(schema: schema(near: "./-", context)).format(file)
    if checks || showsDifference {
      let isSame = text == formatted
      return Reply(
        showsDifference ? LineDiff.text(text, formatted) : "",
        status: checks && !isSame ? .failed : .done)
    }
    return Reply(formatted)
  }

  private func summary(_ changed: Int, of all: Int, bad: Int) -> String {
    var parts = [
      "\(Plain.count(changed, "file")) \(checks ? "would change" : "formatted")",
      "\(Plain.count(all - changed - bad)) in form already",
    ]
    if bad > 0 { parts.append("\(Plain.count(bad)) left alone: see the errors") }
    return parts.joined(separator: ", ") + "\n"
  }

  // MARK: - Files

  private func work(_ errors: inout String, _ context: ShellContext) throws -> [Work] {
    var work: [Work] = []
    for path in paths {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
        throw CommandFailure(
          .usage, "\(path) is not there; fmt takes project folders and rule files")
      }
      if isFolder.boolValue {
        work += try files(of: path, &errors, context)
      } else {
        guard let data = FileManager.default.contents(atPath: path),
          let text = String(validating: data, as: UTF8.self)
        else { throw CommandFailure(.badInput, "\(path) cannot be read, or is not UTF-8") }
        let formatter = RuleFormatter(schema: schema(near: path, context))
        work.append(Work(file: SourceFile(name: path, text: text), formatter: formatter))
      }
    }
    return work
  }

  private func files(
    of folder: String, _ errors: inout String, _ context: ShellContext
  ) throws -> [Work] {
    let base = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    let prefix = base == "." ? "" : base + "/"
    let isProject = ["schema.yaml", "quartermaster.yaml"].contains {
      FileManager.default.fileExists(atPath: prefix + $0)
    }
    let isRules = URL(fileURLWithPath: folder).lastPathComponent == "rules"
    guard isProject || isRules else {
      throw CommandFailure(
        .usage,
        "\(folder) has no schema.yaml; fmt takes a project folder, a folder named rules, or rule files"
      )
    }
    let below = isProject ? prefix + "rules" : base
    let (files, found) = try Project.ruleFiles(below: below)
    errors += found.filter { $0.severity == .error }.map(context.renderer.render).joined()
    let formatter = RuleFormatter(schema: schema(near: below + "/x", context))
    return files.map { Work(file: $0, formatter: formatter) }
  }

  /// Returns the schema of the project that a rule file belongs to: the nearest above it.
  ///
  /// Without a good one fields are left as they are written.
  private func schema(near path: String, _ context: ShellContext) -> Schema? {
    var folder = URL(fileURLWithPath: path).standardizedFileURL.deletingLastPathComponent()
    for _ in 0..<16 {
      let isProject = ["schema.yaml", "quartermaster.yaml"].contains { name in
        FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path)
      }
      if isProject {
        return try? Project.load(folder: folder.path, templates: context.templates).schema
      }
      if folder.path == "/" { return nil }
      folder = folder.deletingLastPathComponent()
    }
    return nil
  }

  /// Writes a file as a whole or not at all; a link stays a link.
  private func write(_ text: String, to path: String) throws {
    let target = URL(fileURLWithPath: path).resolvingSymlinksInPath()
    do { try Data(text.utf8).write(to: target, options: .atomic) } catch {
      throw CommandFailure(.failure, "\(path) cannot be written: \(error.localizedDescription)")
    }
  }
}
