internal import QuartermasterCEL

/// The texts of rule files, from which rules are taken out that others take the place of.
struct RuleFiles {
  private let files: [SourceFile]

  init(_ files: [SourceFile]) { self.files = files }

  /// Returns the names of the rules that a text begins, in order.
  static func names(in text: String) -> [String] {
    text.split(separator: "\n").compactMap { name(in: $0) }
  }

  /// Returns the name of the rule that a line begins; nil when it begins none.
  private static func name(in line: Substring) -> String? {
    guard let match = line.prefixMatch(of: /-\s+rule:\s*["']?([A-Za-z0-9_-]+)/) else { return nil }
    return String(match.1)
  }

  /// Returns the files without some rules; what is left keeps its lines.
  ///
  /// - Parameters:
  ///   - names: The rules.
  ///   - file: The name of a file that is left out as a whole, because it is given anew.
  /// - Returns: The files that still hold something, and the files in which the rules stood.
  func leavingOut(_ names: Set<String>, named file: String) -> (
    files: [SourceFile], replaced: [String: SourceFile]
  ) {
    var replaced: [String: SourceFile] = [:]
    var left: [SourceFile] = []
    for source in files where source.name != file {
      var lines = source.text.split(separator: "\n", omittingEmptySubsequences: false)
      var isOut = false
      var isChanged = false
      for place in lines.indices {
        if lines[place].hasPrefix("-") {
          let name = Self.name(in: lines[place])
          isOut = name.map(names.contains) ?? false
          if isOut, let name { replaced[name] = source }
        }
        if isOut {
          lines[place] = ""
          isChanged = true
        }
      }
      if !isChanged {
        left.append(source)
      } else if lines.contains(where: { !$0.allSatisfy(\.isWhitespace) && !$0.hasPrefix("#") }) {
        left.append(SourceFile(name: source.name, text: lines.joined(separator: "\n")))
      }
    }
    return (left, replaced)
  }
}
