internal import Foundation
internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster schema import FILE.json`: a schema.yaml of what a Parse server describes.
public struct SchemaImportCommand: Sendable {
  /// The description.
  public var path: String
  /// The folder that gets the schema; made when it is not there.
  public var folder = "."
  /// Whether a schema.yaml that is there gives way.
  public var overwrites = false

  /// Creates the command for a description.
  public init(path: String) { self.path = path }

  /// Runs the command; what the schema cannot say is told on standard error.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      let description = try ParseSchema(SourceFile.json(at: path))
      let made = ParseSchemaImport(
        description, name: URL(fileURLWithPath: path).lastPathComponent)
      guard made.classCount > 0 else {
        throw CommandFailure(
          .badInput, "\(path) has no class that could be made here\n" + Self.list(made.leftOut))
      }
      // What is written is a good schema, or nothing is written.
      _ = try Schema.load(SourceFile(name: "schema.yaml made of \(path)", text: made.text))
      let target = folder == "." ? "schema.yaml" : folder + "/schema.yaml"
      let isThere = FileManager.default.fileExists(atPath: target)
      if isThere, !overwrites {
        throw CommandFailure(
          .usage,
          "\(target) is there already; --overwrite lets the new one take its place, or import into another folder with --into"
        )
      }
      do {
        try FileManager.default.createDirectory(
          atPath: folder, withIntermediateDirectories: true)
        try Data(made.text.utf8).write(to: URL(fileURLWithPath: target), options: .atomic)
      } catch {
        throw CommandFailure(.failure, "\(target) cannot be written: \(error.localizedDescription)")
      }
      let what = Plain.count(made.classCount, "class", "classes")
      var text = "\(isThere ? "wrote over" : "made") \(target) with \(what)\n"
      text +=
        "next: narrow Number to Integer or Decimal where it counts or is money, give statuses a flow, "
      text += "then `quartermaster check \(folder)`"
      text += isThere ? " and `quartermaster migrate \(folder)`\n" : "\n"
      return Reply(text, errors: Self.list(made.leftOut))
    }
  }

  private static func list(_ leftOut: [String]) -> String {
    leftOut.map { "note: \($0)\n" }.joined()
  }
}

/// `quartermaster schema export [DIR] [--only BLOCK.json]`: the schema as a Parse server describes one.
public struct SchemaExportCommand: Sendable {
  /// The project folder.
  public var folder = "."
  /// A description whose classes and fields alone are exported.
  public var only: String?
  /// The file to write; nil to print it.
  public var output: String?

  /// Creates the command.
  public init() {}

  /// Runs the command; it fails when what was asked for is not in the schema.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      let schema = try ProjectFolder(folder, context).project.schema
      let made: ParseSchemaExport
      if let only {
        made = try ParseSchemaExport(schema, only: ParseSchema(SourceFile.json(at: only)))
      } else {
        made = ParseSchemaExport(schema)
      }
      let errors = made.missing.map {
        "error: \($0) is in \(only ?? "") and not in this project\n"
      }.joined()
      let status: ExitStatus = made.missing.isEmpty ? .done : .failed
      let text = JSONWriter.lines(made.json)
      guard let output else { return Reply(text, errors: errors, status: status) }
      do {
        try Data(text.utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
      } catch {
        throw CommandFailure(.failure, "\(output) cannot be written: \(error.localizedDescription)")
      }
      return Reply("wrote \(output)\n", errors: errors, status: status)
    }
  }
}

extension SourceFile {
  /// Reads a file of JSON.
  fileprivate static func json(at path: String) throws(CommandFailure) -> SourceFile {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CommandFailure(.badInput, "\(path) is not there, or cannot be read")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw CommandFailure(.badInput, "\(path) is not UTF-8")
    }
    return SourceFile(name: path, text: text)
  }
}
