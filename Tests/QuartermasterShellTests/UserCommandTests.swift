import Foundation
import QuartermasterAccess
import QuartermasterCore
import Synchronization
import Testing

@testable import QuartermasterShell

/// `users` as an operator sees it, and what all commands say of users.
struct UserCommandTests {
  private static let schema = """
    classes:
      User:
        username: {type: String, required: true, unique: true}
        email: {type: String, unique: true}
        password: {type: String, secret: true}
        role: {type: String, in: [manager, picker], default: picker}
        since: {type: Date}
        boss: {type: User, inverse: team}
      Order:
        number: {type: String, required: true}
        buyer: {type: User, inverse: orders}
    """

  private func fixture() throws -> Fixture {
    let fixture = try Fixture()
    try FileManager.default.removeItem(atPath: fixture.path("rules"))
    try fixture.write(Self.schema, to: "schema.yaml")
    try fixture.write("zone: UTC\n", to: "quartermaster.yaml")
    return fixture
  }

  /// A context in which somebody types these lines.
  private func context(typing lines: [String] = [], asked: Asked? = nil) -> ShellContext {
    var context = ShellContext()
    context.width = 100
    context.passwords = PasswordSettings(cost: .forTests)
    context.typesPassword = true
    let lines = Lines(lines)
    context.askPassword = { prompt in
      asked?.note(prompt)
      return lines.next()
    }
    return context
  }

  private final class Lines: Sendable {
    private let lines: Mutex<[String]>
    init(_ lines: [String]) { self.lines = Mutex(lines) }
    func next() -> String? { lines.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
  }

  private final class Asked: Sendable {
    private let prompts = Mutex<[String]>([])
    func note(_ prompt: String) { prompts.withLock { $0.append(prompt) } }
    var all: [String] { prompts.withLock { $0 } }
  }

  private func shown(_ reply: Reply, _ fixture: Fixture) -> String {
    fixture.shown(reply).replacing(
      /\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+Z)?/, with: "INSTANT"
    )
    .replacing(/\b[0-9][0-9a-z]{11}\b/, with: "ID-OF-A-USER")
  }

  private func add(
    _ fixture: Fixture, _ name: String, typing lines: [String],
    _ change: (inout UsersAddCommand) -> Void = { _ in }
  ) -> Reply {
    var command = UsersAddCommand(name)
    command.folder = fixture.folder
    change(&command)
    return command.run(context(typing: lines))
  }

  @Test func `users are made, listed, given roles, locked and removed`() throws {
    let fixture = try fixture()
    var text = ""
    func say(_ line: String, _ reply: Reply) { text += "> users \(line)\n" + shown(reply, fixture) }
    func list(_ format: OutputFormat = .text, role: String? = nil) -> Reply {
      var command = UsersListCommand()
      command.folder = fixture.folder
      command.format = format
      command.role = role
      return command.run(context())
    }
    func roles(_ name: String, grants: [String] = [], takes: [String] = []) -> Reply {
      var command = UsersRolesCommand(name)
      command.folder = fixture.folder
      command.grants = grants
      command.takes = takes
      return command.run(context())
    }
    func change(
      _ action: UsersChangeCommand.Action, _ name: String, typing lines: [String] = []
    ) -> Reply {
      var command = UsersChangeCommand(action, name)
      command.folder = fixture.folder
      return command.run(context(typing: lines))
    }
    let good = ["correct horse", "correct horse"]
    say("list, without a data file", list())
    say("add ann", add(fixture, "ann", typing: good) { $0.email = "ann@example.com" })
    say("add ANN, a name that is taken", add(fixture, "ANN", typing: good))
    say("add bob, typed twice differently", add(fixture, "bob", typing: ["correct horse", "x"]))
    say("add bob, without a password", add(fixture, "bob", typing: []))
    say("add bob, too short", add(fixture, "bob", typing: ["short", "short"]))
    say(
      "add bob --role king", add(fixture, "bob", typing: good) { $0.role = "king" })
    say(
      "add bob --field since=yesterday",
      add(fixture, "bob", typing: good) { $0.fields = ["since=yesterday"] })
    say("add bob --field sinse=x", add(fixture, "bob", typing: good) { $0.fields = ["sinse=x"] })
    say("add bob --field since", add(fixture, "bob", typing: good) { $0.fields = ["since"] })
    say(
      "add bob --field password=…",
      add(fixture, "bob", typing: good) { $0.fields = ["password=correct horse"] })
    say(
      "add bob --role manager --field since=… --field boss=… --grant 'night shift' --format json",
      add(fixture, "bob", typing: good) {
        $0.role = "manager"
        $0.fields = ["since=2026-03-02T09:00:00Z"]
        $0.grants = ["night shift"]
        $0.format = .json
      })
    say("add ' x'", add(fixture, " x", typing: good))
    say("list", list())
    say("list --role manager --format json", list(.json, role: "manager"))
    say("list --role nobody", list(role: "nobody"))
    say("roles ann --grant manager", roles("ann", grants: ["manager"]))
    say("roles ANN --grant new-one --grant manager", roles("ANN", grants: ["new-one", "manager"]))
    say("roles ann --take new-one --take other", roles("ann", takes: ["new-one", "other"]))
    say("roles ann --take picker", roles("ann", takes: ["picker"]))
    say("roles ann --grant role:x", roles("ann", grants: ["role:x"]))
    say("roles anne", roles("anne"))
    say("password bob", change(.password, "bob", typing: ["battery staple", "battery staple"]))
    say("password bob, his name", change(.password, "bob", typing: ["bobbobbob", "bobbobbo"]))
    say("lock bob", change(.lock, "bob"))
    say("list", list())
    say("remove bob", change(.remove, "bob"))
    say("remove bob", change(.remove, "bob"))
    try expectGolden(text, "users")
  }

