internal import QuartermasterCEL

/// Writes a YAML file anew: two blanks a level, a key or an item a line, at most one blank line in a row.
///
/// A comment keeps its place among its neighbours. Which of several lists and maps that end together a comment behind them
/// belongs to is told by its column, as a reader would.
struct YAMLPrinter {
  private let file: SourceFile
  private let comments: [FileComment]
  private let scalarText: (YAMLNode, _ isInFlow: Bool) -> String
  private var nextComment = 0
  private var lines: [String] = []
  /// Whether a blank line may not follow: at the start, and below `key:`.
  private var opensBlock = true
  /// Behind how many lines blank lines count, because a block text keeps them.
  private var keptLines = -1

  /// Creates a printer.
  ///
  /// - Parameters:
  ///   - file: The file; its lines end with a line feed alone.
  ///   - comments: Its comments, in order.
  ///   - scalarText: Gives a scalar of one line as it is to be written.
  init(
    file: SourceFile, comments: [FileComment],
    scalarText: @escaping (YAMLNode, _ isInFlow: Bool) -> String
  ) {
    self.file = file
    self.comments = comments
    self.scalarText = scalarText
  }

  /// Returns the text of a document that is a list, or nothing.
  mutating func print(_ root: YAMLNode) -> String {
    let end = file.bytes.count + 1
    if case .sequence(let items) = root.kind {
      if root.isFlow {
        printComments(before: root.span.range.lowerBound, at: 0)
        printValue(root, after: "", at: -2, keyEnd: root.span.range.lowerBound)
      } else {
        printItems(items, of: root, at: 0, first: nil, until: end, isTop: true)
      }
    }
    printComments(before: end, at: 0)
    while lines.count > max(keptLines, 0), lines.last == "" { lines.removeLast() }
    return lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n"
  }

  // MARK: - Lists and maps

  private mutating func printItems(
    _ items: [YAMLNode], of list: YAMLNode, at indent: Int, first: String?, until end: Int,
    isTop: Bool = false, parentColumn: Int = -1
  ) {
    var prefix = first
    for (number, item) in items.enumerated() {
      let start = item.span.range.lowerBound
      let until = number + 1 < items.count ? items[number + 1].span.range.lowerBound : end
      if prefix == nil {
        if isTop, number > 0 { blankLine(isForced: true) }
        printComments(before: start, at: indent)
        blankLine(before: line(of: start))
      }
      let head = (prefix ?? Self.blanks(indent)) + "- "
      prefix = nil
      printNode(item, after: head, at: indent, keyEnd: start, until: until, isItem: true)
    }
    printTail(until: end, column: max(column(of: list), parentColumn + 1), at: indent)
  }

  private mutating func printPairs(
    _ pairs: [(key: YAMLNode, value: YAMLNode)], of map: YAMLNode, at indent: Int, first: String?,
    until end: Int
  ) {
    var prefix = first
    let column = column(of: map)
    for (number, (key, value)) in pairs.enumerated() {
      let until = number + 1 < pairs.count ? pairs[number + 1].key.span.range.lowerBound : end
      if prefix == nil {
        // A value of one line goes to its key, and a comment between them above both.
        let isBlock = value.isBlockCollection
        printComments(
          before: isBlock ? key.span.range.lowerBound : value.span.range.lowerBound, at: indent,
          keepsEndOf: value.kind.isEmpty ? key : nil)
        blankLine(before: line(of: key.span.range.lowerBound))
      }
      let head = (prefix ?? Self.blanks(indent)) + key.raw + ":"
      prefix = nil
      var keyEnd = key.span.range.upperBound
      while keyEnd < file.bytes.count, file.bytes[keyEnd] != UInt8(ascii: ":") { keyEnd += 1 }
      printNode(
        value, after: head, at: indent, keyEnd: min(keyEnd + 1, file.bytes.count), until: until,
        isItem: false, column: column)
    }
    printTail(until: end, column: column, at: indent)
  }

