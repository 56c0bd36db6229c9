internal import QuartermasterCEL

/// What a person most likely did where libyaml stopped.
struct YAMLTrap {
  /// What to say.
  let diagnostic: Diagnostic
  /// The value to be stepped over so that the rest of the file can be read; nil when it cannot.
  let value: Range<Int>?

  /// Finds the mistake behind a failure.
  static func find(_ failure: YAMLFailure, in file: SourceFile, _ bytes: [UInt8]) -> YAMLTrap {
    var search = Search(failure: failure, file: file, bytes: bytes)
    return search.find()
  }

  /// Whether a text has a parenthesis or bracket that it does not close, quotes taken into account.
  static func isUnclosed(_ text: String) -> Bool {
    var depth = 0
    var quote: UInt8?
    for byte in text.utf8 {
      if let open = quote {
        if byte == open { quote = nil }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "'"): quote = byte
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      default: break
      }
    }
    return depth > 0
  }

  /// Returns the text from an offset to the end of its line, without a comment and blanks at the end.
  static func restOfValue(from start: Int, in bytes: [UInt8]) -> Range<Int> {
    var end = start
    while end < bytes.count, bytes[end] != 0x0A, bytes[end] != 0x0D {
      if bytes[end] == UInt8(ascii: "#"), end > start, isBlank(bytes[end - 1]) { break }
      end += 1
    }
    while end > start, isBlank(bytes[end - 1]) { end -= 1 }
    return start..<end
  }

  fileprivate static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}

/// The search for a mistake near a failure.
private struct Search {
  let failure: YAMLFailure
  let file: SourceFile
  let bytes: [UInt8]

  private func span(_ range: Range<Int>) -> SourceSpan { SourceSpan(file: file, range: range) }

  private func text(_ range: Range<Int>) -> String {
    String(decoding: file.bytes[range], as: UTF8.self)
  }

  private func byte(_ offset: Int) -> UInt8? {
    bytes.indices.contains(offset) ? bytes[offset] : nil
  }

  /// The place of one character.
  private func character(_ offset: Int) -> SourceSpan {
    var end = min(offset + 1, bytes.count)
    while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
    return span(min(offset, bytes.count)..<end)
  }

  mutating func find() -> YAMLTrap {
    if failure.problem == "nesting" || failure.problem.contains("Maximum nesting") {
      return YAMLTrap(diagnostic: .yamlDepth(character(failure.offset)), value: nil)
    }
    if failure.problem.contains("control characters") {
      let diagnostic = Diagnostic.yamlCharacter(
        byte(failure.offset) ?? 0, character(failure.offset))
      return YAMLTrap(diagnostic: diagnostic, value: failure.offset..<(failure.offset + 1))
    }
    if failure.problem.contains("escape") || failure.problem.contains("hexdecimal") {
      return YAMLTrap(diagnostic: .yamlEscape(character(failure.offset)), value: nil)
    }
    if let tab = tab() { return YAMLTrap(diagnostic: .yamlTab(character(tab)), value: nil) }
    if failure.problem == "found unexpected end of stream", let start = failure.contextOffset {
      return unclosedQuote(start)
    }
    if let start = quoteFromAbove() {
      return YAMLTrap(diagnostic: .yamlUnclosedQuote(character(start)), value: nil)
    }
    let candidates = [failure.offset, failure.contextOffset, previousLine(failure.offset)]
    for offset in candidates.compactMap({ $0 }) {
      if let value = value(onLineOf: offset), let trap = trap(in: value) { return trap }
    }
    return general()
  }

  /// A tab at the failure, or in the indentation of its line.
  private func tab() -> Int? {
    if failure.problem.contains("tab"), byte(failure.offset) == 0x09 { return failure.offset }
    guard failure.problem.contains("cannot start any token") || failure.problem.contains("tab")
    else { return nil }
    let start = lineStart(failure.offset)
    let indentation = bytes[start...].prefix { YAMLTrap.isBlank($0) }
    return indentation.firstIndex(of: 0x09) ?? (byte(failure.offset) == 0x09 ? failure.offset : nil)
  }

  private func unclosedQuote(_ start: Int) -> YAMLTrap {
    // Often the quote is a value's first character and the value has two of them: `"GB" in x || y == "FR`.
    if let value = value(onLineOf: start), value.lowerBound == start, let trap = trap(in: value) {
      return trap
    }
    return YAMLTrap(diagnostic: .yamlUnclosedQuote(character(start)), value: nil)
  }

