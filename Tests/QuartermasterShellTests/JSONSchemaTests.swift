import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore
@testable import QuartermasterShell

/// The JSON Schema of a project, judged by a validator that is not ours.
struct JSONSchemaTests {
  private static let root = Fixture.testFolder.deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The projects of this package.
  static let projects = [
    "rules/supply", "rules/supplier-ordering", "rules/order-fulfillment", "rules/warehouse-ops",
    "examples/northwind", "examples/host/shop",
  ]

  private func schema(_ folder: String, _ subject: JSONSchemaCommand.Subject) throws -> String {
    var command = JSONSchemaCommand()
    command.folder = folder
    command.subject = subject
    let reply = command.run(ShellContext())
    #expect(reply.errors == "")
    return reply.output
  }

  @Test func `the schema of a small project`() throws {
    let fixture = try Fixture()
    try expectGolden(try schema(fixture.folder, .rules), "json-schema")
    try expectGolden(try schema(fixture.folder, .schema), "json-schema-of-schema")
    try expectGolden(try schema(fixture.folder, .settings), "json-schema-of-settings")
  }

  @Test func `it goes into a file`() throws {
    let fixture = try Fixture()
    var command = JSONSchemaCommand()
    command.folder = fixture.folder
    command.output = fixture.path("rules.json")
    #expect(fixture.stable(command.run(ShellContext()).output).hasPrefix("wrote DIR/rules.json"))
    let written = try String(contentsOfFile: fixture.path("rules.json"), encoding: .utf8)
    #expect(try written == schema(fixture.folder, .rules))
    command.output = fixture.path("nothing/rules.json")
    #expect(command.run(ShellContext()).status == .failure)
  }

  @Test(.enabled(if: Validator.isThere, Validator.why), arguments: projects)
  func `all shipped files are valid`(project: String) throws {
    let folder = Self.root.appendingPathComponent(project).path
    let rules = try Project.load(folder: folder).ruleFiles.map(\.name)
    #expect(!rules.isEmpty)
    for (subject, files) in [
      (JSONSchemaCommand.Subject.rules, rules), (.schema, [folder + "/schema.yaml"]),
      (.settings, [folder + "/quartermaster.yaml"].filter(FileManager.default.fileExists)),
    ] where !files.isEmpty {
      let found = try Validator.validate(files, with: schema(folder, subject))
      #expect(found.count == files.count)
      for (file, errors) in found {
        #expect(errors.text.isEmpty, "\(file): \(errors.text)")
        #expect(errors.typed.isEmpty, "\(file): \(errors.typed)")
      }
    }
  }

  @Test(.enabled(if: Validator.isThere, Validator.why))
  func `structural mistakes in rules are refused, as check refuses them`() throws {
    let fixture = try Fixture()
    try refuse(Self.badRules, .rules, in: Self.root.path + "/rules/supply", fixture) { text in
      let project = try Project.load(folder: Self.root.path + "/rules/supply")
      let file = SourceFile(name: "bad.yaml", text: text)
      var options = RuleCheckOptions()
      options.channels = project.settings.channelNames
      return RuleSet.load(
        files: [file], schema: project.schema, settings: project.settings, options: options
      ).diagnostics.contains { $0.severity == .error }
    }
  }

  @Test(.enabled(if: Validator.isThere, Validator.why))
  func `structural mistakes in schemas and settings are refused`() throws {
    let fixture = try Fixture()
    try refuse(Self.badSchemas, .schema, in: fixture.folder, fixture) { text in
      (try? Schema.load(SourceFile(name: "schema.yaml", text: text))) == nil
    }
    let schema = try Project.load(folder: fixture.folder).schema
    try refuse(Self.badSettings, .settings, in: fixture.folder, fixture) { text in
      (try? ProjectSettings.load(SourceFile(name: "q.yaml", text: text), schema: schema)) == nil
    }
  }

  private func refuse(
    _ cases: [(name: String, text: String)], _ subject: JSONSchemaCommand.Subject,
    in project: String, _ fixture: Fixture, _ isRefused: (String) throws -> Bool
  ) throws {
    var files: [String] = []
    for (number, bad) in cases.enumerated() {
      try fixture.write(bad.text, to: "bad-\(number).yaml")
      files.append(fixture.path("bad-\(number).yaml"))
      #expect(try isRefused(bad.text), "\(bad.name): the loader takes it")
    }
    let found = try Validator.validate(files, with: schema(project, subject))
    for (file, bad) in zip(files, cases) {
      #expect(found[file]?.text.isEmpty == false, "\(bad.name) is accepted as text")
      #expect(found[file]?.typed.isEmpty == false, "\(bad.name) is accepted with types")
    }
  }

