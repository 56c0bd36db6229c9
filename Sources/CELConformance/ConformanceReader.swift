internal import Foundation
internal import QuartermasterCEL

/// What a test has that the reader does not know.
package struct UnknownForm: Error, CustomStringConvertible {
  /// The part that is not known.
  package let what: String
  package var description: String { "the test has a form that is not known: \(what)" }
}

/// A line of a file of tests.
package enum ConformanceLine: Sendable {
  case test(ConformanceTest)
  /// A test about protobuf messages.
  case protobuf(id: String)
  /// A line that could not be read.
  case unreadable(id: String, expectsError: Bool, problem: String)
}

/// Reads files of tests: a JSON object a line.
package enum ConformanceReader {
  /// Returns the lines of a file.
  ///
  /// - Parameter path: Where the file is.
  /// - Returns: The lines, in order.
  /// - Throws: When it cannot be read. A line that cannot be read is among the result.
  package static func lines(ofFile path: String) throws -> [ConformanceLine] {
    let data = try Data(contentsOf: URL(filePath: path))
    return data.split(separator: UInt8(ascii: "\n")).enumerated().map { number, line in
      self.line(Data(line), number: number + 1)
    }
  }

  private static func line(_ data: Data, number: Int) -> ConformanceLine {
    var id = "line \(number)"
    var expectsError = false
    do {
      let fields = try JSONFields(JSONSerialization.jsonObject(with: data))
      id = fields.text("id")
      expectsError = (fields.object["expected"] as? [String: Any])?["error"] != nil
      if fields.flag("needs_protobuf") { return .protobuf(id: id) }
      return .test(try test(fields))
    } catch {
      return .unreadable(id: id, expectsError: expectsError, problem: "\(error)")
    }
  }

  private static func test(_ fields: JSONFields) throws -> ConformanceTest {
    let expected: ConformanceTest.Expected
    let (kind, payload) = try JSONFields(fields.object["expected"] ?? [:]).only
    switch kind {
    case "value": expected = .value(try value(payload))
    case "error": expected = .failure(payload as? [String] ?? [])
    case "typed_result":
      let typed = try JSONFields(payload)
      expected = .type(
        try type(typed.object["type"] ?? "dyn"), try typed.object["value"].map(value))
    default: throw UnknownForm(what: kind)
    }
    var bindings: [String: Value] = [:]
    for (name, payload) in try JSONFields(fields.object["bindings"] ?? [:]).object {
      bindings[name] = try value(payload)
    }
    let declared = try declarations(fields.object["type_env"] ?? [])
    return ConformanceTest(
      id: fields.text("id"), text: fields.text("expr"), container: fields.text("container"),
      bindings: bindings, variables: declared.variables, functions: declared.functions,
      isChecked: !fields.flag("disable_check"), isEvaluated: !fields.flag("check_only"),
      usesMacros: !fields.flag("disable_macros"), expected: expected)
  }

  // MARK: Declarations and types

  /// Returns the variables and functions that an array of declarations has.
  private static func declarations(
    _ any: Any
  ) throws -> (variables: [VariableDeclaration], functions: [FunctionDeclaration]) {
    var variables: [VariableDeclaration] = []
    var functions: [FunctionDeclaration] = []
    for entry in any as? [Any] ?? [] {
      let entry = try JSONFields(entry)
      if let declared = entry.object["type"] {
        variables.append(VariableDeclaration(entry.text("name"), try type(declared)))
      } else {
        functions.append(try function(entry))
      }
    }
    return (variables, functions)
  }

  private static func function(_ entry: JSONFields) throws -> FunctionDeclaration {
    let overloads = try (entry.object["overloads"] as? [Any] ?? []).map { any in
      let overload = try JSONFields(any)
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

  private static let plainTypes: [String: CELType] = [
    "bool": .bool, "int": .int, "uint": .uint, "double": .double, "string": .string,
    "bytes": .bytes, "null": .null, "dyn": .dyn, "any": .dyn, "timestamp": .timestamp,
    "duration": .duration, "error": .error,
  ]

  private static func type(_ any: Any) throws -> CELType {
    if let name = any as? String {
      guard let type = plainTypes[name] else { throw UnknownForm(what: "the type \(name)") }
      return type
    }
    let (kind, payload) = try JSONFields(any).only
    let parts = payload as? [Any] ?? []
    switch kind {
    case "list": return .list(try type(payload))
    case "map" where parts.count == 2:
      return .map(key: try type(parts[0]), value: try type(parts[1]))
    case "type": return .type(try type(payload))
    case "param": return .parameter(payload as? String ?? "")
    case "abstract":
      let arguments = try parts.dropFirst().map(type)
      let name = parts.first as? String ?? ""
      if name == "optional_type" { return .optional(arguments.first ?? .dyn) }
      return .abstract(name, arguments)
    default: throw UnknownForm(what: "the type \(kind)")
    }
  }

  // MARK: Values

  private static func value(_ any: Any) throws -> Value {
    let (kind, payload) = try JSONFields(any).only
    let text = payload as? String ?? ""
    switch kind {
    case "null": return .null
    case "bool": return .bool(payload as? Bool ?? false)
    case "int": return .int(try known(Int64(text), text))
    case "uint": return .uint(try known(UInt64(text), text))
    case "double": return .double(try double(payload))
    case "string": return .string(text)
    case "bytes": return .bytes(try known(Base64.decode(text), text))
    case "list": return .list(try (payload as? [Any] ?? []).map(value))
    case "map":
      let entries = try (payload as? [[Any]] ?? []).map { pair in
        guard pair.count == 2 else { throw UnknownForm(what: "\(pair)") }
        return (key: try value(pair[0]), value: try value(pair[1]))
      }
      return .map(try known(MapValue(entries), "\(payload)"))
    case "type": return .type(TypeValue(text))
    case "timestamp": return .timestamp(try known(Timestamp(text), text))
    case "duration": return .duration(try known(TimeSpan(text, allowsDays: false), text))
    default: throw UnknownForm(what: "the value \(kind)")
    }
  }

  private static func double(_ payload: Any) throws -> Double {
    guard let text = payload as? String else {
      return try known(payload as? Double, "\(payload)")
    }
    switch text {
    case "NaN": return .nan
    case "Infinity": return .infinity
    case "-Infinity": return -.infinity
    default: return try known(Double(text), text)
    }
  }

  private static func known<T>(_ value: T?, _ text: String) throws -> T {
    guard let value else { throw UnknownForm(what: text) }
    return value
  }
}

/// A JSON object.
struct JSONFields {
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