  /// The quote of a value above that ends only on the line of the failure: most likely its own end was left out.
  private func quoteFromAbove() -> Int? {
    let failed = lineStart(failure.offset)
    var line = failed
    while line > 0 {
      line = lineStart(line - 1)
      guard let value = value(onLineOf: line), closingQuote(value) == nil else { continue }
      let quote = bytes[value.lowerBound]
      guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else { continue }
      let rest = value.lowerBound..<bytes.count
      guard let end = closingQuote(rest), lineStart(end) == failed else { return nil }
      return value.lowerBound
    }
    return nil
  }

  private func lineStart(_ offset: Int) -> Int {
    var start = min(offset, bytes.count)
    while start > 0, bytes[start - 1] != 0x0A { start -= 1 }
    return start
  }

  /// An offset on the nearest line above that is not blank.
  private func previousLine(_ offset: Int) -> Int? {
    var start = lineStart(offset)
    while start > 0 {
      start = lineStart(start - 1)
      if !YAMLTrap.restOfValue(from: start, in: bytes).isEmpty { return start }
    }
    return nil
  }

  /// Returns the value on a line: what stands after dashes and `key: `.
  private func value(onLineOf offset: Int) -> Range<Int>? {
    var start = lineStart(offset)
    if isInBlockText(start) { return nil }
    let line = YAMLTrap.restOfValue(from: start, in: bytes)
    func skipBlanks() {
      while start < line.upperBound, YAMLTrap.isBlank(bytes[start]) { start += 1 }
    }
    skipBlanks()
    while start + 1 < line.upperBound, bytes[start] == UInt8(ascii: "-"),
      YAMLTrap.isBlank(bytes[start + 1])
    {
      start += 1
      skipBlanks()
    }
    var place = start
    while place < line.upperBound, Self.mayStandInKey(bytes[place]) {
      if bytes[place] == UInt8(ascii: ":") {
        guard let next = byte(place + 1), YAMLTrap.isBlank(next) else { break }
        start = place + 1
        skipBlanks()
        break
      }
      place += 1
    }
    return start < line.upperBound ? start..<line.upperBound : nil
  }

  /// Whether a line belongs to a text below a `|` or `>`, where quotes and brackets mean nothing.
  private func isInBlockText(_ start: Int) -> Bool {
    func indentation(_ start: Int) -> Int {
      bytes[start...].prefix { YAMLTrap.isBlank($0) }.count
    }
    let own = indentation(start)
    var line = start
    while line > 0 {
      line = lineStart(line - 1)
      let written = YAMLTrap.restOfValue(from: line, in: bytes)
      if written.isEmpty || indentation(line) >= own { continue }
      var end = written.upperBound
      while end > written.lowerBound,
        [UInt8(ascii: "-"), UInt8(ascii: "+")].contains(bytes[end - 1])
      {
        end -= 1
      }
      guard end - 1 > written.lowerBound, YAMLTrap.isBlank(bytes[end - 2]) else { return false }
      return bytes[end - 1] == UInt8(ascii: "|") || bytes[end - 1] == UInt8(ascii: ">")
    }
    return false
  }

