import Foundation
import QuartermasterCore
import Testing

@testable import QuartermasterShell

struct ImportTests {
  private let fixture: Fixture

  init() throws { fixture = try Fixture() }

  private func importing(
    _ mapping: String, _ change: (inout ImportCommand) -> Void = { _ in }
  ) throws -> (reply: Reply, complaints: String) {
    try fixture.write(mapping, to: "mapping.yaml")
    var command = ImportCommand(path: fixture.path("mapping.yaml"))
    command.folder = fixture.folder
    change(&command)
    let complaints = Complaints()
    var context = ShellContext()
    context.complain = { complaints.add($0) }
    let reply = command.run(context)
    return (reply, complaints.text)
  }

  private func query(_ text: String) -> String {
    var command = QueryCommand(text)
    command.folder = fixture.folder
    let reply = command.run(ShellContext())
    return reply.output + reply.errors
  }

  private let suppliers = """
    - file: suppliers.csv
      class: Supplier
      id: s${row.Number}
      fields: {name: "${row.Name}"}

    """

  @Test func `quotes, commas and line ends in a text are its own`() throws {
    try fixture.write(
      "\u{FEFF}Number,Name\r\n1,\"Acme, \"\"the\"\" best\"\r\n\r\n2,\"two\nlines\"\r\n3,\u{301}é",
      to: "suppliers.csv")
    let (reply, complaints) = try importing(suppliers)
    #expect(reply.status == .done)
    #expect(complaints.isEmpty)
    #expect(
      query("Supplier.sortBy(s, s.objectId).map(s, s.name)")
        == #"["Acme, \"the\" best", "two\nlines", "\#u{301}é"]"# + "\n")
  }

  @Test func `a row that is refused is named by file and line, and the rest goes on`() throws {
    try fixture.write("Number,Name\n1,\"A\nB\"\n2,\n,C\n4,D\n", to: "suppliers.csv")
    let (reply, complaints) = try importing(suppliers)
    #expect(reply.output.contains("refused: 1"))
    #expect(complaints.contains("suppliers.csv:4: refused (schema)"))
    #expect(query("Supplier.size()") == "3\n")
  }

  @Test func `a second import doubles nothing, and takes what is new`() throws {
    try fixture.write("Number,Name\n1,A\n2,B\n", to: "suppliers.csv")
    let mapping =
      suppliers + """
        - file: suppliers.csv
          set: Supplier
          id: s${row.Number}
          fields: {name: "${row.Name} & sons"}

        """
    #expect(try importing(mapping).reply.output.contains("4 changes"))
    try fixture.write("Number,Name\n3,C\n1,A\n2,B\n", to: "suppliers.csv")
    let again = try importing(mapping) { $0.batch = 10 }
    #expect(again.reply.output.contains("2 changes"))
    #expect(again.reply.output.contains("there already: 4"))
    #expect(query("Supplier.size()") == "3\n")
  }

  @Test(arguments: [1, 10]) func `an import that goes on does not look at what is there`(
    batch: Int
  ) throws {
    try fixture.write("Number,Name\n1,A\n2,B\n", to: "suppliers.csv")
    #expect(try importing(suppliers) { $0.batch = batch }.reply.output.contains("2 changes"))
    try fixture.write("Number,Name\n1,A\n2,B\n3,C\n", to: "suppliers.csv")
    let more = try importing(suppliers) {
      $0.batch = batch
      $0.resumes = true
    }.reply
    #expect(more.output.contains("went on after line 2"), "\(more.output)")
    #expect(more.output.contains("1 change"))
    #expect(!more.output.contains("there already"))
    #expect(query("Supplier.map(s, s.name)") == #"["A", "B", "C"]"# + "\n")
    try fixture.write("Number,Name\n1,A\n2,Bo\n3,C\n4,D\n", to: "suppliers.csv")
    let other = try importing(suppliers) { $0.resumes = true }.reply
    #expect(other.status == .badInput)
    #expect(other.errors.contains("go on without `--resume`"), "\(other.errors)")
    #expect(query("Supplier.size()") == "3\n")
  }

  @Test func `two rows that make one record with other values are told`() throws {
    try fixture.write("Number,Name\n1,A\n2,B\n1,A\n2,Bo\n", to: "suppliers.csv")
    let (reply, complaints) = try importing(suppliers)
    #expect(reply.output.contains("there already: 1"), "\(reply.output)")
    #expect(
      complaints
        == "suppliers.csv:5: refused (row): an earlier row made Supplier/s2 with other values, which stay; "
        + "give each record an id of its own\n")
    #expect(query("Supplier.map(s, s.name)") == #"["A", "B"]"# + "\n")
    // What an earlier import made may be written otherwise since then.
    #expect(try importing(suppliers).reply.output.contains("there already: 4"))
  }

  @Test(arguments: [
    ("${row.Nummer}", "did you mean `Number`?"), ("${row.Number", "never closed"),
    ("${rw.Number}", "rw"),
  ]) func `a mistake in the mapping is told before a row is read`(slot: String, word: String) throws
  {
    try fixture.write("Number,Name\n1,A\n", to: "suppliers.csv")
    let (reply, _) = try importing(
      "- file: suppliers.csv\n  class: Supplier\n  id: x\n  fields:\n    name: \"\(slot)\"\n")
    #expect(reply.status == .badInput)
    #expect(reply.errors.contains("mapping.yaml:5:"), "\(reply.errors)")
    #expect(reply.errors.contains(word), "\(reply.errors)")
    #expect(query("Supplier.size()") == "0\n")
  }

  @Test(arguments: [("Number,Number\n1,2\n", 1), ("", 1)])
  func `a file without a header is told with its line`(file: String, line: Int) throws {
    try fixture.write(file, to: "suppliers.csv")
    let (reply, _) = try importing(suppliers)
    #expect(reply.status == .badInput)
    #expect(reply.errors.contains("suppliers.csv:\(line): "), "\(reply.errors)")
  }

  @Test(arguments: [
    ("Number,Name\n1,A\n2\n3,C\n", 3, 2), ("Number,Name\n1,A\n2,\"B\"x\n3,C\n", 3, 2),
    ("Number,Name\n1,A\n2,B,C\n3,\"D\n\"\n4,E\n", 3, 3), ("Number,Name\n1,A\n2,\"B\n3,C\n", 3, 1),
  ])
  func `a row of a broken form is told with its line, and the rest comes in`(
    file: String, line: Int, count: Int
  ) throws {
    try fixture.write(file, to: "suppliers.csv")
    let (reply, complaints) = try importing(suppliers)
    #expect(reply.status == .done)
    #expect(complaints.contains("suppliers.csv:\(line): refused (row): "), "\(complaints)")
    #expect(query("Supplier.size()") == "\(count)\n")
  }

  @Test func `rows with an instant need the clock of the file`() throws {
    try fixture.write("Number,Name\n1,A\n", to: "suppliers.csv")
    let mapping = suppliers + "  at: 2026-03-02T09:00:00Z\n"
    #expect(try importing(mapping).reply.status == .usage)
    #expect(try importing(mapping) { $0.clock = .replay }.reply.status == .done)
    #expect(query("Supplier.map(s, string(s.createdAt))") == "[\"2026-03-02T09:00:00Z\"]\n")
  }
}

/// What a command said on the way.
private final class Complaints: @unchecked Sendable {
  private let lock = NSLock()
  private var told = ""
  var text: String { lock.withLock { told } }
  func add(_ text: String) { lock.withLock { told += text } }
}
