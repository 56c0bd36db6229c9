import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

private let shop = """
  classes:
    User:
      username: {type: String, required: true}
      role: {type: String, default: clerk}
    Notification:
      user: {type: User}
      title: {type: String}
      message: {type: String, required: true}
      read: {type: Boolean, default: false}
      rule: {type: String}
      firing: {type: Integer}
    Strict:
      text: {type: String, required: true}
      kind: {type: String, required: true}
  """

private func settings(_ text: String) throws -> ProjectSettings {
  try ProjectSettings.load(SourceFile(name: "q.yaml", text: text), schema: schema(shop)).settings
}

private func findings(_ text: String) throws -> [String] {
  let schema = try schema(shop)
  do {
    return described(
      try ProjectSettings.load(SourceFile(name: "q.yaml", text: text), schema: schema).warnings)
  } catch { return described(error.items) }
}

@Test func `settings say what they say`() throws {
  let settings = try settings(
    """
    zone: Europe/Paris
    durability: relaxed
    data: stock/data.sqlite
    groups:
      managers: 'User.filter(u, u.role == "manager")'
      buyers: buy@example.com
      on-call: ["+49 30 1234", ops@example.com]
      all: User
    inbox: {class: Notification, user: user, text: message, title: title, read: read, rule: rule, firing: firing}
    channels:
      default: [inbox, desk]
      desk: {kind: webhook, url: "https://example.com/desk", secretFrom: DESK_SECRET, to: desk}
      console: {kind: host, colour: green}
    outbox: {tries: 3, age: 2d, delays: [1s, 1m], jitter: 0, lanes: 2, lease: 5s}
    limits: {rounds: 20, firings: 500}
    """)
  #expect(settings.zone == "Europe/Paris")
  #expect(settings.durability == .relaxed)
  #expect(settings.dataFile == "stock/data.sqlite")
  #expect(settings.maximumRounds == 20)
  #expect(settings.maximumFirings == 500)
  #expect(settings.outbox.maximumTries == 3)
  #expect(settings.outbox.maximumAge.description == "2d")
  #expect(settings.outbox.delays.map(\.description) == ["1s", "1m"])
  #expect(settings.outbox.jitter == 0)
  #expect(settings.outbox.lanes == 2)
  #expect(settings.outbox.lease.description == "5s")
  #expect(settings.defaultChannels == ["inbox", "desk"])
  #expect(settings.channels["desk"]?.kind == "webhook")
  #expect(settings.channels["desk"]?.to == "desk")
  #expect(settings.channels["desk"]?.options["secretFrom"] == "DESK_SECRET")
  #expect(settings.channels["console"]?.options == ["colour": "green"])
  #expect(settings.inbox?.className == "Notification")
  #expect(settings.inbox?.text == "message")
  #expect(settings.inbox?.firing == "firing")
  guard case .query(let managers)? = settings.groups["managers"],
    case .query? = settings.groups["all"],
    case .addresses(let buyers)? = settings.groups["buyers"],
    case .addresses(let onCall)? = settings.groups["on-call"]
  else {
    Issue.record("\(settings.groups)")
    return
  }
  #expect(managers.type == .list(.record("User")))
  #expect(buyers == ["buy@example.com"])
  #expect(onCall == ["+49 30 1234", "ops@example.com"])
}

@Test func `an empty file gives the defaults`() throws {
  let settings = try settings("# nothing\n")
  #expect(settings.zone == "UTC")
  #expect(settings.durability == .full)
  #expect(settings.maximumRounds == 16)
  #expect(settings.dataFile == "data.sqlite")
}

@Test(arguments: [
  (
    "zon: UTC",
    "1:1 error settings/unknown-key: quartermaster.yaml has no `zon`; did you mean `zone`?"
  ),
  ("zone: Mars/Base", "1:7 error settings/zone: there is no time zone `Mars/Base`"),
  ("durability: fast", "1:13 error settings/form: needs full or relaxed"),
  ("groups: {a: 'Usr.filter(u, true)'}", "did you mean `User`?"),
  ("groups: {a: 'User.filter(u, u.rol == \"x\")'}", "did you mean `role`?"),
  ("groups: {a: 'User.size()'}", "settings/group: a group is a list of records"),
  ("groups: {a: []}", "settings/group: `a` is empty"),
  ("groups: {a b: x@y}", "settings/name: `a b` cannot name a group"),
  ("inbox: {class: Notificaton, text: message}", "did you mean `Notification`?"),
  ("inbox: {class: Notification, text: mesage}", "did you mean `message`?"),
  ("inbox: {class: Notification, text: read}", "settings/inbox: `read` is not a String"),
  ("inbox: {class: Notification}", "settings/inbox: inbox needs `text`"),
  ("inbox: {text: message}", "settings/inbox: inbox needs `class`"),
  ("inbox: {class: Strict, text: text}", "settings/inbox: Strict.kind is required"),
  ("limits: {rounds: 0}", "1:18 error settings/form: needs a whole number from 1 to 1000"),
  ("outbox: {age: soon}", "1:15 error settings/form: needs a length of time"),
  ("outbox: {delays: [1m, 1s]}", "settings/form: delays are lengths of time that do not shrink"),
  ("outbox: {delays: []}", "settings/form: delays are lengths of time"),
  ("outbox: {lease: 5ms}", "needs a length of time of at least 1s"),
  ("outbox: {trys: 3}", "outbox has no `trys`"),
  ("channels: {desk: {url: x}}", "settings/channel: `desk` needs a kind"),
  ("channels: {default: [dsk], desk: {kind: log}}", "did you mean `desk`?"),
  ("channels: {desk: {kind: webhok, url: x}}", "did you mean `webhook`?"),
  ("channels: {desk: {kind: webhook}}", "`desk` needs `url` or `urlFrom`"),
  ("channels: {desk: {kind: webhook, url: 'ftp://x'}}", "needs a URL that begins with https://"),
  ("channels: {desk: {kind: webhook, url: 'https://me:pw@x/'}}", "settings/secret: a secret"),
  ("channels: {desk: {kind: webhook, url: 'https://x', secret: y}}", "`secretFrom: NAME`"),
  ("channels: {desk: {kind: webhook, url: 'https://x', secretFrom: 'a b'}}", "name of a variable"),
  ("channels: {mail: {kind: email, from: a@b}}", "`mail` needs `server`"),
  ("channels: {mail: {kind: email, from: a, server: s}}", "needs an address"),
  ("channels: {mail: {kind: email, from: a@b, server: s, port: 0}}", "a whole number from 1"),
  ("channels: {mail: {kind: email, from: a@b, server: s, security: ssl}}", "needs starttls, tls"),
  ("channels: {mail: {kind: email, from: a@b, server: s, password: x}}", "`passwordFrom: NAME`"),
  ("channels: {book: {kind: file, path: x, format: xml}}", "needs json or text"),
  ("channels: {book: {kind: file, paht: x}}", "did you mean `path`?"),
  ("channels: {call: {kind: host}}", "`call` means something by itself"),
])
func `a mistake in the settings has its message`(_ text: String, _ expected: String) throws {
  let found = try findings(text)
  #expect(found.contains { $0.contains("error") && $0.contains(expected) }, "\(found)")
}

