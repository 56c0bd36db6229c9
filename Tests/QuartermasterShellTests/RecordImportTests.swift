import Foundation
import Synchronization
import Testing

@testable import QuartermasterCore
@testable import QuartermasterShell

/// Files of records: exports of Parse servers and JSON Lines; dry runs; what comes out of queries.
struct RecordImportTests {
  private let fixture: Fixture

  init() throws {
    fixture = try Fixture()
    try FileManager.default.createDirectory(
      atPath: fixture.path("export"), withIntermediateDirectories: true)
  }

  private func run(
    _ paths: [String], _ change: (inout ImportCommand) -> Void = { _ in }
  ) -> (reply: Reply, complaints: String) {
    var command = ImportCommand(paths: paths.map(fixture.path))
    command.folder = fixture.folder
    change(&command)
    let complaints = Mutex("")
    var context = ShellContext()
    context.complain = { line in complaints.withLock { $0 += line } }
    let reply = command.run(context)
    return (reply, complaints.withLock { $0 })
  }

  private func query(_ text: String, _ change: (inout QueryCommand) -> Void = { _ in }) -> Reply {
    var command = QueryCommand(text)
    command.folder = fixture.folder
    change(&command)
    return command.run(ShellContext())
  }

  /// What a server exports; `Product` comes first by name and needs `Supplier`.
  private func writeExport() throws {
    try fixture.write(
      """
      {
        "results": [
          {"objectId": "p1", "name": "Bolt \\"M8\\"", "price": 0.35, "tags": ["a", "b"], "onHand": 3,
           "supplier": {"__type": "Pointer", "className": "Supplier", "objectId": "s1"},
           "createdAt": "2024-01-02T03:04:05.678Z", "updatedAt": "2024-01-02T03:04:05.678Z",
           "ACL": {"*": {"read": true}}},
          {"objectId": "p2", "name": "Nut", "supplier": {"__type": "Pointer", "className": "Supplier", "objectId": "gone"}},
          {"objectId": "p3", "price": "cheap", "name": "Rod",
           "supplier": {"__type": "Pointer", "className": "Supplier", "objectId": "s1"}},
          17,
          {"objectId": "p4", "name": "Pin", "supplier": {"__type": "Pointer", "className": "Supplier", "objectId": "s1"}}
        ]
      }

      """, to: "export/Product.json")
    try fixture.write(
      #"{"results":[{"objectId":"s1","name":"Acme"}]}"#, to: "export/Supplier.json")
    try fixture.write(
      #"{"results":[{"objectId":"u1","username":"ann","role":"manager","password":"x"}]}"#,
      to: "export/_User.json")
    try fixture.write(
      """
      {"objectId":"i1","product":{"__type":"Pointer","className":"Product","objectId":"p1"},"quantity":12}

      {"objectId":"i2","product":{"__type":"Pointer","className":"Product","objectId":"p4"},"quantity":
      {"objectId":"i3","product":{"__type":"Pointer","className":"Product","objectId":"p4"},"quantity":7,"countedAt":{"__type":"Date","iso":"2024-01-02T03:04:05.000Z"}}

      """, to: "export/Inventory.jsonl")
    try fixture.write("[]", to: "export/_Join:roles:_Role.json")
  }

  @Test func `an export of a server comes in, classes before those that point at them`() throws {
    try writeExport()
    let (reply, complaints) = run(["export"]) { $0.runsRules = false }
    try expectGolden(fixture.shown(reply) + "--- told\n" + complaints, "import-records")
    #expect(query("Product.map(p, p.objectId)").output == "[\"p1\", \"p4\"]\n")
    #expect(query("Inventory.map(i, i.quantity)").output == "[12, 7]\n")
    #expect(query(#"Inventory["i3"].countedAt"#).output == "2024-01-02T03:04:05Z\n")
    let again = run(["export"]) { $0.runsRules = false }
    #expect(again.reply.output.contains("there already: 6"))
  }

  @Test func `a dry run tells what would become of each row, and keeps nothing`() throws {
    try writeExport()
    #expect(run(["export/Supplier.json"]).reply.status == .done)
    var text = "$ import export --dry-run\n"
    text += fixture.shown(run(["export"]) { $0.isDryRun = true }.reply)
    text += "$ import export --dry-run --show-rows 2 --format json\n"
    text += fixture.shown(
      run(["export"]) {
        $0.isDryRun = true
        $0.shownRows = 2
        $0.format = .json
      }.reply)
    try fixture.write("Number,Name\ns1,New\ns2,X\n", to: "suppliers.csv")
    try fixture.write(
      "- file: suppliers.csv\n  set: Supplier\n  id: ${row.Number}\n  fields: {name: \"${row.Name}\"}\n",
      to: "mapping.yaml")
    text += "$ import mapping.yaml --dry-run\n"
    text += fixture.shown(run(["mapping.yaml"]) { $0.isDryRun = true }.reply)
    try expectGolden(text, "import-dry-run")
    #expect(query("Product.size() + Inventory.size()").output == "0\n")
    #expect(query(#"Supplier["s1"].name"#).output.contains("Acme"))
  }

  @Test func `members that a class has not are told before anything is kept`() throws {
    try fixture.write(
      #"[{"objectId":"s1","name":"Acme","colour":"red"},{"objectId":"s2","name":"B","colour":"blue","size":3}]"#,
      to: "export/Supplier.json")
    let refused = run(["export"])
    #expect(refused.reply.status == .badInput)
    #expect(
      refused.reply.errors.contains(
        "Supplier.json: 2 records with `colour`, which Supplier has not"))
    #expect(refused.reply.errors.contains("--skip-unknown"))
    #expect(query("Supplier.size()").output == "0\n")
    let taken = run(["export"]) { $0.skipsUnknown = true }
    #expect(taken.complaints.contains("left out: Supplier.json: 1 record with `size`"))
    #expect(query("Supplier.size()").output == "2\n")
  }

