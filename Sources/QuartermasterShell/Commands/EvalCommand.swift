internal import Foundation
internal import QuartermasterCEL
internal import QuartermasterCore

/// `quartermaster eval 'CEL'`: an expression by itself, without a project.
public struct EvalCommand: Sendable {
  /// The expression.
  public var text: String
  /// The values of its names: a JSON object, or `@` and the path of a file that holds one.
  public var bindings: String?
  /// The types of its names: JSON, or `@` and the path of a file that holds it.
  ///
  /// An object of names and types, `{"quantity": "int", "tags": {"list": "string"}}`, or a list of declarations as the
  /// published conformance tests have it. A name without a type may have any.
  public var typeEnvironment: String?
  /// How the result is printed.
  public var format = DataFormat.text

  /// Creates the command for an expression.
  public init(_ text: String) { self.text = text }

  /// Runs the command.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      let types = try readTypes()
      var values = try readBindings()
      var environment = CELEnvironment.everything
      environment.checksNull = false
      for name in values.keys.sorted() {
        environment.declare(VariableDeclaration(name, .dyn))
      }
      for (name, type) in types {
        environment.declare(VariableDeclaration(name, type))
        if let value = values[name] { values[name] = try type.typed(value, name) }
      }
      environment.declare(
        VariableDeclaration("now", .timestamp, storage: .constant(.timestamp(SystemClock.now))))
      let program: Program
      do throws(DiagnosticList) { program = try environment.compile(text) } catch {
        throw CommandFailure(error, context, status: .usage)
      }
      let value: Value
      do throws(EvaluationError) { value = try program.evaluate(values) } catch {
        throw CommandFailure(error, in: program.source, context)
      }
      let shown = ValueText(nil, width: context.width)
      switch format {
      case .text: return Reply(value.description + "\n")
      case .json: return Reply(JSONWriter.text(try shown.json(value)) + "\n")
      case .jsonl: return Reply(QueryCommand.itemLines(try shown.json(value)))
      case .csv:
        guard let csv = try shown.csv(value) else {
          throw CommandFailure(.usage, "csv needs a list of maps, and this is \(value.kindText)")
        }
        return Reply(csv)
      }
    }
  }

  private func readTypes() throws(CommandFailure) -> [(name: String, type: CELType)] {
    guard let typeEnvironment else { return [] }
    return try TypeEnvironment.declarations(try readJSON(typeEnvironment, "--type-env"))
  }

  /// Returns the JSON of an option: its text, or what is in the file that it names.
  private func readJSON(_ given: String, _ option: String) throws(CommandFailure) -> JSONValue {
    var text = given
    if given.hasPrefix("@") {
      let path = String(given.dropFirst())
      guard let data = FileManager.default.contents(atPath: path) else {
        throw CommandFailure(.badInput, "\(path) is not there, or cannot be read")
      }
      text = String(decoding: data, as: UTF8.self)
    }
    do { return try JSONReader.read(text) } catch {
      throw CommandFailure(
        .usage, "\(option) is not JSON: \(error.message), at byte \(error.offset + 1)")
    }
  }

  private func readBindings() throws(CommandFailure) -> [String: Value] {
    guard let bindings else { return [:] }
    let json = try readJSON(bindings, "--bindings")
    guard case .object(let members) = json else {
      throw CommandFailure(.usage, "--bindings needs an object, not \(json.kindText)")
    }
    var values: [String: Value] = [:]
    for (name, member) in members {
      do throws(Refusal) {
        let wrapped = try FieldType.array(of: nil).value(json: .array([member]), at: name)
        if case .list(let items) = wrapped { values[name] = items.first ?? .null }
      } catch { throw CommandFailure(.usage, error.message) }
    }
    return values
  }
}
