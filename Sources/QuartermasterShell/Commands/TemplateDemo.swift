internal import Foundation
internal import QuartermasterCEL
internal import QuartermasterCore
internal import QuartermasterSupply
internal import Synchronization

/// A template from an empty folder to the end of its day of business, with the commands that a person would type.
struct TemplateDemo {
  /// The template.
  let template: ProjectTemplate
  /// Its day.
  let day: TemplateDay
  /// Where the project is made; nothing of one may be there.
  let folder: String

  /// Finds a template by its name.
  ///
  /// - Throws: ``CommandFailure`` when there is none.
  init(_ name: String, in folder: String) throws(CommandFailure) {
    guard let template = ProjectTemplate.named(name), let day = TemplateDay.named(name) else {
      let known = TemplateDay.all.map(\.template)
      let hint = Suggestion.closest(to: name, among: known).map { "; did you mean \($0)?" }
      throw CommandFailure(
        .usage, "there is no template \(name)\(hint ?? " (\(known.joined(separator: ", ")))")")
    }
    self.template = template
    self.day = day
    self.folder = folder
  }

  /// Makes the project, checks and tests it, applies the day, and shows what came of it.
  ///
  /// - Returns: What was done and what is there now; the first step that fails ends it.
  func run(_ context: ShellContext) throws -> Reply {
    try template.write(to: folder)
    var text = "\(template.summary).\n\(day.story)\n"
    var check = CheckCommand()
    check.folder = folder
    var test = TestCommand()
    test.folder = folder
    let steps: [(String, Reply)] = [("check", check.run(context)), ("test", test.run(context))]
    for (name, reply) in steps {
      guard reply.status == .done else { return reply }
      text += "\n> quartermaster \(name)\n" + last(reply.output)
    }
    let (applied, refused) = apply(context)
    guard applied.status == .done else { return applied }
    text += "\n> quartermaster apply \(TemplateDay.path) --clock replay\n"
    text += refused + applied.output
    for (title, query) in day.tables {
      var command = QueryCommand(query)
      command.folder = folder
      let reply = command.run(context)
      guard reply.status == .done else { return reply }
      text += "\n\(title)\n\(reply.output)"
    }
    let why = try why(context)
    guard why.reply.status == .done else { return why.reply }
    return Reply(text + "\n> quartermaster why \(why.record)\n\(why.reply.output)")
  }

  private func last(_ text: String) -> String {
    (text.split(separator: "\n").last.map(String.init) ?? "") + "\n"
  }

  /// Applies the day; the lines that were refused are part of the story.
  private func apply(_ context: ShellContext) -> (reply: Reply, refused: String) {
    let told = Mutex("")
    var listening = context
    listening.complain = { line in told.withLock { $0 += line } }
    var command = ApplyCommand(path: folder + "/" + TemplateDay.path)
    command.folder = folder
    command.clock = .replay
    let reply = command.run(listening)
    return (reply, told.withLock { $0 })
  }

  private func why(_ context: ShellContext) throws -> (record: String, reply: Reply) {
    let project = try ProjectFolder(folder, context)
    let record = try project.reading { session throws(Refusal) -> Result<String, any Error> in
      Result {
        let expression = try AdHocExpression(
          day.why, schema: session.schema, now: Timestamp(milliseconds: 0))
        return try expression.evaluate(session).printed()
      }
    }.get()
    var command = WhyCommand(record)
    command.folder = folder
    return (record, command.run(context))
  }
}
