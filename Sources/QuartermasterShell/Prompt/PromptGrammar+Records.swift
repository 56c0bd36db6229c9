internal import QuartermasterCore

/// Records as they are shown everywhere: `Order/000123`.
extension PromptGrammar {
  /// Writes `Order["000123"]` for `Order/000123`, outside texts in quotes.
  static func qualified(_ line: String, _ schema: Schema) -> String {
    if !line.utf8.contains(UInt8(ascii: "/")) { return line }
    var result = ""
    var isQuoted = false
    var rest = line[...]
    while let character = rest.first {
      if character == "\"" { isQuoted.toggle() }
      let isStart = result.unicodeScalars.last.map { !isIDScalar($0) && $0 != "." } ?? true
      if !isQuoted, isStart, character.isLetter {
        let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        let after = rest[name.endIndex...]
        if after.first == "/", schema[String(name)] != nil {
          let id = after.dropFirst().prefix { $0.unicodeScalars.allSatisfy(isIDScalar) }
          if !id.isEmpty {
            result += "\(name)[\"\(id)\"]"
            rest = rest[id.endIndex...]
            continue
          }
        }
        result += name
        rest = after
        continue
      }
      result.append(character)
      rest = rest.dropFirst()
    }
    return result
  }

  /// Whether a character may be part of an id that is written without quotes.
  static func isIDScalar(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == "_"
      || scalar == "-"
  }
}
