internal import Foundation
internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster query 'CEL'`: rows and values of the data file.
public struct QueryCommand: Sendable {
  /// The expression, such as `Product.filter(p, p.onHand <= p.reorderPoint)`.
  public var text: String
  /// The project folder.
  public var folder = "."
  /// How the result is printed.
  public var format = DataFormat.text
  /// How many rows are printed for people; 0 for all.
  public var limit = 200
  /// The instant whose state is asked, rebuilt from the journal; nil for the present one.
  public var at: String?
  /// The file to write the result into; nil to print it.
  public var output: String?
  /// Who asks, such as `User/ann` or `ann`, and sees what access.yaml allows him; nil for the system.
  public var actor: String?
  /// Whether to say how it would run instead of running it.
  public var explains = false

  /// Creates the command for an expression.
  public init(_ text: String) { self.text = text }

  /// Runs the command.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      let folder = try ProjectFolder(self.folder, context)
      let past = try at.map { try folder.past($0) }
      defer { past?.close() }
      let now = try past?.instant ?? folder.fileClock() ?? SystemClock.now
      if actor == nil {
        // A mistake in the text is said before a file is looked for.
        _ = try expression(folder, now, nil, context)
      }
      return try folder.present(past) { session in
        let access = try folder.access(of: actor, session)
        let expression = try expression(folder, now, access, context)
        if explains { return Reply(try explanation(expression, session)) }
        let value: Value
        do throws(EvaluationError) { value = try expression.evaluate(session) } catch {
          throw CommandFailure(error, in: expression.checked.parsed.source, context)
        }
        let text = try printed(value, expression.checked.type, session, access, context)
        guard let output else { return Reply(text) }
        return try write(text, of: value, to: output)
      }
    }
  }

  private func expression(
    _ folder: ProjectFolder, _ now: Timestamp, _ access: AccessView?, _ context: ShellContext
  ) throws(CommandFailure) -> AdHocExpression {
    do throws(DiagnosticList) {
      return try AdHocExpression(text, schema: folder.project.schema, now: now, access: access)
    } catch { throw CommandFailure(error, context, status: .usage) }
  }

  private func printed(
    _ value: Value, _ type: CELType, _ session: StoreSession, _ access: AccessView?,
    _ context: ShellContext
  ) throws -> String {
    let shown = ValueText(
      session, width: context.width, limit: output == nil ? limit : 0, access: access)
    switch format {
    case .text: return try shown.text(value, type)
    case .json: return try Self.lines(shown.json(value))
    case .jsonl: return Self.itemLines(try shown.json(value))
    case .csv:
      guard let csv = try ValueText(session, width: context.width, access: access).csv(value) else {
        throw CommandFailure(
          .usage, "csv needs a list of records or of maps, and this is \(value.kindText)")
      }
      return csv
    }
  }

  /// Writes the result into a file, as a whole or not at all.
  private func write(
    _ text: String, of value: Value, to output: String
  ) throws(CommandFailure) -> Reply {
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
    } catch {
      throw CommandFailure(.failure, "\(output) cannot be written: \(error.localizedDescription)")
    }
    guard case .list(let items) = value else { return Reply("wrote \(output)\n") }
    return Reply("wrote \(output): \(Plain.count(items.count, "row"))\n")
  }

  /// Returns JSON Lines: an item of a list a line, any other value on one line.
  static func itemLines(_ json: JSONValue) -> String {
    guard case .array(let items) = json else { return JSONWriter.text(json) + "\n" }
    return items.map { JSONWriter.text($0) + "\n" }.joined()
  }

  /// Returns JSON with an item a line, which both people and programs can page through.
  static func lines(_ json: JSONValue) -> String {
    guard case .array(let items) = json, !items.isEmpty else { return JSONWriter.text(json) + "\n" }
    return "[\n" + items.map { JSONWriter.text($0) }.joined(separator: ",\n") + "\n]\n"
  }

  /// Returns what becomes of the parts of an expression.
  func explanation(_ expression: AdHocExpression, _ session: StoreSession) throws -> String {
    let parts = try expression.explain(session)
    if format == .json {
      return Self.lines(
        .array(
          parts.map { part in
            .object([
              ("pushed", .string(part.pushed)),
              ("inMemory", part.residual.map { .string($0) } ?? .null),
              ("sql", .string(part.sql)), ("usesIndex", .bool(part.usesIndex)),
              ("plan", .array(part.plan.map { .string($0) })),
            ])
          }))
    }
    if parts.isEmpty { return "runs in memory; it asks the data file for no rows\n" }
    return parts.map { part in
      var lines = [
        "in SQL:     \(part.pushed.isEmpty ? "the rows, without a condition" : part.pushed)"
      ]
      if let residual = part.residual { lines.append("in memory:  \(residual)") }
      lines.append("statement:  \(part.sql)")
      lines.append("index:      \(part.usesIndex ? "yes" : "no; it reads a whole table")")
      lines += part.plan.map { "            \($0)" }
      return lines.map { $0 + "\n" }.joined()
    }.joined(separator: "\n")
  }
}

extension CommandFailure {
  /// Creates a failure of an expression that failed when it ran, with the place of the part that did.
  init(_ error: EvaluationError, in source: ExprSource, _ context: ShellContext) {
    let all = 0..<source.text.utf8.count
    let range = error.range.flatMap { $0.upperBound <= all.upperBound ? $0 : nil } ?? all
    let diagnostic = Diagnostic(
      .error, "cel/\(error.code.rawValue)", error.message, at: source.span(range))
    self.init(DiagnosticList([diagnostic]), context, status: .failed)
  }
}