  private static func mayStandInKey(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
      UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: " "):
      true
    default: byte >= 0x80
    }
  }

  /// Judges a value by its first character.
  private func trap(in value: Range<Int>) -> YAMLTrap? {
    let first = bytes[value.lowerBound]
    switch first {
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      guard let close = closingQuote(value), close + 1 < value.upperBound else { return nil }
      return YAMLTrap(
        diagnostic: .yamlAfterQuote(text(value), span(value)), value: value)
    case UInt8(ascii: "["), UInt8(ascii: "{"):
      guard let close = closingBracket(value), close + 1 < value.upperBound else { return nil }
      return YAMLTrap(
        diagnostic: .yamlAfterBracket(
          String(decoding: [first], as: UTF8.self), text(value), span(value)), value: value)
    case UInt8(ascii: "!"), UInt8(ascii: "*"), UInt8(ascii: "&"), UInt8(ascii: "%"),
      UInt8(ascii: "@"), UInt8(ascii: "`"):
      return YAMLTrap(
        diagnostic: .yamlReserved(first, value: text(value), span(value)), value: value)
    case UInt8(ascii: "|"), UInt8(ascii: ">"):
      guard failure.context.contains("block scalar") else { return nil }
      return YAMLTrap(
        diagnostic: .yamlReserved(first, value: text(value), span(value)), value: value)
    default:
      guard failure.problem.contains("mapping values are not allowed"),
        value.contains(failure.offset)
      else { return nil }
      // The caret goes to the colon; the whole value is stepped over.
      return YAMLTrap(
        diagnostic: .yamlColon(character(failure.offset), value: span(value)), value: value)
    }
  }

  private func closingQuote(_ value: Range<Int>) -> Int? {
    let quote = bytes[value.lowerBound]
    var place = value.lowerBound + 1
    while place < value.upperBound {
      if quote == UInt8(ascii: "\""), bytes[place] == UInt8(ascii: "\\") {
        place += 2
        continue
      }
      if bytes[place] == quote {
        guard quote == UInt8(ascii: "'"), byte(place + 1) == quote else { return place }
        place += 1
      }
      place += 1
    }
    return nil
  }

  private func closingBracket(_ value: Range<Int>) -> Int? {
    var depth = 0
    var quote: UInt8?
    for place in value {
      let byte = bytes[place]
      if let open = quote {
        if byte == open { quote = nil }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "'"): quote = byte
      case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        depth -= 1
        if depth == 0 { return place }
      default: break
      }
    }
    return nil
  }

  /// What can be said without a known mistake in a value.
  private func general() -> YAMLTrap {
    let line = YAMLTrap.restOfValue(from: lineStart(failure.offset), in: bytes)
    let start = line.first { !YAMLTrap.isBlank(bytes[$0]) } ?? line.lowerBound
    let written = start..<max(start, line.upperBound)
    let problem = failure.problem
    let diagnostic: Diagnostic
    if byte(start) == UInt8(ascii: ":") {
      diagnostic = .yamlKey(character(start))
    } else if problem.contains("mapping values are not allowed") {
      diagnostic = continued(written)
    } else if problem.contains("could not find expected ':'") {
      diagnostic = noColon(at: failure.contextOffset ?? failure.offset)
    } else if failure.context.contains("flow") {
      diagnostic = flow()
    } else if problem.contains("alphabetic or numeric character"), let open = openBracket() {
      // `"a" && b` inside { }: what YAML takes for an anchor is an operator.
      diagnostic = .yamlFlow(open == UInt8(ascii: "[") ? "]" : "}", character(failure.offset))
    } else if problem.contains("did not find expected key")
      || problem.contains("did not find expected '-' indicator")
    {
      diagnostic = .yamlIndentation(span(written))
    } else if problem.contains("block sequence entries are not allowed") {
      diagnostic = .yamlListPlace(character(failure.offset))
    } else if problem.contains("document start") || problem.contains("document indicator") {
      diagnostic = .yamlIndentation(span(written))
    } else {
      diagnostic = .yamlOther(failure, character(failure.offset))
    }
    return YAMLTrap(diagnostic: diagnostic, value: nil)
  }

  /// A key after a text that YAML reads on into its line.
  private func continued(_ line: Range<Int>) -> Diagnostic {
    if failure.context.contains("flow") { return .yamlColon(character(failure.offset)) }
    guard let above = previousLine(failure.offset) else { return .yamlContinued(span(line)) }
    let written = bytes[above...].firstIndex { !YAMLTrap.isBlank($0) } ?? above
    let isDeeper = line.lowerBound - lineStart(failure.offset) > written - above
    return isDeeper ? .yamlContinued(span(line)) : noColon(at: written)
  }

  private func noColon(at start: Int) -> Diagnostic {
    let range = YAMLTrap.restOfValue(from: start, in: bytes)
    let written = text(range)
    var spaced: String?
    if let colon = bytes[range].firstIndex(of: UInt8(ascii: ":")), colon + 1 < range.upperBound,
      bytes[start..<colon].allSatisfy(Self.mayStandInKey)
    {
      spaced = text(range.lowerBound..<colon) + ": " + text((colon + 1)..<range.upperBound)
    }
    return .yamlNoColon(written, spaced: spaced, span(range))
  }

  /// The bracket of the line that is open at the failure, if one is.
  private func openBracket() -> UInt8? {
    var open: [UInt8] = []
    var quote: UInt8?
    for byte in bytes[lineStart(failure.offset)..<min(failure.offset, bytes.count)] {
      if let closing = quote {
        if byte == closing { quote = nil }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "'"): quote = byte
      case UInt8(ascii: "["), UInt8(ascii: "{"): open.append(byte)
      case UInt8(ascii: "]"), UInt8(ascii: "}"): _ = open.popLast()
      default: break
      }
    }
    return open.last
  }

  private func flow() -> Diagnostic {
    let isList = failure.context.contains("sequence")
    let isAtEnd =
      failure.offset >= bytes.count
      || failure.contextOffset.map { lineStart($0) != lineStart(failure.offset) } ?? false
    if isAtEnd, let start = failure.contextOffset {
      return .yamlUnclosedBracket(isList ? "[" : "{", character(start))
    }
    if byte(failure.offset) == UInt8(ascii: ":") { return .yamlColon(character(failure.offset)) }
    return .yamlFlow(isList ? "]" : "}", character(failure.offset))
  }
}