  @Test func `a pointer that leads back is set when both records are there`() throws {
    try fixture.write(
      """
      classes:
        Person:
          name: {type: String, required: true}
          boss: {type: Person}
          team: {type: Team}
        Team:
          lead: {type: Person, required: true}

      """, to: "schema.yaml")
    try fixture.write("", to: "rules/stock.yaml")
    try fixture.write("", to: "rules/orders.yaml")
    try fixture.write("", to: "quartermaster.yaml")
    func pointer(_ name: String, _ id: String) -> String {
      #"{"__type":"Pointer","className":"\#(name)","objectId":"\#(id)"}"#
    }
    try fixture.write(
      #"{"objectId":"a","name":"Ann","boss":\#(pointer("Person", "b")),"team":\#(pointer("Team", "t"))}"#
        + "\n" + #"{"objectId":"b","name":"Bob"}"# + "\n", to: "export/Person.jsonl")
    try fixture.write(
      #"{"objectId":"t","lead":\#(pointer("Person", "b"))}"#, to: "export/Team.jsonl")
    let (reply, complaints) = run(["export"])
    #expect(reply.status == .done)
    #expect(complaints == "")
    #expect(query(#"Person["a"].boss.name + Person["a"].team.lead.name"#).output.contains("BobBob"))
  }

  @Test func `JSON Lines come by a mapping too`() throws {
    try fixture.write(
      """
      {"no": 1, "name": "Acme", "more": {"a": [1]}}
      {"no": 2, "name":

      """, to: "suppliers.jsonl")
    try fixture.write(
      "- file: suppliers.jsonl\n  class: Supplier\n  id: s${row.no}\n  fields: {name: \"${row.name}${row.more}\"}\n",
      to: "mapping.yaml")
    let (reply, complaints) = run(["mapping.yaml"])
    #expect(reply.output.contains("refused: 1"), "\(reply.output)")
    #expect(complaints.contains("suppliers.jsonl:2: refused"))
    #expect(query(#"Supplier["s1"].name"#).output.contains(#"Acme{"a":[1]}"#))
  }

  @Test func `wrong files and arguments are named`() throws {
    try fixture.write("[]", to: "export/Suplier.json")
    try fixture.write("nothing", to: "export/Supplier.json")
    try fixture.write("- file: x\n", to: "mapping.yaml")
    #expect(run(["export/Suplier.json"]).reply.errors.contains("did you mean Supplier?"))
    #expect(run(["export/Suplier.json"]) { $0.className = "Supplier" }.reply.status == .done)
    #expect(
      run(["export/Supplier.json"]).reply.errors.contains(
        "Supplier.json:1: it begins with neither { nor ["))
    #expect(run(["nothing.json"]).reply.status == .badInput)
    #expect(run(["day.txt"]).reply.status == .badInput)
    #expect(run(["mapping.yaml", "export"]).reply.status == .usage)
    #expect(run(["rules"]).reply.errors.contains("no files that end with .json"))
  }

  @Test func `rows of a query go into files`() throws {
    try writeExport()
    _ = run(["export"]) { $0.runsRules = false }
    var text = ""
    for format in [DataFormat.csv, .json, .jsonl] {
      let file = fixture.path("out.\(format.rawValue)")
      let reply = query("Product.sortBy(p, p.name)") {
        $0.format = format
        $0.output = file
      }
      text += fixture.shown(reply)
      text += try String(contentsOfFile: file, encoding: .utf8)
        .replacing(/"(createdAt|updatedAt)":"[^"]+"/, with: { "\"\($0.1)\":\"T\"" })
    }
    try expectGolden(text, "query-out")
    #expect(query("1") { $0.output = fixture.path("no/where") }.status == .failure)
    #expect(query("[1, 2]") { $0.format = .jsonl }.output == "1\n2\n")
  }
}

