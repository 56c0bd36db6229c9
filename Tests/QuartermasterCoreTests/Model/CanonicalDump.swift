import Foundation

@testable import QuartermasterCEL
@testable import QuartermasterCore

/// The state of a file as the reference model writes it: rows by class and id, ids made by the engine as `Class#n`.
struct CanonicalDump {
  let classes: [String: [[String: Any]]]
  let outbox: [[String: Any]]

  /// Ids that the engine makes start with a digit; the streams of the model's generator give ids with letters.
  init(_ interpreter: Interpreter) throws {
    let schema = interpreter.schema
    var names: [String: String] = [:]
    for definition in schema.classes {
      let made = try interpreter.store.records(of: definition).map(\.id)
        .filter { $0.first?.isNumber == true }
      for (place, id) in made.enumerated() {
        names["\(definition.name)/\(id)"] = "\(definition.name)#\(place + 1)"
      }
    }
    var classes: [String: [[String: Any]]] = [:]
    for definition in schema.classes where !definition.isSystem {
      var rows: [[String: Any]] = []
      for record in try interpreter.store.records(of: definition) {
        var row: [String: Any] = [
          "id": names["\(definition.name)/\(record.id)"] ?? record.id
        ]
        for field in definition.fields {
          guard let slot = field.slot else { continue }
          let value = record.values[slot]
          if case .null = value { continue }
          if let target = field.target, case .string(let id) = value {
            row[field.name] = names["\(target)/\(id)"] ?? id
          } else {
            row[field.name] = try Self.shown(value)
          }
        }
        rows.append(row)
      }
      classes[definition.name] = rows.sorted { a, b in
        Self.order(a["id"] as? String ?? "") < Self.order(b["id"] as? String ?? "")
      }
    }
    self.classes = classes
    guard let message = schema["Message"] else {
      outbox = []
      return
    }
    outbox = try interpreter.store.records(of: message).map { record in
      var row: [String: Any] = [:]
      for name in ["rule", "to", "message", "title"] {
        if let slot = message[name]?.slot, case .string(let text) = record.values[slot] {
          row[name] = name == "to" ? names[text] ?? text : text
        }
      }
      return row
    }
  }

  private static func shown(_ value: Value) throws -> Any {
    switch value {
    case .bool(let flag): flag
    case .int(let number): number
    case .double(let number): number
    case .list(let items): try items.map(shown)
    default: try value.printed()
    }
  }

  /// Ids of the host by their text, then `Class#n` by n.
  private static func order(_ id: String) -> (Int, String, Int) {
    guard let mark = id.lastIndex(of: "#"), let number = Int(id[id.index(after: mark)...]) else {
      return (0, id, 0)
    }
    return (1, String(id[..<mark]), number)
  }
}
