import Foundation
import Testing

@testable import QuartermasterCore
@testable import QuartermasterShell

/// Schemas that come from Parse servers and go back there.
struct ParseSchemaTests {
  private let folder: String

  init() throws {
    folder =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("quartermaster-test-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private func write(_ text: String, to name: String) throws -> String {
    try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
    return folder + "/" + name
  }

  private func run(_ file: String, overwrites: Bool = false) -> Reply {
    var command = SchemaImportCommand(path: file)
    command.folder = folder + "/project"
    command.overwrites = overwrites
    return command.run(ShellContext())
  }

  private func exported(_ project: String, only: String? = nil) -> Reply {
    var command = SchemaExportCommand()
    command.folder = project
    command.only = only
    return command.run(ShellContext())
  }

  private func stable(_ reply: Reply) -> String {
    (reply.output + "--- errors\n" + reply.errors + "--- \(reply.status)\n")
      .replacingOccurrences(of: folder, with: "DIR")
  }

  private func schemaText() throws -> String {
    try String(contentsOfFile: folder + "/project/schema.yaml", encoding: .utf8)
  }

  /// What a server answers, with all that it has and a schema here has not.
  private let answer = """
    {"results": [
      {"className": "_User", "fields": {
        "objectId": {"type": "String"}, "createdAt": {"type": "Date"}, "updatedAt": {"type": "Date"},
        "ACL": {"type": "ACL"}, "username": {"type": "String", "required": true},
        "password": {"type": "String"}, "authData": {"type": "Object"}, "photo": {"type": "File"},
        "_hashed": {"type": "String"}},
       "classLevelPermissions": {"find": {"*": true}}, "indexes": {"_id_": {"_id": 1}}},
      {"className": "_Session", "fields": {"user": {"type": "Pointer", "targetClass": "_User"}}},
      {"className": "Parcel", "fields": {
        "objectId": {"type": "String"}, "ACL": {"type": "ACL"},
        "owner": {"type": "Pointer", "targetClass": "_User", "required": true},
        "session": {"type": "Pointer", "targetClass": "_Session"},
        "tags": {"type": "Relation", "targetClass": "Tag"},
        "weight": {"type": "Number", "required": true, "defaultValue": 1.5},
        "fragile": {"type": "Boolean", "defaultValue": false},
        "label": {"type": "String", "defaultValue": "a \\"b\\": #1"},
        "sentAt": {"type": "Date", "defaultValue": {"__type": "Date", "iso": "2026-03-02T09:00:00.000Z"}},
        "sizes": {"type": "Array", "defaultValue": [1, "x", null]},
        "more": {"type": "Object", "defaultValue": {"a": {"b": true}}},
        "at": {"type": "GeoPoint", "defaultValue": {"__type": "GeoPoint", "latitude": 1.5, "longitude": -2}},
        "count": {"type": "Number", "defaultValue": "three"},
        "shape": {"type": "Polygon"}, "bytes": {"type": "Bytes"}, "Weight": {"type": "Number"},
        "two words": {"type": "String"}}},
      {"className": "Tag", "fields": {}}, {"className": "lower", "fields": {}},
      {"className": "Message", "fields": {"text": {"type": "String"}}}
    ]}
    """

  @Test func `what a server says becomes a schema, and what it cannot say is told`() throws {
    let file = try write(answer, to: "server.json")
    let reply = run(file)
    let back = exported(folder + "/project")
    try expectGolden(
      stable(reply) + "--- schema.yaml\n" + schemaText() + "--- export\n" + stable(back),
      "schema-import")
  }

  @Test func `nothing is written over unasked`() throws {
    let file = try write(
      #"[{"className": "A", "fields": {"x": {"type": "String"}}}]"#, to: "a.json")
    #expect(run(file).status == .done)
    let other = try write(#"{"className": "B", "fields": {}}"#, to: "b.json")
    let refused = run(other)
    #expect(refused.status == .usage)
    #expect(refused.errors.contains("--overwrite"))
    #expect(try schemaText().contains("  A:\n"))
    #expect(run(other, overwrites: true).status == .done)
    #expect(try schemaText().contains("  B: {}\n"))
  }

  @Test func `a description that is none is named with its place`() throws {
    var text = ""
    for (name, description) in [
      ("no-json.json", "{\"classes\": [\n  {,}\n]}"), ("other.json", "{\"rows\": []}"),
      ("nameless.json", "[{\"fields\": {}}]"),
      ("typeless.json", "[{\"className\": \"A\", \"fields\": {\"x\": {}}}]"),
      ("empty.json", "{\"results\": []}"),
      ("own.json", "[{\"className\": \"_Role\", \"fields\": {}}]"),
    ] {
      text += "$ schema import \(name)\n" + stable(run(try write(description, to: name)))
    }
    text += "$ schema import nothing.json\n" + stable(run(folder + "/nothing.json"))
    try expectGolden(text, "schema-import-errors")
    #expect(!FileManager.default.fileExists(atPath: folder + "/project"))
  }

  @Test func `what a block asks for and the project lacks is an error`() throws {
    _ = run(try write(#"[{"className": "A", "fields": {"x": {"type": "String"}}}]"#, to: "a.json"))
    let block = try write(
      #"[{"className": "A", "fields": {"y": {"type": "String"}, "x": {"type": "String"}}}, {"className": "B", "fields": {}}]"#,
      to: "b.json")
    let reply = exported(folder + "/project", only: block)
    #expect(reply.status == .failed)
    #expect(reply.errors.contains("error: A.y is in"))
    #expect(reply.errors.contains("error: B is in"))
    #expect(
      reply.output == #"{"classes": [{"className": "A", "fields": {"x": {"type": "String"}}}]}"#
        + "\n")
  }

  // MARK: - The three documents

  static let documents = ["supplier-ordering", "order-fulfillment", "warehouse-ops"]
  private static let root = Fixture.testFolder.deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let seeds = root.deletingLastPathComponent().path + "/shared/seeds"
  static let hasDocuments = FileManager.default.fileExists(atPath: seeds)

  /// Cuts the block out of a document as it is: from the line `{` to the line `}`.
  private func block(_ name: String) throws -> String {
    let text = try String(contentsOfFile: "\(Self.seeds)/\(name).txt", encoding: .utf8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let start = try #require(lines.firstIndex(of: "{"))
    let end = try #require(lines.dropFirst(start).firstIndex(of: "}"))
    return lines[start...end].joined(separator: "\n") + "\n"
  }

  private func isEqual(_ a: String, _ b: String) throws -> Bool {
    let a = try JSONSerialization.jsonObject(with: Data(a.utf8)) as? NSDictionary
    let b = try JSONSerialization.jsonObject(with: Data(b.utf8)) as? NSDictionary
    return try #require(a).isEqual(to: #require(b) as? [AnyHashable: Any] ?? [:])
  }

  @Test(.enabled(if: hasDocuments, "left out: the documents are not there"), arguments: documents)
  func `the block of a document goes in and comes out equal`(name: String) throws {
    let block = try block(name)
    #expect(run(try write(block, to: "block.json")).errors == "")
    let back = exported(folder + "/project")
    #expect(back.status == .done)
    #expect(try isEqual(back.output, block))
    #expect(
      try !isEqual(back.output.replacing("Supplier", with: "X").replacing("User", with: "X"), block)
    )
  }

  @Test(.enabled(if: hasDocuments, "left out: the documents are not there"), arguments: documents)
  func `the template of a document says what its block says`(name: String) throws {
    let block = try block(name)
    let reply = exported(
      Self.root.path + "/rules/" + name, only: try write(block, to: "block.json"))
    #expect(reply.errors == "")
    #expect(try isEqual(reply.output, block))
  }
}