/// Imports that are longer than what fits into a piece of a file, and imports that are killed.
struct LongImportTests {
  @Test func `rows are read across the pieces of a file`() throws {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("quartermaster-test-\(UUID().uuidString).csv").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    var text = "a,b\r\n"
    var wanted: [[String]] = []
    for number in 0..<9000 {
      let word = String(repeating: "é\(number)", count: number % 40)
      wanted.append(["\(number)", number % 3 == 0 ? "\(word),\n\"x\"" : word])
      text += "\(number)," + (number % 3 == 0 ? "\"\(word),\n\"\"x\"\"\"" : word) + "\r\n"
    }
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    #expect(text.utf8.count > 4 * 262_144)
    let reader = try CSVReader(path: path)
    var rows: [[String]] = []
    var lastLine = 0
    while let item = reader.next() {
      guard case .row(let line, let cells) = item else {
        Issue.record("\(item)")
        continue
      }
      rows.append(cells)
      lastLine = line
    }
    #expect(rows == wanted)
    #expect(lastLine == 2 + 8999 + 3000)
    #expect(reader.fraction == 1)
  }

  @Test func `where rows come from is kept in runs`() throws {
    var origins = ImportOrigins()
    let (a, b) = (origins.number(of: "a.csv"), origins.number(of: "b.csv"))
    var wanted: [(String, Int)] = []
    for line in [2, 3, 4, 7, 9, 11, 13, 14, 14, 14, 20] {
      origins.add(a, Int32(line))
      wanted.append(("a.csv", line))
    }
    for line in [2, 3, 5, 4] {
      origins.add(b, Int32(line))
      wanted.append(("b.csv", line))
    }
    for (place, want) in wanted.enumerated() {
      let origin = try #require(origins[Int64(place + 1)])
      #expect(origin.file == want.0 && origin.line == want.1, "line \(place + 1)")
    }
    #expect(origins[0] == nil)
    #expect(origins[Int64(wanted.count + 1)] == nil)
  }

  @Test func `words about the pace`() {
    let pace = ProgressPace()
    #expect(pace.detail(12_345, "change", 0.25, seconds: 0.5) == "12,345 changes")
    #expect(
      pace.detail(12_345, "change", 0.25, seconds: 10)
        == "12,345 changes, 1,234 a second, about 30 s left")
    #expect(pace.detail(1, "change", nil, seconds: 2) == "1 change, 0 a second")
    #expect(
      pace.detail(60, "change", 0.01, seconds: 60) == "60 changes, 1 a second, about 2 h left")
    #expect(
      pace.detail(60, "change", 0.99999, seconds: 60) == "60 changes, 1 a second, about 1 s left")
  }
}