  @Test func `sessions are listed and ended`() throws {
    let fixture = try fixture()
    #expect(add(fixture, "ann", typing: ["correct horse", "correct horse"]).status == .done)
    let folder = try ProjectFolder(fixture.folder, context())
    func logIn() throws -> SignedIn {
      let engine = try folder.openEngine(try folder.rulesToRun())
      var settings = AccountSettings()
      settings.passwords.cost = .forTests
      let signedIn = try Accounts(engine, settings: settings)
        .logIn("ann", password: "correct horse")
      try engine.close()
      return signedIn
    }
    func sessions(_ change: (inout UsersSessionsCommand) -> Void = { _ in }) -> Reply {
      var command = UsersSessionsCommand("ann")
      command.folder = fixture.folder
      change(&command)
      return command.run(context())
    }
    var text = "> users sessions ann\n" + shown(sessions(), fixture)
    let first = try logIn()
    let second = try logIn()
    func hidden(_ reply: Reply) -> String {
      #expect(!reply.output.contains(first.token.text))
      var named = reply
      for (session, name) in [(first, "FIRST-------"), (second, "SECOND------")] {
        named.output = named.output.replacing(session.session.id, with: name)
        named.errors = named.errors.replacing(session.session.id, with: name)
      }
      return shown(named, fixture)
    }
    text += "> users sessions ann\n" + hidden(sessions())
    text += "> users sessions ann --format json\n" + hidden(sessions { $0.format = .json })
    text += "> users sessions ann --end nothing\n" + hidden(sessions { $0.session = "nothing" })
    text +=
      "> users sessions ann --end FIRST\n" + hidden(sessions { $0.session = first.session.id })
    text += "> users sessions\n" + hidden(sessions { $0.name = nil })
    text += "> users sessions ann --end-all\n" + hidden(sessions { $0.endsAll = true })
    _ = try logIn()
    var command = UsersChangeCommand(.password, "ann")
    command.folder = fixture.folder
    text +=
      "> users password ann\n"
      + hidden(command.run(context(typing: ["battery staple", "battery staple"])))
    text +=
      "> users sessions --end-all\n"
      + hidden(
        sessions {
          $0.name = nil
          $0.endsAll = true
        })
    try expectGolden(text, "users-sessions")
  }

