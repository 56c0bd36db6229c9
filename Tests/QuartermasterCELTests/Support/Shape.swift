@testable import QuartermasterCEL

extension Expr {
  /// The tree with all its brackets, and without ids and places: two trees are the same when these are.
  var shape: String {
    switch kind {
    case .literal(let value, _): return Self.shape(value)
    case .name(let name, let isRooted): return (isRooted ? "." : "") + name
    case .select(let select): return select.shape
    case .call(let call):
      let arguments = call.arguments.map(\.shape).joined(separator: " ")
      guard let target = call.target else { return "(\(call.function) \(arguments))" }
      return "(\(target.shape) -> \(call.function) \(arguments))"
    case .list(let elements):
      return "["
        + elements.map { ($0.isOptional ? "?" : "") + $0.value.shape }.joined(separator: ", ")
        + "]"
    case .map(let entries):
      return "{"
        + entries.map { ($0.isOptional ? "?" : "") + $0.key.shape + ": " + $0.value.shape }
        .joined(separator: ", ") + "}"
    case .has(let select): return "(has \(select.shape))"
    case .comprehension(let loop):
      return "(\(loop.target.shape) -> #\(loop.macro) \(loop.variables.joined(separator: ","))"
        + " | \(loop.filter.map(\.shape) ?? "-") | \(loop.body.shape))"
    case .bind(let name, let value, let body): return "(bind \(name) \(value.shape) \(body.shape))"
    }
  }

  private static func shape(_ value: Value) -> String {
    switch value {
    case .null: return "null"
    case .bool(let flag): return "\(flag)"
    case .int(let number): return "\(number)"
    case .uint(let number): return "\(number)u"
    case .double(let number): return "\(number)"
    case .string(let text): return "'" + text.unicodeScalars.map { Self.plain($0) }.joined() + "'"
    case .bytes(let bytes):
      return "b'" + bytes.map { String($0, radix: 16) }.joined(separator: " ") + "'"
    default: return "?"
    }
  }

  private static func plain(_ scalar: Unicode.Scalar) -> String {
    scalar.value >= 0x20 && scalar.value < 0x7F && scalar != "'"
      ? String(scalar) : "<\(String(scalar.value, radix: 16))>"
  }
}

extension Expr.Select {
  var shape: String { "\(operand.shape)\(isOptional ? ".?" : ".")\(field)" }
}

/// The macros of all libraries.
let everyMacro: Set<String> = [
  "has", "all", "exists", "exists_one", "existsOne", "filter", "map", "sortBy", "groupBy",
  "transformList", "transformMap", "transformMapEntry", "optMap", "optFlatMap", "cel.bind",
  "cel.block", "cel.index", "cel.iterVar", "cel.accuVar",
]

/// Parses a text with all macros.
func parse(_ text: String, macros: Set<String> = everyMacro) throws(DiagnosticList) -> Expr {
  var parser = Parser(ExprSource(text), macros: macros)
  return try parser.parse().root
}
