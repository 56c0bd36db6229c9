internal import Foundation
internal import QuartermasterCEL
internal import QuartermasterCore

/// Mends in the files of a project what can be mended safely, and touches nothing else of them.
///
/// Each fix is tried on copies in memory: it stays when what it mends is gone and nothing new stands on its lines.
struct ProjectFixer {
  /// A file that was changed.
  struct Changed {
    let path: String
    let before: String
    let after: String
  }

  private let folder: String
  private let templates: TemplateLibrary
  private let original: [(path: String, text: String)]
  private var files: [(path: String, text: String)]
  /// What was mended, a line for each.
  private(set) var applied: [String] = []
  private var refused: Set<String> = []

  /// Reads the files of a project.
  ///
  /// - Parameters:
  ///   - folder: The project folder.
  ///   - templates: What `extends:` may name.
  /// - Throws: `DiagnosticList` when one of them cannot be read.
  init(_ folder: String, templates: TemplateLibrary = .none) throws {
    self.templates = templates
    self.folder = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    var files: [(path: String, text: String)] = []
    for path in ["schema.yaml", "quartermaster.yaml", "access.yaml"] {
      guard let data = FileManager.default.contents(atPath: self.folder + "/" + path) else {
        continue
      }
      guard let text = String(validating: data, as: UTF8.self) else {
        throw CommandFailure(.badInput, "\(self.folder)/\(path) is not UTF-8")
      }
      files.append((path, text))
    }
    let prefix = self.folder + "/"
    for file in try Project.ruleFiles(below: prefix + "rules").files {
      files.append((String(file.name.dropFirst(prefix.count)), file.text))
    }
    original = files
    self.files = files
  }

  /// The files that differ from what they were.
  var changed: [Changed] {
    zip(original, files).filter { $0.text != $1.text }
      .map { Changed(path: shown($0.path), before: $0.text, after: $1.text) }
  }

  /// Mends what can be mended, until nothing is left to try.
  ///
  /// - Returns: What a check finds afterwards.
  mutating func run() -> ProjectFindings {
    var found = check(files)
    // A mended name may lead to the next one that is wrong; each round mends at least one or is the last.
    while true {
      let open = found.items.filter { $0.fix != nil && !refused.contains(Self.key($0)) }
      let batch = Self.apart(open)
      if batch.isEmpty { return found }
      if let after = attempt(batch, found) {
        found = after
        continue
      }
      for item in batch {
        if let after = attempt([item], found) {
          found = after
          break
        }
        refused.insert(Self.key(item))
      }
    }
  }

  /// Writes the changed files, each as a whole.
  ///
  /// - Throws: When a file cannot be written.
  func write() throws {
    for (before, after) in zip(original, files) where before.text != after.text {
      let url = URL(fileURLWithPath: folder + "/" + after.path).resolvingSymlinksInPath()
      let rights = try FileManager.default.attributesOfItem(atPath: url.path)[.posixPermissions]
      try Data(after.text.utf8).write(to: url, options: .atomic)
      if let rights {
        try FileManager.default.setAttributes([.posixPermissions: rights], ofItemAtPath: url.path)
      }
    }
  }

  // MARK: Trying

  private func check(_ files: [(path: String, text: String)]) -> ProjectFindings {
    ProjectFindings.read(folder, files, templates: templates)
  }

  private func shown(_ path: String) -> String { folder == "." ? path : folder + "/" + path }

  private static func key(_ item: Diagnostic) -> String {
    "\(item.span.file.name) \(item.span.range.lowerBound) \(item.code) \(item.message)"
  }

  /// Fixes that do not touch each other.
  private static func apart(_ items: [Diagnostic]) -> [Diagnostic] {
    var taken: [String: [Range<Int>]] = [:]
    return items.filter { item in
      guard let span = item.fix?.span else { return false }
      let others = taken[span.file.name] ?? []
      if others.contains(where: {
        $0.overlaps(span.range) || $0.lowerBound == span.range.lowerBound
      }) {
        return false
      }
      taken[span.file.name, default: []].append(span.range)
      return true
    }
  }

  /// Applies fixes; keeps them when they mend what they should and break nothing.
  private mutating func attempt(
    _ batch: [Diagnostic], _ before: ProjectFindings
  ) -> ProjectFindings? {
    var texts = files
    var lines: Set<String> = []
    for place in texts.indices {
      let name = folder + "/" + texts[place].path
      let own = batch.compactMap(\.fix).filter { $0.span.file.name == name }
        .sorted { $0.span.range.lowerBound > $1.span.range.lowerBound }
      var bytes = Array(texts[place].text.utf8)
      for fix in own {
        bytes.replaceSubrange(fix.span.range, with: Array(fix.replacement.utf8))
        lines.insert(Self.line(fix.span))
      }
      if !own.isEmpty { texts[place].text = String(decoding: bytes, as: UTF8.self) }
    }
    let after = check(texts)
    guard mends(batch, lines, before, after) else { return nil }
    files = texts
    let sentences = batch.map { sentence($0) }
    applied += sentences
    return after
  }

  private func mends(
    _ batch: [Diagnostic], _ lines: Set<String>, _ before: ProjectFindings, _ after: ProjectFindings
  ) -> Bool {
    func counts(_ findings: ProjectFindings) -> [String: Int] {
      findings.items.reduce(into: [:]) { counts, item in
        counts["\(Self.line(item.span)) \(item.code) \(item.message)", default: 0] += 1
      }
    }
    let (old, new) = (counts(before), counts(after))
    for item in batch {
      let key = "\(Self.line(item.span)) \(item.code) \(item.message)"
      if new[key, default: 0] >= old[key, default: 0] { return false }
    }
    // Behind a mistake of YAML or of the schema others were hidden; on the line of a fix none may appear.
    return !after.items.contains { item in
      let line = Self.line(item.span)
      return item.severity > .note && lines.contains(line)
        && old["\(line) \(item.code) \(item.message)"] == nil
    }
  }

  private static func line(_ span: SourceSpan) -> String {
    "\(span.file.name):\(span.file.position(of: span.range.lowerBound).line)"
  }

  /// `rules/stock.yaml:14:47: "treshold" is now "threshold" [rules/unknown-field]`.
  private func sentence(_ item: Diagnostic) -> String {
    guard let fix = item.fix else { return "" }
    let (line, column) = fix.span.file.position(of: fix.span.range.lowerBound)
    let old = String(decoding: fix.span.file.bytes[fix.span.range], as: UTF8.self)
    let path = shown(String(fix.span.file.name.dropFirst(folder.utf8.count + 1)))
    return DiagnosticRenderer.printable(
      "\(path):\(line):\(column): mended: `\(old)` is now `\(fix.replacement)` [\(item.code)]")
      + "\n"
  }
}