  @Test func `a schema in which nobody can log in says why`() throws {
    let fixture = try fixture()
    try fixture.write("classes: {Thing: {name: String}}\n", to: "schema.yaml")
    let reply = add(fixture, "ann", typing: ["correct horse", "correct horse"])
    #expect(reply.status == .badInput)
    #expect(
      reply.errors
        == "error: nobody can log in here: the schema has no class User; it needs one with username "
        + "and password\n")
  }

  @Test func `who is asked is told for whom, and twice only where somebody types`() throws {
    let fixture = try fixture()
    let asked = Asked()
    var command = UsersAddCommand("ann")
    command.folder = fixture.folder
    var context = context(typing: ["correct horse", "correct horse"], asked: asked)
    #expect(command.run(context).status == .done)
    #expect(asked.all == ["new password for ann: ", "once more: "])
    context = self.context(typing: ["correct horse"])
    context.typesPassword = false
    command.name = "bob"
    #expect(command.run(context).status == .done)
  }

  @Test func `no command shows a password or a hash`() throws {
    let fixture = try fixture()
    #expect(add(fixture, "ann", typing: ["correct horse", "correct horse"]).status == .done)
    let context = context(typing: ["battery staple", "battery staple"])
    let lines = #"""
      {"op":"create","class":"User","id":"eve","fields":{"username":"eve","password":"Secret-of-eve"}}
      {"op":"set","class":"User","id":"eve","fields":{"password":"Secret-2-of-eve","role":"king"}}
      {"op":"create","class":"User","fields":{"username":"EVE","password":"Secret-3-of-eve"}}
      {"op":"create","class":"User","fields":{"username":"joe","password":["Secret-4-of-eve"]}}
      {"op":"create","class":"User","fields":{"username":"joe","password":{"$ne":"Secret-5-of-eve"}}}
      """#
    try fixture.write(lines + "\n", to: "users.jsonl")
    var apply = ApplyCommand(path: fixture.path("users.jsonl"))
    apply.folder = fixture.folder
    var replies = [apply.run(context)]
    #expect(replies[0].errors.contains("EVE") || replies[0].output.contains("refused"))
    let repl = try Repl.open(fixture.folder, isSandbox: false, context).get()
    for line in [
      "create User username: prompted password: Secret-6-of-eve",
      "set User/eve password: Secret-7-of-eve role: king", "set User/eve password: of-eve",
      "set User/eve password: Secret-8-of-eve", "User[\"eve\"]", ":why User/eve", ":log User/eve",
      "User.map(u, u.username)",
    ] { replies.append(repl.submit(line)) }
    replies.append(repl.finish())
    for (format, expression) in [
      (DataFormat.text, "User"), (.json, "User"), (.jsonl, "User"), (.csv, "User"),
      (.text, "User.map(u, u.password)"), (.json, "User[\"eve\"]"),
    ] {
      var query = QueryCommand(expression)
      query.folder = fixture.folder
      query.format = format
      replies.append(query.run(context))
    }
    var log = LogCommand()
    log.folder = fixture.folder
    replies.append(log.run(context))
    log.format = .json
    replies.append(log.run(context))
    log = LogCommand()
    log.folder = fixture.folder
    log.showsRefused = true
    replies.append(log.run(context))
    var why = WhyCommand("User/eve.password")
    why.folder = fixture.folder
    replies.append(why.run(context))
    var doctor = DoctorCommand()
    doctor.folder = fixture.folder
    replies.append(doctor.run(context))
    #expect(replies.last?.status == .done, "\(replies.last?.output ?? "")")
    for reply in replies {
      let said = reply.output + reply.errors
      #expect(!said.contains("of-eve") && !said.contains("correct horse"), "\(said)")
      #expect(!said.contains("$scrypt$") && !said.contains("ln=4"), "\(said)")
    }
    for name in try FileManager.default.contentsOfDirectory(atPath: fixture.folder)
    where name.contains(".sqlite") {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: fixture.path(name)))
      #expect(bytes.range(of: Data("of-eve".utf8)) == nil, "\(name)")
      #expect(bytes.range(of: Data("correct horse".utf8)) == nil, "\(name)")
    }
    // It was not for nothing: what was set at the prompt is the password.
    let folder = try ProjectFolder(fixture.folder, context)
    let engine = try folder.openEngine(try folder.rulesToRun())
    var settings = AccountSettings()
    settings.passwords.cost = .forTests
    let accounts = try Accounts(engine, settings: settings)
    _ = try accounts.logIn("eve", password: "Secret-8-of-eve")
    _ = try accounts.logIn("prompted", password: "Secret-6-of-eve")
    try engine.close()
  }
}
