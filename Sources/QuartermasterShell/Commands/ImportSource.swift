internal import Foundation
internal import QuartermasterCEL
internal import QuartermasterCore

/// What an import reads: files by a mapping, or files of records that name their fields themselves.
struct ImportSource {
  private enum Kind {
    case mapping(ImportMapping, folders: [String])
    case records([RecordImport.File])
  }

  private let kind: Kind
  private let skipsUnknown: Bool

  /// Looks at what was given.
  ///
  /// - Throws: ``CommandFailure`` or `DiagnosticList` with what is wrong, before anything is read.
  init(_ command: ImportCommand, _ folder: ProjectFolder, _ context: ShellContext) throws {
    skipsUnknown = command.skipsUnknown
    let mappings = command.paths.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }
    guard let path = mappings.first else {
      kind = .records(try Self.records(command, folder.project.schema))
      return
    }
    guard command.paths.count == 1 else {
      throw CommandFailure(.usage, "an import has one mapping, or files of records; not both")
    }
    if command.className != nil {
      throw CommandFailure(.usage, "--class is for files of records; a mapping names the classes")
    }
    guard let text = FileManager.default.contents(atPath: path) else {
      throw CommandFailure(.badInput, "\(path) is not there, or cannot be read")
    }
    let file = SourceFile(name: path, text: String(decoding: text, as: UTF8.self))
    let mapping = try ImportMapping.load(file, schema: folder.project.schema)
    if mapping.hasInstants, command.clock == .file, try folder.fileClock() == nil {
      throw CommandFailure(
        .usage,
        "the mapping gives rows an instant with `at`, and the data file runs by the computer's "
          + "clock; import with `--clock replay` (the file then keeps a clock of its own)")
    }
    let home = URL(fileURLWithPath: path).deletingLastPathComponent().path
    kind = .mapping(mapping, folders: [command.data, home].compactMap { $0 })
  }

  /// Whether rows have instants.
  var hasInstants: Bool {
    if case .mapping(let mapping, _) = kind { mapping.hasInstants } else { false }
  }

  /// Reads the files and writes their changes into a stream.
  func write(to stream: ImportStream, _ context: ShellContext) throws {
    switch kind {
    case .mapping(let mapping, let folders):
      try ImportPlan.write(mapping, folders: folders, to: stream)
    case .records(let files):
      let unknown = try RecordImport.write(files, to: stream)
      if unknown.isEmpty { return }
      let lines = unknown.map { item in
        "\(item.file): \(Plain.count(item.count, "record")) with `\(item.member)`, which "
          + "\(item.className) has not"
      }
      guard skipsUnknown else {
        throw CommandFailure(
          .badInput,
          lines.joined(separator: "\n")
            + "\nadd the fields to schema.yaml, or leave them out with --skip-unknown")
      }
      for line in lines { context.complain("note: left out: \(line)\n") }
    }
  }

  // MARK: - Files of records

  private static let endings = ["json", "jsonl", "ndjson"]

  private static func records(
    _ command: ImportCommand, _ schema: Schema
  ) throws(CommandFailure) -> [RecordImport.File] {
    var files: [RecordImport.File] = []
    for path in command.paths {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder),
        FileManager.default.isReadableFile(atPath: path)
      else { throw CommandFailure(.badInput, "\(path) is not there, or cannot be read") }
      var paths = [path]
      if isFolder.boolValue {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        paths = names.filter { name in endings.contains { name.hasSuffix("." + $0) } }
          .filter { !$0.hasPrefix("_Join") }.sorted().map { path + "/" + $0 }
        if paths.isEmpty {
          throw CommandFailure(.badInput, "\(path) has no files that end with .json or .jsonl")
        }
      }
      for path in paths { files.append(try file(path, command.className, schema)) }
    }
    return files
  }

  private static func file(
    _ path: String, _ className: String?, _ schema: Schema
  ) throws(CommandFailure) -> RecordImport.File {
    let url = URL(fileURLWithPath: path)
    guard endings.contains(url.pathExtension) else {
      throw CommandFailure(
        .usage,
        "\(path) is neither a mapping (.yaml) nor a file of records (.json, .jsonl); CSV files come by a mapping"
      )
    }
    let stem = url.deletingPathExtension().lastPathComponent
    let name = className ?? (stem == "_User" ? "User" : stem)
    if let definition = schema[name], !definition.isSystem {
      return RecordImport.File(path: path, definition: definition)
    }
    let known = schema.classes.filter { !$0.isSystem }.map(\.name)
    let hint = Suggestion.closest(to: name, among: known).map { "; did you mean \($0)?" } ?? ""
    throw CommandFailure(
      .badInput,
      className == nil
        ? "\(path) is named after no class\(hint); give the class with --class"
        : "there is no class \(name)\(hint)")
  }
}
