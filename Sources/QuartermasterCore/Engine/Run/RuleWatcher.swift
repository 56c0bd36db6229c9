internal import Foundation
internal import QuartermasterCEL

/// Looks whether the rule files of a folder changed.
///
/// A change counts when two looks in a row find the files alike: what is just being copied is not read half.
struct RuleWatcher {
  /// What a look finds.
  enum Finding {
    /// Nothing new.
    case unchanged
    /// Other files, or other texts in them.
    case files([SourceFile])
    /// The files cannot be read.
    case broken(DiagnosticList)
  }

  /// What the disk says of a file.
  private struct Mark: Equatable {
    let path: String
    let changed: Date?
    let size: Int?
    let number: Int?
  }

  private let folder: String
  private var seen: [Mark]?
  private var taken: [Mark]?
  private var texts: [String]?

  /// The files that are in force besides those of the folder: of the template that the project builds on.
  private let base: [SourceFile]

  init(_ folder: String, base: [SourceFile] = []) {
    self.folder = folder
    self.base = base
  }

  /// Looks at the files.
  mutating func look() -> Finding {
    let marks = Self.marks(below: folder)
    defer { seen = marks }
    // The first look is taken as it is: nobody edits at the very start.
    if marks == taken || (seen != nil && marks != seen) { return .unchanged }
    taken = marks
    guard let marks, !marks.isEmpty || texts == nil || !base.isEmpty else {
      return .broken(DiagnosticList([.noRuleFiles(folder)]))
    }
    do throws(DiagnosticList) {
      let (files, found) = try Project.ruleFiles(below: folder)
      let unread = DiagnosticList(found)
      if unread.hasErrors { return .broken(unread) }
      let read = files.flatMap { [$0.name, $0.text] }
      if read == texts { return .unchanged }
      texts = read
      return .files(base + files)
    } catch { return .broken(error) }
  }

  /// Returns what the disk says of the rule files; nil when the folder is not there.
  private static func marks(below folder: String) -> [Mark]? {
    guard let walk = FileManager.default.enumerator(atPath: folder) else { return nil }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue
    else { return nil }
    var marks: [Mark] = []
    for case let path as String in walk where path.hasSuffix(".yaml") {
      marks.append(mark(folder + "/" + path))
    }
    return marks.sorted { UTF8Text.less($0.path, $1.path) }
  }

  private static func mark(_ path: String) -> Mark {
    // A file that vanishes between the two looks at it is one that changed.
    let found = try? FileManager.default.attributesOfItem(atPath: path)
    return Mark(
      path: path, changed: found?[.modificationDate] as? Date, size: found?[.size] as? Int,
      number: found?[.systemFileNumber] as? Int)
  }

  /// Returns what tells two states of a file apart.
  static func state(of path: String) -> String {
    let mark = mark(path)
    return "\(mark.changed.map { "\($0.timeIntervalSince1970)" } ?? "-") \(mark.size ?? -1)"
  }
}

extension Diagnostic {
  static func noRuleFiles(_ folder: String) -> Diagnostic {
    let file = SourceFile(name: folder, text: "")
    return Diagnostic(
      .error, "engine/no-rule-files",
      "the rule files are gone; the rules from before stay in force until there are some again",
      at: SourceSpan(file: file, range: 0..<0))
  }
}