  /// Prints what stands behind a dash or a key.
  private mutating func printNode(
    _ node: YAMLNode, after head: String, at indent: Int, keyEnd: Int, until end: Int,
    isItem: Bool, column: Int = -1
  ) {
    guard node.isBlockCollection else {
      return printValue(node, after: head, at: indent, keyEnd: keyEnd)
    }
    var first: String?
    if isItem {
      // Comments between the dash and what it begins were printed above it.
      first = head
    } else {
      finish(head, at: keyEnd)
      opensBlock = true
    }
    switch node.kind {
    case .mapping(let pairs): printPairs(pairs, of: node, at: indent + 2, first: first, until: end)
    case .sequence(let items):
      printItems(
        items, of: node, at: indent + 2, first: first, until: end, parentColumn: column)
    case .scalar, .empty: break
    }
  }

  /// Prints the comments that stand deeper than what comes next: they end this list or map.
  private mutating func printTail(until end: Int, column: Int, at indent: Int) {
    while nextComment < comments.count {
      let comment = comments[nextComment]
      guard comment.start < end, comment.isAlone, comment.column >= column else { return }
      print(comment, at: indent)
    }
  }

  // MARK: - Values

  private mutating func printValue(
    _ node: YAMLNode, after head: String, at indent: Int, keyEnd: Int
  ) {
    let end = node.span.range.upperBound
    if case .empty = node.kind {
      return finish(head.hasSuffix("- ") ? String(head.dropLast()) : head, at: keyEnd)
    }
    let space = head.isEmpty || head.hasSuffix(" ") ? "" : " "
    let raw = node.raw
    if !raw.utf8.contains(0x0A) {
      let text = node.isFlow ? flowText(node) : scalarText(node, false)
      let isBelow = line(of: node.span.range.lowerBound) > line(of: max(keyEnd - 1, 0))
      if isBelow, !head.hasSuffix(" "),
        head.unicodeScalars.count + 1 + text.unicodeScalars.count > 100
      {
        lines.append(head)
        opensBlock = false
        return finish(Self.blanks(indent + 2) + text, at: end)
      }
      return finish(head + space + text, at: end)
    }
    var parts: [String]
    switch node.kind {
    case .scalar(let source, .block): parts = blockLines(raw, source.text, at: indent + 2)
    case .scalar(_, let style):
      parts = folded(raw, at: indent + 2, isQuoted: style == .quoted)
      if line(of: node.span.range.lowerBound) > line(of: max(keyEnd - 1, 0)), !head.hasSuffix(" ") {
        parts[0] = Self.blanks(indent + 2) + parts[0]
        parts.insert("", at: 0)
      }
    case .sequence, .mapping, .empty: parts = Self.shifted(raw, to: indent)
    }
    lines.append(parts[0].isEmpty ? head : head + space + parts[0])
    opensBlock = false
    let isKept: Bool
    if case .scalar(_, .block) = node.kind {
      isKept = raw.prefix { $0 != "\n" }.contains("+")
    } else {
      isKept = false
    }
    guard let last = parts.dropFirst().last else { return }
    lines += parts.dropFirst().dropLast()
    if isKept {
      lines.append(last)
      keepBlankLines(behind: end)
    } else {
      finish(last, at: end)
    }
  }

  /// Prints a list or a map of one line.
  private func flowText(_ node: YAMLNode) -> String {
    switch node.kind {
    case .empty: ""
    case .scalar: scalarText(node, true)
    case .sequence(let items): "[" + items.map(flowText).joined(separator: ", ") + "]"
    case .mapping(let pairs):
      "{" + pairs.map { $0.key.raw + ": " + flowText($0.value) }.joined(separator: ", ") + "}"
    }
  }

  /// The lines of a plain or quoted text of several lines; YAML does not care how far they stand in.
  private func folded(_ raw: String, at indent: Int, isQuoted: Bool) -> [String] {
    let parts = raw.split(separator: "\n", omittingEmptySubsequences: false)
    return parts.enumerated().map { number, part in
      var text = number == 0 ? part : part.drop { $0 == " " }
      // A backslash keeps the blank behind it.
      if number + 1 < parts.count, !(isQuoted && text.contains("\\")) {
        while text.last == " " { text.removeLast() }
      }
      return number == 0 || text.isEmpty ? String(text) : Self.blanks(indent) + String(text)
    }
  }

