/// A named text with its line starts: a rule file, a schema, or an expression typed at a prompt.
public final class SourceFile: Sendable {
  /// The name shown in messages: a path as the user gave it, or `<input>`.
  public let name: String
  /// The whole text, as UTF-8.
  ///
  /// Offsets everywhere are indices into this array.
  public let bytes: [UInt8]
  /// The UTF-8 offset at which each line starts; the first is 0.
  public let lineStarts: [Int]

  /// Creates a file from its name and text.
  public init(name: String, text: String) {
    self.name = name
    let bytes = Array(text.utf8)
    var starts = [0]
    for (offset, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
      starts.append(offset + 1)
    }
    self.bytes = bytes
    self.lineStarts = starts
  }

  /// The text of the file.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Returns the 1-based line and the 1-based column, in Unicode scalars, of a UTF-8 offset.
  public func position(of offset: Int) -> (line: Int, column: Int) {
    let offset = min(max(offset, 0), bytes.count)
    var low = 0
    var high = lineStarts.count
    while low + 1 < high {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    var column = 1
    for byte in bytes[lineStarts[low]..<offset] where byte & 0xC0 != 0x80 { column += 1 }
    return (low + 1, column)
  }

  /// Returns the text of a 1-based line without its line end.
  public func line(_ number: Int) -> String {
    guard number >= 1, number <= lineStarts.count else { return "" }
    let start = lineStarts[number - 1]
    var end = number < lineStarts.count ? lineStarts[number] - 1 : bytes.count
    if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return String(decoding: bytes[start..<max(start, end)], as: UTF8.self)
  }
}

/// A half-open range of UTF-8 offsets in a file.
public struct SourceSpan: Sendable {
  /// The file that the range is in.
  public let file: SourceFile
  /// UTF-8 offsets into ``SourceFile/bytes``.
  public let range: Range<Int>

  /// Creates a span.
  public init(file: SourceFile, range: Range<Int>) {
    self.file = file
    self.range = range
  }
}