  private static func rule(
    _ action: String, trigger: String = "{saved: Order}", more: String = ""
  ) -> String {
    "- rule: r\n  trigger: \(trigger)\n" + (more.isEmpty ? "" : "  \(more)\n")
      + "  action:\n    - \(action)\n"
  }

  private static let badRules: [(name: String, text: String)] = [
    ("words", "words\n"), ("a map", "rule: r\n"), ("neither rule nor test", "- about: x\n"),
    ("unknown key of a rule", rule("reject: No.", more: "whenn: order.held")),
    ("no trigger", "- rule: r\n  action: {reject: No.}\n"),
    ("no action", "- rule: r\n  trigger: {saved: Order}\n"),
    (
      "a name with capitals", "- rule: MyRule\n  trigger: {saved: Order}\n  action: {reject: No.}\n"
    ),
    ("two verbs", rule("reject: No.\n      delete: order")),
    ("an unknown verb", rule("tell: managers")),
    ("a list as a condition", rule("reject: No.", more: "when: [[a]]")),
    ("a map as a condition", rule("reject: No.", more: "when: {a: b}")),
    ("an unknown class", rule("reject: No.", trigger: "{saved: Ordr}")),
    ("an unknown field", rule("reject: No.", trigger: "{changed: Order.colour}")),
    ("two triggers", rule("reject: No.", trigger: "{saved: Order, every: day}")),
    ("an unknown key of a trigger", rule("reject: No.", trigger: "{saved: Order, if: order.held}")),
    ("becomes with every", rule("delete: x", trigger: "{every: day, becomes: order.held}")),
    ("for without becomes", rule("reject: No.", trigger: "{saved: Order, for: 1h}")),
    (
      "repeat without for",
      rule("reject: No.", trigger: "{saved: Order, becomes: order.held, repeat: 1h}")
    ),
    (
      "for with due",
      rule(
        "reject: No.", trigger: "{saved: Order, becomes: order.held, for: 1h, due: order.orderDate}"
      )
    ),
    ("no duration", rule("reject: No.", trigger: "{saved: Order, becomes: order.held, for: long}")),
    ("no period", rule("delete: x", trigger: "{every: century}")),
    ("no time", rule("delete: x", trigger: "{every: day, at: noon}")),
    ("at with cron", rule("delete: x", trigger: "{cron: 0 6 * * *, at: '08:00'}")),
    ("an unknown signal", rule("delete: x", trigger: "{signal: nothing-known}")),
    ("a phase that is none", rule("reject: No.", more: "phase: during")),
    ("a failure that is none", rule("reject: No.", more: "failure: ignore")),
    ("enabled that is none", rule("reject: No.", more: "enabled: maybe")),
    ("a name that is none", rule("reject: No.", more: "let: {2x: order.held}")),
    ("an unknown status of the record", rule("advance: order\n      to: sent")),
    ("an unknown status", rule("advance: x\n      to: payed")),
    ("advance without to", rule("advance: order")),
    ("an unknown key of advance", rule("advance: order\n      to: paid\n      into: x")),
    ("an unknown field of the record", rule("set: order\n      colour: 3")),
    ("an unknown field anywhere", rule("set: x\n      colour: 3", trigger: "{every: day}")),
    ("an unknown status of a field", rule("set: order\n      status: sent")),
    ("a list in a slot", rule("set: order\n      held: [true]")),
    ("an unknown class to create", rule("create: Ordr\n      held: true")),
    ("an unknown field to create", rule("create: Order\n      colour: 3")),
    ("an unknown word for a field", rule("create: User\n      role: king")),
    ("ensure without match", rule("ensure: Bin\n      code: A")),
    ("an unknown field to find by", rule("ensure: Bin\n      match: {colour: A}")),
    ("notify without a message", rule("notify: managers")),
    ("an unknown channel", rule("notify: managers\n      message: Hello.\n      by: pigeon")),
    ("an unknown key of notify", rule("notify: managers\n      message: Hello.\n      text: x")),
    ("within without once", rule("notify: managers\n      message: Hello.\n      within: 3h")),
    ("an unknown signal to raise", rule("signal: nothing-known")),
    ("an unknown field of a signal", rule("signal: goods-arrived\n      colour: 3")),
    ("an unknown call", rule("call: print-label")),
    ("a missing argument", rule("purchase: x", trigger: "{saved: Product}")),
    (
      "an unknown argument",
      rule("purchase: product\n      quantity: 3\n      colour: 3", trigger: "{saved: Product}")
    ),
    ("actor in a rule", rule("reject: No.\n      actor: x")),
    ("a test without steps", "- test: t\n"),
    ("an unknown key of a test", "- test: t\n  then: []\n  do: [{wait: 1h}]\n"),
    ("a fixture of no class", "- test: t\n  given: {Ordr: {a: {}}}\n  expect: [true]\n"),
    (
      "a fixture with an unknown field",
      "- test: t\n  given: {Order: {a: {colour: 3}}}\n  expect: [true]\n"
    ),
    ("an unknown expectation", "- test: t\n  expect: [{happened: x}]\n"),
    ("a message of nothing", "- test: t\n  expect: [{fired: x, message: y}]\n"),
    ("a wait that is none", "- test: t\n  do: [{wait: long}]\n"),
    ("reject in a test", "- test: t\n  do: [{reject: No.}]\n"),
    ("once in a test", "- test: t\n  do: [{delete: x, once: y}]\n"),
  ]

