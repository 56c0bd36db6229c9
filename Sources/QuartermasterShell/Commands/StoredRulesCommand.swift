internal import Foundation
internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster rules add | remove`, and `enable | disable` of rules that are records.
public struct StoredRulesCommand: Sendable {
  /// What is asked.
  public enum Action: Sendable {
    /// Writes the rules of a file as records; `-` is standard input.
    case add(path: String, name: String?)
    /// Deletes the record of a rule.
    case remove(rule: String)
    /// Switches a rule on or off in its record.
    case turn(rule: String, off: Bool)
  }

  /// What is asked.
  public var action: Action
  /// In whose name, as `User/ann`; nil for the system.
  public var actor: String?
  /// The project folder.
  public var folder = "."
  /// How the answer is printed.
  public var format = OutputFormat.text
  /// What stands on standard input.
  public var input: @Sendable () -> String = {
    String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self)
  }

  /// Creates the command.
  public init(_ action: Action) { self.action = action }

  /// Runs the command.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      let folder = try ProjectFolder(self.folder, context)
      var file: SourceFile?
      if case .add(let path, _) = action { file = try read(path) }
      let actor = try self.actor.map { try self.record($0, folder.project.schema) }
      let engine = try folder.openEngine(try folder.rules())
      let before = engine.automations.map(\.id)
      do {
        try engine.write(actor: actor) { db in
          switch action {
          case .add(_, let name):
            if let file { try db.addRules(file, name: name) }
          case .remove(let rule): try db.removeRule(rule)
          case .turn(let rule, let off): try db.turnRule(rule, isOn: !off)
          }
        }
      } catch let refusal as Refusal where !refusal.findings.isEmpty {
        try engine.close()
        throw CommandFailure(DiagnosticList(refusal.findings), context)
      } catch {
        try engine.close()
        throw error
      }
      let reply = try answer(engine, file, known: Set(before), folder, context)
      try engine.close()
      return reply
    }
  }

  /// Reads `User/ann`.
  private func record(_ text: String, _ schema: Schema) throws -> (className: String, id: String) {
    let parts = text.split(separator: "/", maxSplits: 1)
    guard parts.count == 2, schema[String(parts[0])] != nil else {
      throw CommandFailure(
        .usage, "\"\(text)\" names no record; write CLASS/ID, as in User/ann")
    }
    return (String(parts[0]), String(parts[1]))
  }

  private func read(_ path: String) throws -> SourceFile {
    if path == "-" { return SourceFile(name: "<standard input>", text: input()) }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CommandFailure(.badInput, "\(path) is not there, or cannot be read")
    }
    return SourceFile(name: path, text: String(decoding: data, as: UTF8.self))
  }

  private func answer(
    _ engine: Engine, _ file: SourceFile?, known: Set<String>, _ folder: ProjectFolder,
    _ context: ShellContext
  ) throws -> Reply {
    var lines: [String] = []
    var items: [JSONValue] = []
    let number = engine.ruleNumber
    func add(_ rule: String, _ what: String, _ place: String?) {
      items.append(
        .object([
          ("rule", .string(rule)), ("change", .string(what)),
          ("record", place.map { .string($0) } ?? .null), ("ruleSet", .number(String(number))),
        ]))
    }
    switch action {
    case .add(_, let name):
      let written = try Self.names(in: file, name)
      let rules = engine.automations.filter { written.contains($0.name) }
      for rule in rules {
        let place = "\(folder.project.settings.automations?.className ?? "")/\(rule.id)"
        let isNew = !known.contains(rule.id)
        lines.append("\(rule.name) is \(isNew ? "a rule now" : "another rule now"), \(place)")
        add(rule.name, isNew ? "added" : "changed", place)
      }
      warn(of: Set(rules.map(\.id)), engine, folder, context)
    case .remove(let rule):
      lines.append("\(rule) is removed")
      add(rule, "removed", nil)
    case .turn(let rule, let off):
      lines.append("\(rule) is switched \(off ? "off" : "on")")
      add(rule, off ? "off" : "on", nil)
    }
    if format == .json { return Reply(QueryCommand.lines(.array(items))) }
    return Reply(
      lines.map { $0 + "\n" }.joined()
        + "rule set \(number); engines on the file follow with their next operation\n")
  }

  /// The names of the rules of a file.
  private static func names(in file: SourceFile?, _ name: String?) throws -> Set<String> {
    guard let file else { return [] }
    return Set(try StoredRuleNames.read(file, name: name))
  }

  /// Tells what the check of the whole set warns of, as far as it is about these rules.
  private func warn(
    of ids: Set<String>, _ engine: Engine, _ folder: ProjectFolder, _ context: ShellContext
  ) {
    let project = folder.project
    // An engine that was closed by another thread has nothing to warn of.
    let rows =
      (try? engine.perform { (interpreter) throws(Refusal) in interpreter.storedRules }) ?? []
    let diagnostics = RuleSet.load(
      files: project.ruleFiles + rows.filter { $0.problem == nil }.map(\.file),
      schema: project.schema, settings: project.settings, options: project.checkOptions
    ).diagnostics
    for row in rows where ids.contains(row.id) {
      for item in diagnostics where item.span.file.name == row.place {
        context.complain(context.renderer.render(row.inItsField(item)))
      }
    }
  }
}