// MARK: - Projects

/// Writes files below a new folder.
private func project(_ files: [String: String]) throws -> String {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  for (path, text) in files {
    let url = folder.appendingPathComponent(path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }
  return folder.path
}

@Test func `a project reads its rule files in the order of their paths`() throws {
  let folder = try project([
    "schema.yaml": shop, "quartermaster.yaml": "data: x.sqlite\n", "rules/b.yaml": "b",
    "rules/a/z.yaml": "z", "rules/a.yaml": "a", "rules/B.yaml": "B", "rules/.hidden.yaml": "h",
    "rules/note.txt": "n", "rules/ä.yaml": "ä",
  ])
  defer { try? FileManager.default.removeItem(atPath: folder) }
  let project = try Project.load(folder: folder + "/")
  #expect(project.ruleFiles.map(\.text) == ["B", "a", "z", "b", "ä"])
  #expect(project.ruleFiles[0].name == folder + "/rules/B.yaml")
  #expect(project.dataPath == folder + "/x.sqlite")
  #expect(project.warnings.isEmpty)
}

@Test func `a project needs a schema and no more`() throws {
  let folder = try project(["schema.yaml": shop])
  defer { try? FileManager.default.removeItem(atPath: folder) }
  #expect(try Project.load(folder: folder).ruleFiles.isEmpty)
  let empty = try project(["rules/a.yaml": ""])
  defer { try? FileManager.default.removeItem(atPath: empty) }
  #expect(throws: DiagnosticList.self) { try Project.load(folder: empty) }
}

@Test func `a rule file with the other ending is named`() throws {
  let folder = try project(["schema.yaml": shop, "rules/a.yml": ""])
  defer { try? FileManager.default.removeItem(atPath: folder) }
  let warnings = try Project.load(folder: folder).warnings
  #expect(warnings.map(\.code) == ["project/ending"])
}

@Test func `automations are records whose fields hold the parts of a rule`() throws {
  let schema = try schema(
    """
    classes:
      Rule:
        wakes: String
        action: String
        when: String
        name: Integer
        enabled: {type: Boolean, default: true}
        by: String
    """)
  func load(_ text: String) throws -> ProjectSettings.Automations? {
    try ProjectSettings.load(SourceFile(name: "q.yaml", text: text), schema: schema).settings
      .automations
  }
  let found = try #require(try load("automations: {class: Rule, trigger: wakes, author: by}"))
  #expect(found.className == "Rule")
  // A part that is not named is the field of its name, where that fits.
  #expect(
    found.fields == [
      .trigger: "wakes", .action: "action", .when: "when", .enabled: "enabled", .author: "by",
    ])
  #expect(try load("zone: UTC") == nil)
  for (text, message) in [
    (
      "automations: {class: Rule}",
      "automations needs `trigger`, and Rule has no String field `trigger`, as in "
        + "{class: Automation, trigger: trigger, action: action}"
    ),
    (
      "automations: {class: Rule, trigger: wakes, enabled: when}",
      "`when` is not a Boolean that can be written"
    ),
    (
      "automations: {class: Rule, trigger: wake}",
      "Rule has no field `wake`; did you mean `wakes`?"
    ),
    (
      "automations: {class: Role, trigger: wakes}",
      "there is no class `Role` in the schema; did you mean `Rule`?"
    ),
    (
      "automations: {trigger: wakes}",
      "automations needs `class`, as in {class: Automation, trigger: trigger, action: action}"
    ),
  ] {
    let thrown = #expect(throws: DiagnosticList.self) { try load(text) }
    #expect(thrown?.items.first?.message == message)
  }
}
