import Foundation
import Testing

/// The links of the catalogue and of comments lead somewhere: the names that they give are declared.
@Suite struct LinkTests {
  private static let sources: URL = Catalogue.page("QuartermasterCEL").deletingLastPathComponent()
    .deletingLastPathComponent().resolvingSymlinksInPath()

  private static let swiftFiles: [(name: String, text: String)] = {
    let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
    var result: [(String, String)] = []
    for case let url as URL in files ?? FileManager.DirectoryEnumerator()
    where url.pathExtension == "swift" {
      if let text = try? String(contentsOf: url, encoding: .utf8) {
        result.append((url.lastPathComponent, text))
      }
    }
    return result
  }()

  /// The names of declarations, functions with the labels of their parameters: `evaluate(_:costLimit:)`.
  private static func declarations(onlyPublic: Bool) -> Set<String> {
    let access = onlyPublic ? "(?:public|open)(?:\\(set\\))?\\s+" : ""
    let plain =
      access
      + "[^\\n({=]*?\\b(?:struct|class|enum|protocol|typealias|var|let|case)\\s+`?(\\w+)`?"
    let function = access + "[^\\n({=]*?\\b(?:func\\s+(\\w+)|(init|subscript))[^(\\n]*\\(([^)]*)"
    var names: Set<String> = ["QuartermasterCEL"]
    for (_, text) in swiftFiles {
      for found in matches(plain, text) { names.insert(found[1]) }
      for found in matches("\\bcase\\s+([\\w, \\n]+)", text) {
        for name in found[1].split(whereSeparator: { !$0.isLetter && !$0.isNumber }) {
          names.insert(String(name))
        }
      }
      for found in matches(function, text) {
        let labels = matches("(?:^|,)\\s*(\\w+)(?:\\s+\\w+)?\\s*:", found[3]).map { $0[1] + ":" }
        names.insert((found[1].isEmpty ? found[2] : found[1]) + "(\(labels.joined()))")
      }
      for found in matches("\\bcase\\s+(\\w+)\\(([^)\\n]*)\\)", text) {
        let labels = found[2].split(separator: ",").map { part in
          matches("^\\s*(\\w+)\\s*:", String(part)).first.map { $0[1] + ":" } ?? "_:"
        }
        names.insert("\(found[1])(\(labels.joined()))")
      }
    }
    return names
  }

  private static func matches(_ pattern: String, _ text: String) -> [[String]] {
    guard let expression = try? NSRegularExpression(pattern: pattern) else { return [] }
    return expression.matches(in: text, range: NSRange(text.startIndex..., in: text)).map { found in
      (0..<found.numberOfRanges).map { group in
        Range(found.range(at: group), in: text).map { String(text[$0]) } ?? ""
      }
    }
  }

  /// Returns the links of a text whose last part is not declared.
  private func broken(_ text: String, _ names: Set<String>) -> [String] {
    Self.matches("``([^`\\n]+)``", text).map { $0[1] }.filter { link in
      guard let last = link.split(separator: "/").last else { return true }
      return !names.contains(String(last))
    }
  }

  @Test func `links of the pages lead to what hosts can use`() throws {
    let names = Self.declarations(onlyPublic: true)
    #expect(names.count > 200)
    #expect(broken("``Program`` ``CELEnvironment/nowhere``", names) == ["CELEnvironment/nowhere"])
    for page in ["QuartermasterCEL", "LanguageReference", "ErrorCodes"] {
      let text = try String(contentsOf: Catalogue.page(page), encoding: .utf8)
      #expect(broken(text, names).isEmpty, "\(page): \(broken(text, names))")
      for link in Self.matches("<doc:([^>]+)>", text) {
        let isThere = FileManager.default.fileExists(atPath: Catalogue.page(link[1]).path)
        #expect(isThere, "\(page): \(link[1])")
      }
    }
  }

  @Test func `links of comments lead to declarations`() {
    let names = Self.declarations(onlyPublic: false)
    for (name, text) in Self.swiftFiles {
      let comments = text.split(separator: "\n").filter {
        $0.drop(while: { $0 == " " }).hasPrefix("///")
      }.joined(separator: "\n")
      #expect(broken(comments, names).isEmpty, "\(name): \(broken(comments, names))")
    }
  }

  @Test func `the front page names every type that hosts make or are given`() throws {
    let page = try String(contentsOf: Catalogue.page("QuartermasterCEL"), encoding: .utf8)
    let linked = Set(Self.matches("- ``(\\w+)``", page).map { $0[1] })
    var missing: [String] = []
    for (_, text) in Self.swiftFiles {
      let pattern = "(?m)^public (?:indirect )?(?:final )?(?:struct|class|enum|protocol) (\\w+)"
      for found in Self.matches(pattern, text) where !linked.contains(found[1]) {
        missing.append(found[1])
      }
    }
    #expect(missing.isEmpty, "not on the page: \(missing.sorted())")
  }
}
