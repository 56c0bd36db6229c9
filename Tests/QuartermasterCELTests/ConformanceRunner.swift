import Foundation

@testable import QuartermasterCEL

/// One test of the published conformance suite, as a line of JSON has it.
struct ConformanceTest: Sendable {
  let id: String
  let text: String
  let container: String
  let bindings: [String: Value]
  let variables: [VariableDeclaration]
  let functions: [FunctionDeclaration]
  let isChecked: Bool
  let isEvaluated: Bool
  let expected: Expected

  enum Expected: Sendable {
    case value(Value)
    case failure
    case type(CELType, Value?)
  }
}

/// Runs tests of the conformance suite.
enum Conformance {
  /// The folder of the suite, or nil when it is not there.
  static let folder: URL? = {
    let file = URL(filePath: #filePath)
    let root = file.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let here = URL(filePath: FileManager.default.currentDirectoryPath)
    let candidates = [root, here].map {
      $0.deletingLastPathComponent().appending(path: "shared/cel-conformance")
    }
    return candidates.first { FileManager.default.fileExists(atPath: $0.path()) }
  }()

  /// Returns the tests of a file; empty when the suite is not there.
  static func tests(_ file: String) throws -> [ConformanceTest] {
    guard let folder else { return [] }
    let text = try String(contentsOf: folder.appending(path: file + ".jsonl"), encoding: .utf8)
    return try text.utf8.split(separator: UInt8(ascii: "\n")).map { line in
      let object = try JSONSerialization.jsonObject(with: Data(line))
      return try test(Fields(object))
    }
  }

  /// The environment of a test: all libraries that the suite is about.
  static func environment(_ test: ConformanceTest) -> CELEnvironment {
    var environment = CELEnvironment(libraries: [
      .standard, .math, .strings, .optionals, .bindings, .pairs, .encoders,
      CELLibrary(
        name: "test", functions: test.functions,
        macros: ["cel.block", "cel.index", "cel.iterVar", "cel.accuVar"]),
    ])
    environment.checksNull = false
    environment.container = test.container
    for variable in test.variables { environment.declare(variable) }
    return environment
  }

  /// Runs a test; returns what is wrong, or nil.
  static func run(_ test: ConformanceTest, checked: Bool) -> String? {
    let environment = environment(test)
    do {
      let parsed = try environment.parse(ExprSource(test.text))
      let program: Program
      if checked {
        let result = try environment.check(parsed)
        if case .type(let type, _) = test.expected, result.type != type {
          return "has the type \(result.type), not \(type)"
        }
        program = environment.program(result)
      } else {
        program = environment.uncheckedProgram(parsed)
      }
      guard test.isEvaluated else { return nil }
      let value = try program.evaluate(test.bindings)
      switch test.expected {
      case .value(let expected), .type(_, let expected?):
        return same(value, expected) ? nil : "gave \(value), not \(expected)"
      case .failure: return "gave \(value), but should fail"
      case .type: return nil
      }
    } catch {
      if case .failure = test.expected { return nil }
      if let list = error as? DiagnosticList {
        return "was refused: " + list.items.map(\.message).joined(separator: "; ")
      }
      return "failed: " + ((error as? EvaluationError)?.message ?? "\(error)")
    }
  }

  /// Whether two values are the same, types included.
  static func same(_ a: Value, _ b: Value) -> Bool {
    guard UTF8Text.equal(a.typeName, b.typeName) else { return false }
    switch (a, b) {
    case (.double(let x), .double(let y)): return x == y || (x.isNaN && y.isNaN)
    case (.list(let x), .list(let y)): return x.count == y.count && zip(x, y).allSatisfy(same)
    case (.map(let x), .map(let y)):
      return x.count == y.count
        && x.entries.allSatisfy { entry in
          y.entries.contains { same($0.key, entry.key) && same($0.value, entry.value) }
        }
    default: return Value.equal(a, b)
    }
  }
}

/// What a file of the suite has that this reader does not know.
struct UnknownForm: Error {
  let what: String
}

/// A JSON object.
private struct Fields {
  let object: [String: Any]
  init(_ any: Any) throws {
    guard let object = any as? [String: Any] else { throw UnknownForm(what: "\(any)") }
    self.object = object
  }
  func text(_ name: String) -> String { object[name] as? String ?? "" }
  func flag(_ name: String) -> Bool { object[name] as? Bool ?? false }
  /// The only entry.
  var only: (String, Any) {
    get throws {
      guard object.count == 1, let entry = object.first else {
        throw UnknownForm(what: "\(object)")
      }
      return (entry.key, entry.value)
    }
  }
}

extension Conformance {
  private static func test(_ fields: Fields) throws -> ConformanceTest {
    let expected: ConformanceTest.Expected
    let (kind, payload) = try Fields(fields.object["expected"] ?? [:]).only
    switch kind {
    case "value": expected = .value(try value(payload))
    case "error": expected = .failure
    case "typed_result":
      let typed = try Fields(payload)
      expected = .type(
        try type(typed.object["type"] ?? "dyn"), try typed.object["value"].map(value))
    default: throw UnknownForm(what: kind)
    }
    var bindings: [String: Value] = [:]
    for (name, payload) in try Fields(fields.object["bindings"] ?? [:]).object {
      bindings[name] = try value(payload)
    }
    var variables: [VariableDeclaration] = []
    var functions: [FunctionDeclaration] = []
    for entry in fields.object["type_env"] as? [Any] ?? [] {
      let entry = try Fields(entry)
      if let declared = entry.object["type"] {
        variables.append(VariableDeclaration(entry.text("name"), try type(declared)))
      } else {
        functions.append(try function(entry))
      }
    }
    return ConformanceTest(
      id: fields.text("id"), text: fields.text("expr"), container: fields.text("container"),
      bindings: bindings, variables: variables, functions: functions,
      isChecked: !fields.flag("disable_check"), isEvaluated: !fields.flag("check_only"),
      expected: expected)
  }

