import Foundation
import QuartermasterCEL
import QuartermasterCore
import Testing

@testable import QuartermasterShell

/// A file below BadFiles/, which shows what is said of one mistake.
///
/// `BadFiles/rules/unknown-field/in-when.yaml` is a rule file over the project in `BadFiles/base`; what `check` says of it
/// stands beside it, in `in-when.expected`. A file of `schema/` or `settings/` takes the place of schema.yaml or
/// quartermaster.yaml, one of `cel/` is an expression, one of `test/` is run, and a case of `project/` is a folder. One of
/// `import/` is a mapping over the files in `BadFiles/base/data`, or a description of classes; one of `format/` is formatted; for
/// `engine/` see ``inEngine()``.
struct BadFile: CustomTestStringConvertible, Sendable {
  /// The code that it shows.
  let code: String
  /// The name without its ending.
  let name: String
  /// Where it is.
  let path: String

  var testDescription: String { "\(code)/\(name)" }

  /// The folder of all of them.
  static let folder = Fixture.testFolder.appendingPathComponent("BadFiles").path

  /// All of them, in order.
  static let all: [BadFile] = {
    let files = FileManager.default
    var found: [BadFile] = []
    for area in (try? files.contentsOfDirectory(atPath: folder))?.sorted() ?? []
    where area != "base" {
      let areaPath = folder + "/" + area
      for code in (try? files.contentsOfDirectory(atPath: areaPath))?.sorted() ?? [] {
        let path = areaPath + "/" + code
        for file in (try? files.contentsOfDirectory(atPath: path))?.sorted() ?? []
        where !file.hasSuffix(".expected") {
          let name = file.split(separator: ".").first.map(String.init) ?? file
          found.append(BadFile(code: "\(area)/\(code)", name: name, path: path + "/" + file))
        }
      }
    }
    return found
  }()

  /// The part of the code before the slash.
  var area: String { String(code.prefix { $0 != "/" }) }

  /// What is written of it, as it should be.
  var expectedPath: String {
    path.hasSuffix(".yaml") || path.hasSuffix(".cel")
      ? String(path[..<(path.lastIndex(of: ".") ?? path.endIndex)]) + ".expected"
      : path + ".expected"
  }

  /// The text, with `<<piece*count>>` written out: nobody wants to store half a megabyte of one letter.
  func text() throws -> String {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    return text.replacing(/<<(.+?)\*([0-9]+)>>/) { match in
      String(repeating: String(match.1), count: Int(match.2) ?? 0)
    }
  }

  /// Returns what is said of it, with the codes of the findings.
  func said() throws -> (text: String, codes: [String]) {
    switch area {
    case "project": return try checkFolder()
    case "test": return try runTests()
    case "cel": return try checkExpression()
    case "import": return try inProject(path.hasSuffix(".json") ? importClasses : importRows)
    case "format": return try inProject(format)
    case "engine": return try inEngine()
    case "access" where path.hasSuffix(".cel"): return try ask()
    default:
      let found = ProjectFindings.read("shop", try files()).items
      return (Self.shown(found), found.map(\.code))
    }
  }

  func files() throws -> [(path: String, text: String)] {
    let base = Self.folder + "/base/"
    var files = [
      ("schema.yaml", try String(contentsOfFile: base + "schema.yaml", encoding: .utf8)),
      (
        "quartermaster.yaml",
        try String(contentsOfFile: base + "quartermaster.yaml", encoding: .utf8)
      ),
    ]
    switch area {
    case "schema": files = [("schema.yaml", try text())]
    case "settings": files[1].1 = try text()
    case "access": files.append(("access.yaml", try text()))
    case "import": break
    case "engine" where code != "engine/no-verb" && code != "engine/no-function": break
    default: files.append(("rules/\(name).yaml", try text()))
    }
    return files.map { (path: $0.0, text: $0.1) }
  }

  static func shown(_ found: [Diagnostic]) -> String {
    DiagnosticRenderer().render(DiagnosticList(found)).replacingOccurrences(of: "shop/", with: "")
  }

  private func checkFolder() throws -> (text: String, codes: [String]) {
    var command = CheckCommand()
    command.folder = path
    let reply = command.run(ShellContext())
    let text = (reply.output + reply.errors).replacingOccurrences(of: path, with: "DIR")
    return (text, Self.codes(in: text))
  }

  private func runTests() throws -> (text: String, codes: [String]) {
    try inProject { folder in
      var command = TestCommand()
      command.folder = folder
      return command.run(ShellContext())
    }
  }

  /// Runs a command in a folder that holds the project, and returns what it said.
  func inProject(_ run: (String) throws -> Reply) throws -> (text: String, codes: [String]) {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("quartermaster-bad-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for file in try files() {
      let url = URL(fileURLWithPath: folder + "/" + file.path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(file.text.utf8).write(to: url)
    }
    let reply = try run(folder)
    let text = (reply.output + reply.errors).replacingOccurrences(of: folder, with: "DIR")
      .replacing(/\([0-9.]+ s\)/, with: "(N s)")
    return (text, Self.codes(in: text))
  }

  static func codes(in text: String) -> [String] {
    text.matches(of: /\[([a-z]+\/[a-z-]+)\]/).map { String($0.1) }
  }

  /// Asks what stands in the file as a clerk, who may see what base/access.yaml says.
  private func ask() throws -> (text: String, codes: [String]) {
    func file(_ name: String) throws -> SourceFile {
      SourceFile(
        name: name,
        text: try String(contentsOfFile: Self.folder + "/base/" + name, encoding: .utf8))
    }
    let schema = try Schema.load(try file("schema.yaml")).schema
    let policy = try AccessPolicy.load(try file("access.yaml"), schema: schema).policy
    let view = AccessView(Principal(userID: "ann", roles: ["clerk"]), policy, schema)
    let text = try text().trimmingCharacters(in: .newlines)
    do throws(DiagnosticList) {
      _ = try AdHocExpression(
        text, schema: schema,
        now: Timestamp(milliseconds: 0), access: view)
      return ("", [])
    } catch { return (DiagnosticRenderer().render(error), error.items.map(\.code)) }
  }

  private func checkExpression() throws -> (text: String, codes: [String]) {
    let schemaText = try String(contentsOfFile: Self.folder + "/base/schema.yaml", encoding: .utf8)
    var environment = CELEnvironment.everything
    environment.recordTypes = try Schema.load(SourceFile(name: "schema.yaml", text: schemaText))
      .schema
    environment.forbidsShadowing = true
    environment.declare(VariableDeclaration("now", .timestamp))
    let source = ExprSource(
      try text().trimmingCharacters(in: .newlines), name: name)
    do {
      _ = try environment.check(try environment.parse(source))
      return ("", [])
    } catch { return (DiagnosticRenderer().render(error), error.items.map(\.code)) }
  }
}