  /// The lines of a block text, moved as one piece.
  private func blockLines(_ raw: String, _ text: String, at indent: Int) -> [String] {
    var parts = raw.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var header = parts.removeFirst()
    while header.last == " " { header.removeLast() }
    if let digit = header.prefix(3).firstIndex(where: \.isWholeNumber) {
      header.replaceSubrange(digit...digit, with: "2")
    }
    func blanksBefore(_ lines: [some StringProtocol]) -> Int? {
      lines.first { $0.contains { $0 != " " } }.map { $0.prefix { $0 == " " }.count }
    }
    let inText = blanksBefore(text.split(separator: "\n")) ?? 0
    let inFile = blanksBefore(parts) ?? 0
    let old = max(0, inFile - inText)
    let moved = parts.map { part in
      let rest = part.dropFirst(min(old, part.prefix { $0 == " " }.count))
      return rest.isEmpty ? "" : Self.blanks(indent) + String(rest)
    }
    return [header] + moved
  }

  /// The lines of a list or a map in brackets over several lines: moved as one piece below the first.
  private static func shifted(_ raw: String, to indent: Int) -> [String] {
    var parts = raw.split(separator: "\n", omittingEmptySubsequences: false).map { part in
      var text = part
      while text.last == " " { text.removeLast() }
      return String(text)
    }
    let first = parts.removeFirst()
    let depths = parts.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }
    let least = depths.min() ?? 0
    let closes = parts.allSatisfy { part in
      part.isEmpty || part.prefix { $0 == " " }.count > least
        || part.drop { $0 == " " }.first == "}" || part.drop { $0 == " " }.first == "]"
    }
    let base = max(0, indent + (closes ? 0 : 2))
    return [first] + parts.map { $0.isEmpty ? "" : blanks(base) + String($0.dropFirst(least)) }
  }

  // MARK: - Lines

  private static func blanks(_ count: Int) -> String {
    String(repeating: " ", count: max(0, count))
  }

  /// Ends a line; a comment that stood at the end of what it holds stays there.
  private mutating func finish(_ text: String, at offset: Int) {
    var text = text
    if nextComment < comments.count {
      let comment = comments[nextComment]
      if comment.start >= offset, comment.line == line(of: max(offset - 1, 0)) {
        text += Self.blanks(max(1, comment.gap)) + comment.text
        nextComment += 1
      }
    }
    lines.append(text)
    opensBlock = false
  }

  private mutating func printComments(
    before offset: Int, at indent: Int, keepsEndOf key: YAMLNode? = nil
  ) {
    let keyLine = key.map { line(of: $0.span.range.lowerBound) }
    while nextComment < comments.count, comments[nextComment].start < offset,
      comments[nextComment].line != keyLine
    {
      print(comments[nextComment], at: indent)
    }
  }

  private mutating func print(_ comment: FileComment, at indent: Int) {
    blankLine(before: comment.line)
    lines.append(Self.blanks(indent) + comment.text)
    opensBlock = false
    nextComment += 1
  }

  /// Leaves a line blank where the file has a blank line above a line.
  private mutating func blankLine(before line: Int) {
    guard line > 1, file.line(line - 1).utf8.allSatisfy({ $0 == 0x20 }) else { return }
    blankLine(isForced: false)
  }

  private mutating func blankLine(isForced: Bool) {
    guard !lines.isEmpty, lines.last != "", keptLines != lines.count else { return }
    if !isForced, opensBlock { return }
    lines.append("")
  }

  /// Takes over the blank lines behind a block text that keeps them: they are part of it.
  private mutating func keepBlankLines(behind offset: Int) {
    var number = line(of: max(offset - 1, 0)) + 1
    while number < file.lineStarts.count, file.line(number).utf8.allSatisfy({ $0 == 0x20 }) {
      lines.append("")
      number += 1
    }
    keptLines = lines.count
    opensBlock = false
  }

  private func line(of offset: Int) -> Int { file.position(of: offset).line }

  private func column(of node: YAMLNode) -> Int {
    file.position(of: node.span.range.lowerBound).column - 1
  }
}

extension YAMLNode {
  /// Whether it is a list or a map that is written over lines, without brackets.
  fileprivate var isBlockCollection: Bool {
    switch kind {
    case .sequence, .mapping: !isFlow
    case .scalar, .empty: false
    }
  }
}

extension YAMLNode.Kind {
  fileprivate var isEmpty: Bool { if case .empty = self { true } else { false } }
}