  private static let badSchemas: [(name: String, text: String)] = [
    ("no classes", "domain: x\n"), ("an unknown key", "classes: {A: {b: String}}\nclass: {}\n"),
    ("a class with a small letter", "classes: {a: {b: String}}\n"),
    ("a field without a type", "classes: {A: {b: {required: true}}}\n"),
    ("an unknown option", "classes: {A: {b: {type: String, requird: true}}}\n"),
    ("two kinds of field", "classes: {A: {b: {type: Integer, sum: c.d}}}\n"),
    ("an option of a stored field", "classes: {A: {b: {computed: '3', required: true}}}\n"),
    ("a flag that is none", "classes: {A: {b: {type: String, unique: maybe}}}\n"),
    ("a delete that is none", "classes: {A: {b: {type: A, onDelete: forget}}}\n"),
    ("a type with a small letter", "classes: {A: {b: string}}\n"),
    (
      "a function without a result",
      "classes: {A: {b: String}}\nfunctions: {f: {arguments: {x: String}}}\n"
    ),
    ("an unknown key of a verb", "classes: {A: {b: String}}\nverbs: {go: {to: A}}\n"),
    (
      "a direction that is none",
      "classes: {A: {b: Integer}}\nverbs: {go: {directions: {A.b: left}}}\n"
    ),
  ]

  private static let badSettings: [(name: String, text: String)] = [
    ("an unknown key", "group: {a: b}\n"), ("durability that is none", "durability: some\n"),
    ("an inbox of no class", "inbox: {class: Letter, text: message}\n"),
    ("an inbox without text", "inbox: {class: Notification}\n"),
    ("a channel without a kind", "channels: {desk: {url: 'https://example.com'}}\n"),
    ("an unknown kind", "channels: {desk: {kind: pigeon}}\n"),
    (
      "an unknown key of a channel",
      "channels: {desk: {kind: webhook, url: 'https://example.com', uri: x}}\n"
    ),
    (
      "a channel without what it needs",
      "channels: {desk: {kind: email, server: mail.example.com}}\n"
    ),
    ("an age that is none", "journal: {keep: long}\n"),
    ("a size that is none", "journal: {size: big}\n"),
    ("tries that are none", "outbox: {tries: many}\n"), ("an unknown limit", "limits: {rows: 3}\n"),
  ]
}

/// `jsonschema` of Python, where it is there.
enum Validator {
  /// What was found in a file, with its scalars as text and with types.
  struct Errors: Decodable { let text: [String], typed: [String] }

  /// Said of the tests that are left out.
  static let why: Comment = "left out: python3 with the packages jsonschema and yaml is not there"

  /// Whether a validator can be run.
  static let isThere = (try? run(["-c", "import jsonschema, yaml"])) != nil

  /// Returns what a schema finds wrong in YAML files.
  static func validate(_ files: [String], with schema: String) throws -> [String: Errors] {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("quartermaster-schema-\(UUID().uuidString).json")
    defer { try? FileManager.default.removeItem(at: path) }
    try Data(schema.utf8).write(to: path)
    let script = Fixture.testFolder.appendingPathComponent("Support/validate.py").path
    return try JSONDecoder().decode(
      [String: Errors].self, from: run([script, path.path] + files))
  }

  private static func run(_ arguments: [String]) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3"] + arguments
    let output = Pipe()
    let errors = Pipe()
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    let said = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failed(said: String(decoding: said, as: UTF8.self))
    }
    return data
  }

  struct Failed: Error { let said: String }
}
