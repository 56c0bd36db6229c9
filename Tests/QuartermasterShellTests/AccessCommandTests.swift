import Foundation
import QuartermasterCEL
import QuartermasterCore
import Synchronization
import Testing

@testable import QuartermasterShell

/// A project with permissions and a few records, in a folder that is thrown away.
private struct AccessProject {
  let folder: String

  init(access: String? = Self.access) throws {
    folder =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("quartermaster-access-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
    try write("schema.yaml", Self.schema)
    if let access { try write("access.yaml", access) }
    try write("load.jsonl", Self.records)
    var load = ApplyCommand(path: folder + "/load.jsonl")
    load.folder = folder
    let reply = load.run(ShellContext())
    #expect(reply.status == .done, "\(reply.errors)")
  }

  func write(_ path: String, _ text: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + path))
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  static let schema = """
    domain: shop
    classes:
      User:
        name: {type: String}
        role: {type: String, in: [manager, customer], default: customer}
        password: {type: String, secret: true}
      Order:
        user: {type: User, required: true}
        note: {type: String}
        margin: {type: Integer, default: 0}
      Note:
        acl: true
        text: {type: String}
    """

  static let access = """
    roles: {field: role}
    classes:
      User: {read: [manager, own: objectId]}
      Order:
        read: [manager, own: user]
        update: [manager, own: user]
        hidden: {margin: {except: manager}}
        read-only: {user: {except: manager}}
      Note: {read: signed-in}
    """

  static let records = """
    {"op":"create","class":"User","id":"ann","fields":{"name":"Ann","password":"s3cret"}}
    {"op":"create","class":"User","id":"max","fields":{"name":"Max","role":"manager"}}
    {"op":"create","class":"Order","id":"o1","fields":{"user":{"__type":"Pointer","className":"User","objectId":"ann"},"note":"hers","margin":7}}
    {"op":"create","class":"Order","id":"o2","fields":{"user":{"__type":"Pointer","className":"User","objectId":"max"},"note":"his","margin":9}}
    {"op":"create","class":"Note","id":"n1","fields":{"text":"for managers","ACL":{"role:manager":{"read":true}}}}
    """

  func query(_ text: String, as actor: String?) -> Reply {
    var command = QueryCommand(text)
    command.folder = folder
    command.actor = actor
    return command.run(ShellContext())
  }
}

@Suite struct AccessCommandTests {
  @Test func `query shows what its actor sees, without the columns that are hidden`() throws {
    let project = try AccessProject()
    defer { project.remove() }
    let hers = project.query("Order", as: "ann").output
    #expect(hers.contains("hers") && !hers.contains("his") && !hers.contains("margin"))
    let all = project.query("Order", as: "User/max").output
    #expect(all.contains("hers") && all.contains("his") && all.contains("margin"))
    var json = QueryCommand("Order")
    json.folder = project.folder
    json.actor = "ann"
    json.format = .json
    #expect(!json.run(ShellContext()).output.contains("margin"))
    let hidden = project.query("Order.filter(o, o.margin > 8)", as: "ann")
    #expect(hidden.errors.contains("Order.margin is hidden from you"))
    #expect(hidden.errors.contains("access/hidden-field"))
    #expect(project.query("Note.size()", as: "ann").output == "0\n")
    #expect(project.query("Note.size()", as: "max").output == "1\n")
  }

  @Test func `an actor who is not there, or without permissions, is told so`() throws {
    let project = try AccessProject()
    defer { project.remove() }
    #expect(project.query("Order", as: "eve").errors.contains("there is no User/eve"))
    let open = try AccessProject(access: nil)
    defer { open.remove() }
    #expect(open.query("Order", as: "ann").errors.contains("the project has no access.yaml"))
    #expect(open.query("Order.size()", as: nil).output == "2\n")
  }

