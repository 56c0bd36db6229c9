extension JSONWriter {
  /// Returns a JSON text for people: a member or an item a line, two blanks a level; what is short stays on its line.
  package static func lines(_ value: JSONValue) -> String { lines(value, at: 0) + "\n" }

  private static func lines(_ value: JSONValue, at depth: Int) -> String {
    let flat = spaced(value)
    if flat.utf8.count + 2 * depth <= 96 { return flat }
    let (outer, inner) = (
      String(repeating: "  ", count: depth), String(repeating: "  ", count: depth + 1)
    )
    switch value {
    case .array(let items):
      return "[\n" + items.map { inner + lines($0, at: depth + 1) }.joined(separator: ",\n")
        + "\n\(outer)]"
    case .object(let members):
      let parts = members.map {
        inner + text(.string($0.key)) + ": " + lines($0.value, at: depth + 1)
      }
      return "{\n" + parts.joined(separator: ",\n") + "\n\(outer)}"
    default: return flat
    }
  }

  /// Returns a JSON text on one line, with a blank behind commas and colons.
  static func spaced(_ value: JSONValue) -> String {
    switch value {
    case .array(let items): return "[" + items.map(spaced).joined(separator: ", ") + "]"
    case .object(let members):
      let parts = members.map { text(.string($0.key)) + ": " + spaced($0.value) }
      return "{" + parts.joined(separator: ", ") + "}"
    default: return text(value)
    }
  }
}
