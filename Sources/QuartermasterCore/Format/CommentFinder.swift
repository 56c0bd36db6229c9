internal import QuartermasterCEL

/// A comment of a YAML file.
struct FileComment {
  /// From `#` to the end of the line, without blanks at the end.
  let text: String
  /// The UTF-8 offset of the `#`.
  let start: Int
  /// The 1-based line.
  let line: Int
  /// How many characters stand before it on its line.
  let column: Int
  /// How many blanks stand directly before it.
  let gap: Int
  /// Whether nothing but blanks stands before it on its line.
  let isAlone: Bool
}

/// Finds the comments of a file that was read: what begins with `#` outside of all that the reader took for text.
enum CommentFinder {
  static func comments(in file: SourceFile, _ root: YAMLNode) -> [FileComment] {
    var texts: [Range<Int>] = []
    collect(root, file, &texts)
    texts.sort { $0.lowerBound < $1.lowerBound }
    var found: [FileComment] = []
    var place = 0
    var next = 0
    while place < file.bytes.count {
      while next < texts.count, texts[next].upperBound <= place { next += 1 }
      if next < texts.count, texts[next].contains(place) {
        place = texts[next].upperBound
        continue
      }
      guard file.bytes[place] == UInt8(ascii: "#") else {
        place += 1
        continue
      }
      var end = place
      while end < file.bytes.count, file.bytes[end] != 0x0A { end += 1 }
      found.append(comment(place..<end, file))
      place = end
    }
    return found
  }

  private static func comment(_ range: Range<Int>, _ file: SourceFile) -> FileComment {
    let at = file.position(of: range.lowerBound)
    let lineStart = file.lineStarts[at.line - 1]
    let before = file.bytes[lineStart..<range.lowerBound]
    let gap = before.reversed().prefix { $0 == 0x20 || $0 == 0x09 }.count
    var text = file.bytes[range]
    while let last = text.last, last == 0x20 || last == 0x09 || last == 0x0D { text.removeLast() }
    return FileComment(
      text: String(decoding: text, as: UTF8.self), start: range.lowerBound, line: at.line,
      column: at.column - 1, gap: gap, isAlone: gap == before.count)
  }

  private static func collect(_ node: YAMLNode, _ file: SourceFile, _ texts: inout [Range<Int>]) {
    if !node.span.range.isEmpty, node.isFlow { return texts.append(node.span.range) }
    switch node.kind {
    case .scalar: texts.append(node.span.range)
    case .sequence(let items): for item in items { collect(item, file, &texts) }
    case .mapping(let pairs):
      for (key, value) in pairs {
        collect(key, file, &texts)
        collect(value, file, &texts)
      }
    case .empty: break
    }
  }
}

extension YAMLNode {
  /// Whether it is a list or a map in brackets.
  var isFlow: Bool {
    switch kind {
    case .sequence, .mapping:
      let bytes = span.file.bytes
      guard span.range.lowerBound < bytes.count else { return false }
      let first = bytes[span.range.lowerBound]
      return first == UInt8(ascii: "[") || first == UInt8(ascii: "{")
    case .scalar, .empty: return false
    }
  }

  /// The node as it stands in the file.
  var raw: String { String(decoding: span.file.bytes[span.range], as: UTF8.self) }
}