  @Test func `apply does what its actor may, line by line`() throws {
    let project = try AccessProject()
    defer { project.remove() }
    try project.write(
      "more.jsonl",
      """
      {"op":"set","class":"Order","id":"o1","fields":{"note":"ring twice"}}
      {"op":"set","class":"Order","id":"o2","fields":{"note":"mine"}}
      {"op":"delete","class":"Order","id":"o1"}
      {"op":"set","class":"Order","id":"o1","fields":{"margin":0}}
      {"op":"create","class":"Note","id":"n2","fields":{"text":"x"}}
      """)
    let told = Mutex("")
    var context = ShellContext()
    context.complain = { line in told.withLock { $0 += line } }
    var command = ApplyCommand(path: project.folder + "/more.jsonl")
    command.folder = project.folder
    command.actor = "ann"
    let reply = command.run(context)
    #expect(reply.status == .done, "\(reply.errors)")
    let complaints = told.withLock { $0 }
    #expect(complaints.contains("Order/o2 is not there"))
    #expect(complaints.contains("you may not delete Order/o1"))
    #expect(complaints.contains("Order.margin is hidden from you"))
    #expect(complaints.contains("you may not create records of Note"))
    #expect(project.query("Order.map(o, o.note)", as: nil).output.contains("ring twice"))
    var log = LogCommand()
    log.folder = project.folder
    #expect(log.run(ShellContext()).output.contains("User/ann"))
    command.runsRules = false
    #expect(command.run(context).errors.contains("--without-rules is for the system"))
  }

  @Test func `the prompt sees and does what who is logged in may`() throws {
    let project = try AccessProject()
    defer { project.remove() }
    let repl = try Repl.open(project.folder, ShellContext()).get()
    defer { _ = repl.finish() }
    #expect(repl.submit("Order.size()").output == "2\n")
    #expect(repl.submit(":login ann").output == "User/ann is logged in, as customer\n")
    #expect(repl.prompt == "ann> ")
    #expect(repl.submit("Order.size()").output == "1\n")
    #expect(repl.submit("Order.map(o, o.margin)").errors.contains("is hidden from you"))
    #expect(repl.submit("o2").errors.contains("not defined"))
    #expect(repl.submit("set o1 note: hello").status == .done)
    #expect(repl.submit("set Order/o2 note: hello").status != .done)
    // What she may not see does not get into what she writes.
    #expect(
      repl.submit("set o1 note: ${Order.map(o, o.margin).sum()}").errors
        .contains("is hidden from you"))
    #expect(repl.submit("set o1 user: User[\"max\"]").status != .done)
    #expect(repl.submit(":login eve").errors.contains("there is no User/eve"))
    #expect(repl.submit(":logout").output == "the system acts\n")
    #expect(repl.submit("Order.map(o, o.note)").output.contains("hello"))
    #expect(repl.submit("Order.filter(o, o.note == \"his\").size()").output == "1\n")
    #expect(repl.submit(":logout").output == "nobody is logged in\n")
  }

  @Test func `what somebody may do with a record is explained`() throws {
    let project = try AccessProject()
    defer { project.remove() }
    func explain(_ user: String, _ record: String, _ format: OutputFormat = .text) -> Reply {
      var command = AccessCommand(user: user, record: record)
      command.folder = project.folder
      command.format = format
      return command.run(ShellContext())
    }
    let own = explain("ann", "Order/o1").output.replacingOccurrences(
      of: project.folder, with: "DIR")
    #expect(
      own == """
        ann and Order/o1
          roles: customer
          said in DIR/access.yaml:4

          find    yes  it is for the user at user
          get     yes  who may find it may get it
          count   yes  who may find it may count it
          create  no   access.yaml does not say, and its default is deny
          update  yes  it is for the user at user
          delete  no   access.yaml does not say, and its default is deny

        fields that not everybody sees
          margin  hidden  for the role manager

        fields that not everybody sets
          user  read-only  for the role manager

        """)
    let other = explain("ann", "Order/o2").output
    #expect(other.contains("find    no   it is for the role manager, the user at user"))
    #expect(other.contains("null for him, because what it leads to may not be read: user"))
    let note = explain("max", "Note/n1").output
    #expect(note.contains("whoever is signed in, and its ACL grants read to role:manager"))
    #expect(explain("ann", "Note/n1").output.contains("its ACL does not grant read"))
    #expect(explain("ann", "Note/n1", .json).output.contains("\"allowed\":false"))
    #expect(explain("ann", "Order/o9").errors.contains("there is no Order/o9"))
  }
}