  private static func function(_ entry: Fields) throws -> FunctionDeclaration {
    let overloads = try (entry.object["overloads"] as? [Any] ?? []).map { any in
      let overload = try Fields(any)
      return Overload(
        overload.text("id"), isMember: overload.flag("member"),
        try (overload.object["params"] as? [Any] ?? []).map(type),
        returns: try type(overload.object["result"] ?? "dyn"),
        .variadic { _ throws(EvaluationError) in
          throw EvaluationError(.unknownFunction, "it is only declared")
        })
    }
    return FunctionDeclaration(entry.text("name"), "", overloads: overloads)
  }

  private static func type(_ any: Any) throws -> CELType {
    if let name = any as? String {
      switch name {
      case "bool": return .bool
      case "int": return .int
      case "uint": return .uint
      case "double": return .double
      case "string": return .string
      case "bytes": return .bytes
      case "null": return .null
      case "dyn", "any": return .dyn
      case "timestamp": return .timestamp
      case "duration": return .duration
      case "error": return .error
      default: throw UnknownForm(what: name)
      }
    }
    let (kind, payload) = try Fields(any).only
    switch kind {
    case "list": return .list(try type(payload))
    case "map":
      let parts = try (payload as? [Any] ?? []).map(type)
      return .map(key: parts[0], value: parts[1])
    case "type": return .type(try type(payload))
    case "param": return .parameter(payload as? String ?? "")
    case "abstract":
      let parts = payload as? [Any] ?? []
      let arguments = try parts.dropFirst().map(type)
      let name = parts.first as? String ?? ""
      return name == "optional_type" ? .optional(arguments[0]) : .abstract(name, arguments)
    default: throw UnknownForm(what: kind)
    }
  }

  private static func value(_ any: Any) throws -> Value {
    let (kind, payload) = try Fields(any).only
    let text = payload as? String ?? ""
    switch kind {
    case "null": return .null
    case "bool": return .bool(payload as? Bool ?? false)
    case "int": return .int(try number(Int64(text), text))
    case "uint": return .uint(try number(UInt64(text), text))
    case "double":
      if let number = payload as? Double, !(payload is String) { return .double(number) }
      return .double(
        text == "NaN" ? .nan : text == "Infinity" ? .infinity : try number(Double(text), text))
    case "string": return .string(text)
    case "bytes": return .bytes(try number(Base64.decode(text), text))
    case "list": return .list(try (payload as? [Any] ?? []).map(value))
    case "map":
      let entries = try (payload as? [[Any]] ?? []).map {
        (key: try value($0[0]), value: try value($0[1]))
      }
      return .map(try number(MapValue(entries), "\(payload)"))
    case "type": return .type(TypeValue(text))
    case "timestamp": return .timestamp(try number(Timestamp(text), text))
    case "duration": return .duration(try number(TimeSpan(text, allowsDays: false), text))
    default: throw UnknownForm(what: kind)
    }
  }

  private static func number<T>(_ value: T?, _ text: String) throws -> T {
    guard let value else { throw UnknownForm(what: text) }
    return value
  }
}
