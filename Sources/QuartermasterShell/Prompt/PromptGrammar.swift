internal import QuartermasterCEL
internal import QuartermasterCore

/// The grammar of a line at the prompt.
///
///     line    = ":" WORD rest | VERB [target] { key ":" value } | EXPRESSION
///     value   = words or a formula, up to the next key | "{" key ":" value { "," key ":" value } "}"
///
/// A verb reads as in a rule file, with its keys behind each other: `set bolts quantity: 20 reserved: 3`. A key is a name
/// with a colon behind it and a space before it, outside quotes and brackets; a whole value in double quotes is words.
enum PromptGrammar {
  /// What a line is.
  enum Line {
    /// Nothing.
    case empty
    /// `:clock +2d`: a command of the prompt.
    case command(String, rest: String)
    /// An action as a mapping, the verb its first key.
    case action(YAMLNode)
    /// Anything else.
    case expression(String)
  }

  /// The keys that hold fields of their own.
  private static let mapKeys: Set<String> = ["match", "fields"]
  /// The keys that take a list.
  private static let listKeys: Set<String> = ["notify", "by", "when"]

  /// Reads a line.
  ///
  /// - Parameters:
  ///   - text: The line.
  ///   - verbs: The words that begin an action.
  /// - Returns: What the line is.
  static func read(_ text: String, verbs: Set<String>) -> Line {
    let file = SourceFile(name: "<input>", text: text)
    let bytes = file.bytes
    var scanner = Scanner(bytes: bytes[...])
    scanner.skipSpaces()
    guard let first = scanner.next else { return .empty }
    // A line may end with a comment, and a script holds lines that are nothing else.
    if first == UInt8(ascii: "#") { return .empty }
    if first == UInt8(ascii: ":") {
      let rest = String(decoding: bytes[(scanner.place + 1)...], as: UTF8.self)
      let word = rest.prefix { !$0.isWhitespace }
      return .command(String(word), rest: trimmed(String(rest[word.endIndex...])))
    }
    let start = scanner.place
    let word = scanner.word()
    let isVerb = verbs.contains(word) && (scanner.next.map(Scanner.isSpace) ?? true)
    guard isVerb else { return .expression(trimmed(text)) }
    let verb = node(.plain, start..<scanner.place, file)
    var pairs: [(key: YAMLNode, value: YAMLNode)] = [
      (verb, value(scanner.value(), key: word, file))
    ]
    while let key = scanner.key() {
      let name = node(.plain, key, file)
      pairs.append((name, value(scanner.value(), key: name.text ?? "", file)))
    }
    let whole = SourceSpan(file: file, range: start..<bytes.count)
    return .action(YAMLNode(kind: .mapping(pairs), span: whole))
  }

  private static func trimmed(_ text: String) -> String {
    var view = text[...]
    while view.first?.isWhitespace == true { view = view.dropFirst() }
    while view.last?.isWhitespace == true { view = view.dropLast() }
    return String(view)
  }

  private static func node(
    _ style: YAMLNode.Style, _ range: Range<Int>, _ file: SourceFile
  ) -> YAMLNode {
    let text = String(decoding: file.bytes[range], as: UTF8.self)
    let source = ExprSource(
      text: text, file: file,
      segments: [ExprSource.Segment(textOffset: 0, fileOffset: range.lowerBound)])
    return YAMLNode(
      kind: .scalar(source, style), span: SourceSpan(file: file, range: range))
  }

  /// Makes a node of the text of a value.
  private static func value(_ range: Range<Int>, key: String, _ file: SourceFile) -> YAMLNode {
    let bytes = file.bytes
    let span = SourceSpan(file: file, range: range)
    guard let first = range.isEmpty ? nil : bytes[range.lowerBound],
      let last = bytes[range].last
    else { return YAMLNode(kind: .empty, span: span) }
    let inner = range.lowerBound + 1..<max(range.lowerBound + 1, range.upperBound - 1)
    if mapKeys.contains(key), first == UInt8(ascii: "{"), last == UInt8(ascii: "}") {
      return mapping(inner, span, file)
    }
    if listKeys.contains(key), first == UInt8(ascii: "["), last == UInt8(ascii: "]") {
      let parts = Scanner(bytes: bytes[inner]).parts()
      return YAMLNode(
        kind: .sequence(parts.map { value($0, key: "", file) }), span: span)
    }
    if first == UInt8(ascii: "\""), range.count > 1, let words = unquoted(bytes[range]) {
      // Words in quotes are words, whatever they look like: as a block of text is in a rule file.
      let source = ExprSource(
        text: words, file: file,
        segments: [ExprSource.Segment(textOffset: 0, fileOffset: inner.lowerBound)])
      return YAMLNode(kind: .scalar(source, .block), span: span)
    }
    return node(.plain, range, file)
  }

  private static func mapping(
    _ range: Range<Int>, _ span: SourceSpan, _ file: SourceFile
  ) -> YAMLNode {
    var pairs: [(key: YAMLNode, value: YAMLNode)] = []
    for part in Scanner(bytes: file.bytes[range]).parts() {
      var scanner = Scanner(bytes: file.bytes[part])
      guard let key = scanner.key() else { return node(.plain, span.range, file) }
      let name = node(.plain, key, file)
      pairs.append((name, value(scanner.value(), key: "", file)))
    }
    return YAMLNode(kind: .mapping(pairs), span: span)
  }

  /// Returns the words of a text that is one pair of double quotes from its first to its last byte, or nil.
  private static func unquoted(_ bytes: ArraySlice<UInt8>) -> String? {
    var words: [UInt8] = []
    var place = bytes.startIndex + 1
    while place < bytes.endIndex - 1 {
      switch bytes[place] {
      case UInt8(ascii: "\""): return nil
      case UInt8(ascii: "\\"):
        place += 1
        switch bytes[place] {
        case UInt8(ascii: "n"): words.append(10)
        case UInt8(ascii: "t"): words.append(9)
        default: words.append(bytes[place])
        }
      default: words.append(bytes[place])
      }
      place += 1
    }
    guard place == bytes.endIndex - 1, bytes[place] == UInt8(ascii: "\"") else { return nil }
    return String(decoding: words, as: UTF8.self)
  }

  /// Returns whether a line is unfinished: a backslash at its end, or a bracket or a text in quotes that is still open.
  ///
  /// - Parameters:
  ///   - text: The line, or the lines so far.
  ///   - verbs: The words that begin an action, whose texts may go over several lines.
  /// - Returns: Whether more lines are to come.
  static func isUnfinished(_ text: String, verbs: Set<String>) -> Bool {
    if text.hasSuffix("\\") { return true }
    let bytes = Array(text.utf8)
    var scanner = Scanner(bytes: bytes[...])
    scanner.skipSpaces()
    if scanner.next == UInt8(ascii: ":") || scanner.next == UInt8(ascii: "#") { return false }
    let isAction = verbs.contains(scanner.word())
    let inner = Scanner(bytes: bytes[...])
    return inner.endsInside || isAction && inner.endsInText
  }
}
