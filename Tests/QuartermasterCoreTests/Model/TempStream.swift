import Foundation

@testable import QuartermasterCEL
@testable import QuartermasterCore

struct StreamRunner {
  struct Summary { var changes = 0; var refused: [Refusal.Reason: Int] = [:] }
  let interpreter: Interpreter
  init(_ i: Interpreter) { interpreter = i }
  func run(_ path: String) throws(Refusal) -> Summary {
    var summary = Summary()
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    for line in text.split(separator: "\n") {
      summary.changes += 1
      guard let json = try? JSONReader.read(String(line)) else { continue }
      if let at = json["at"]?.text, let t = Timestamp(at) { try interpreter.advance(to: t) }
      defer { if ProcessInfo.processInfo.environment["VERBOSE"] != nil { print(summary.changes, line, (try? interpreter.store.records(of: interpreter.schema["Log"]!).map { "\($0.id) \($0.values[2])" }) ?? [], interpreter.lastOutcome().firings.map { "\($0.rule) \($0.record ?? "") r\($0.round)" }) } }
      do throws(Refusal) {
        try interpreter.run { () throws(Refusal) in try self.one(json) }
        try interpreter.advance(to: interpreter.now)
      } catch {
        summary.refused[error.reason, default: 0] += 1
        if ProcessInfo.processInfo.environment["VERBOSE"] != nil { print(summary.changes, error.reason, error.message, error.rule ?? "") }
      }
    }
    return summary
  }
  func one(_ json: JSONValue) throws(Refusal) {
    let op = json["op"]?.text ?? ""
    if op == "signal" {
      var payload: [String: Value] = [:]
      let name = json["name"]?.text ?? ""
      if let fields = json["fields"], case .object(let members) = fields {
        for m in members { payload[m.key] = try FieldType.integer.value(json: m.value, at: m.key) }
      }
      return try interpreter.raise(name, payload)
    }
    let def = try interpreter.definition(json["class"]?.text ?? "")
    let id = json["id"]?.text
    var inputs: [(field: FieldDefinition, input: FieldInput)] = []
    let record = try id.flatMap { (i) throws(Refusal) in try interpreter.store.existing(def.recordType, i) }
    if op == "create", record != nil { throw Refusal(.schema, "there already") }
    if op != "create", record == nil { throw Refusal(.schema, "not there") }
    if op == "delete", let record { return try interpreter.writer.delete(record) }
    if let fields = json["fields"], case .object(let members) = fields {
      for m in members {
        let f = try interpreter.field(m.key, of: def)
        inputs.append((f, .update(try f.update(json: m.value, class: def.name))))
      }
    }
    if let record { try interpreter.writer.set(record, values: inputs) } else {
      _ = try interpreter.writer.create(def, id: id, values: inputs)
    }
  }
}
