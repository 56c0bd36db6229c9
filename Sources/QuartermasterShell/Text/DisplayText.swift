internal import QuartermasterCEL

/// Texts as a terminal shows them: counted in columns, without characters that would move the cursor.
enum DisplayText {
  /// Returns how many columns a text takes; our own colours take none.
  static func width(_ text: String) -> Int {
    var width = 0
    var isColor = false
    for character in text {
      if isColor || character == "\u{1B}" {
        isColor = character != "m"
        continue
      }
      // A cluster takes what its widest part takes: an emoji with modifiers is one picture.
      width += character.unicodeScalars.reduce(0) { max($0, DiagnosticRenderer.width($1)) }
    }
    return width
  }

  /// Returns a text on one line: line ends and tabs as spaces, control characters replaced.
  static func oneLine(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 < 32 || $0 == 127 }) else { return text }
    let spaced = text.split(
      omittingEmptySubsequences: true, whereSeparator: { $0.isNewline || $0 == "\t" }
    ).joined(separator: " ")
    return DiagnosticRenderer.printable(spaced)
  }

  /// Returns a text of at most so many columns; what is cut off leaves an ellipsis.
  static func clipped(_ text: String, to columns: Int) -> String {
    if width(text) <= columns { return text }
    guard columns > 1 else { return String(repeating: "…", count: max(columns, 0)) }
    var result = ""
    var taken = 0
    for character in text {
      let next = width(String(character))
      if taken + next > columns - 1 { break }
      result.append(character)
      taken += next
    }
    return result + "…"
  }

  /// Returns a text filled with spaces to so many columns.
  static func padded(_ text: String, to columns: Int, right: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, columns - width(text)))
    return right ? space + text : text + space
  }

  /// Returns a text broken at spaces into lines of at most so many columns; a longer word stands alone.
  static func wrapped(_ text: String, to columns: Int) -> [String] {
    var lines: [String] = []
    for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
      var line = ""
      for word in paragraph.split(separator: " ") {
        if line.isEmpty {
          line = String(word)
        } else if width(line) + 1 + width(String(word)) <= columns {
          line += " " + word
        } else {
          lines.append(line)
          line = String(word)
        }
      }
      lines.append(line)
    }
    return lines
  }
}
