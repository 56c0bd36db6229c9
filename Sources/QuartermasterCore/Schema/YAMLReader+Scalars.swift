internal import QuartermasterCEL

/// Reads a scalar again from the raw file, to learn where each byte of its text stands.
///
/// libyaml gives the text and the mark at which it starts, no more. The rules of folding, escapes, indentation and
/// chomping are few; what they give is compared with libyaml's text, and if they ever differ (exotic line breaks) the
/// text of libyaml counts and its place is the place of the whole scalar.
struct YAMLScalarAssembler {
  private let bytes: [UInt8]
  private var text: [UInt8] = []
  private var segments: [ExprSource.Segment] = []
  /// Where the scalar ends in the file; block scalars only.
  private var blockEnd: Int?

  /// Returns the text of a scalar event with its places, and where the scalar ends in the file.
  static func assemble(
    _ value: [UInt8], _ style: YAMLScalarStyle, _ range: Range<Int>, in file: SourceFile
  ) -> (source: ExprSource, end: Int) {
    var assembler = YAMLScalarAssembler(bytes: file.bytes)
    switch style {
    case .plain: assembler.plain(range)
    case .singleQuoted: assembler.singleQuoted(range)
    case .doubleQuoted: assembler.doubleQuoted(range)
    case .literal: assembler.block(range, value, folded: false)
    case .folded: assembler.block(range, value, folded: true)
    }
    if assembler.text != value {
      assembler.segments = [ExprSource.Segment(textOffset: 0, fileOffset: range.lowerBound)]
    }
    let source = ExprSource(
      text: String(decoding: value, as: UTF8.self), file: file,
      segments: assembler.segments.isEmpty
        ? [ExprSource.Segment(textOffset: 0, fileOffset: assembler.contentStart(range, style))]
        : assembler.segments)
    return (source, assembler.blockEnd ?? range.upperBound)
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private func contentStart(_ range: Range<Int>, _ style: YAMLScalarStyle) -> Int {
    style == .singleQuoted || style == .doubleQuoted
      ? min(range.lowerBound + 1, range.upperBound) : range.lowerBound
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
  private static func isBreak(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

  /// Appends a byte that stands in the file at an offset; a run of neighbours is one segment.
  private mutating func put(_ byte: UInt8, at offset: Int) {
    let shift = segments.last.map { $0.fileOffset - $0.textOffset }
    if shift != offset - text.count {
      segments.append(ExprSource.Segment(textOffset: text.count, fileOffset: offset))
    }
    text.append(byte)
  }

  /// Takes a run of blanks and line breaks: as it is without a break, else folded.
  private mutating func white(from start: Int, to limit: Int) -> Int {
    var end = start
    var breaks: [Int] = []
    while end < limit, Self.isBlank(bytes[end]) || Self.isBreak(bytes[end]) {
      if Self.isBreak(bytes[end]) {
        breaks.append(end)
        if bytes[end] == 0x0D, end + 1 < limit, bytes[end + 1] == 0x0A { end += 1 }
      }
      end += 1
    }
    if breaks.isEmpty {
      for offset in start..<end { put(bytes[offset], at: offset) }
    } else if breaks.count == 1 {
      put(0x20, at: breaks[0])
    } else {
      for offset in breaks.dropFirst() { put(0x0A, at: offset) }
    }
    return end
  }

  private mutating func plain(_ range: Range<Int>) {
    var place = range.lowerBound
    while place < range.upperBound {
      if Self.isBlank(bytes[place]) || Self.isBreak(bytes[place]) {
        place = white(from: place, to: range.upperBound)
      } else {
        put(bytes[place], at: place)
        place += 1
      }
    }
  }

  private mutating func singleQuoted(_ range: Range<Int>) {
    let limit = range.upperBound - 1
    var place = range.lowerBound + 1
    while place < limit {
      if Self.isBlank(bytes[place]) || Self.isBreak(bytes[place]) {
        place = white(from: place, to: limit)
      } else {
        put(bytes[place], at: place)
        place += bytes[place] == UInt8(ascii: "'") ? 2 : 1
      }
    }
  }

  private mutating func doubleQuoted(_ range: Range<Int>) {
    let limit = range.upperBound - 1
    var place = range.lowerBound + 1
    while place < limit {
      if Self.isBlank(bytes[place]) || Self.isBreak(bytes[place]) {
        place = white(from: place, to: limit)
      } else if bytes[place] == UInt8(ascii: "\\"), place + 1 < limit {
        place = escape(at: place, limit)
      } else {
        put(bytes[place], at: place)
        place += 1
      }
    }
  }

  private mutating func escape(at start: Int, _ limit: Int) -> Int {
    let letter = bytes[start + 1]
    if Self.isBreak(letter) {
      // An escaped break joins lines without a space; empty lines after it still count.
      var place = start + 1
      if letter == 0x0D, place + 1 < limit, bytes[place + 1] == 0x0A { place += 1 }
      place += 1
      while place < limit, Self.isBlank(bytes[place]) || Self.isBreak(bytes[place]) {
        if Self.isBreak(bytes[place]) {
          put(0x0A, at: place)
          if bytes[place] == 0x0D, place + 1 < limit, bytes[place + 1] == 0x0A { place += 1 }
        }
        place += 1
      }
      return place
    }
    let digits: Int
    switch letter {
    case UInt8(ascii: "x"): digits = 2
    case UInt8(ascii: "u"): digits = 4
    case UInt8(ascii: "U"): digits = 8
    default: digits = 0
    }
    let end = min(start + 2 + digits, limit)
    let code: UInt32
    if digits > 0 {
      code = UInt32(String(decoding: bytes[(start + 2)..<end], as: UTF8.self), radix: 16) ?? 0
    } else {
      code = Self.escapes[letter] ?? UInt32(letter)
    }
    for byte in String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8 { put(byte, at: start) }
    return end
  }

  private static let escapes: [UInt8: UInt32] = [
    UInt8(ascii: "0"): 0, UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "t"): 9,
    UInt8(ascii: "n"): 10, UInt8(ascii: "v"): 11, UInt8(ascii: "f"): 12, UInt8(ascii: "r"): 13,
    UInt8(ascii: "e"): 27, UInt8(ascii: "N"): 0x85, UInt8(ascii: "_"): 0xA0,
    UInt8(ascii: "L"): 0x2028, UInt8(ascii: "P"): 0x2029,
  ]
}

// MARK: - Block scalars

extension YAMLScalarAssembler {
  /// A line of the file: where it starts, where its text ends, where the next one starts.
  private struct Line {
    let start: Int, end: Int, next: Int
    var hasBreak: Bool { next > end }
  }

  private func line(at start: Int) -> Line? {
    guard start < bytes.count else { return nil }
    var end = start
    while end < bytes.count, !Self.isBreak(bytes[end]) { end += 1 }
    var next = end
    if next < bytes.count {
      next += bytes[next] == 0x0D && next + 1 < bytes.count && bytes[next + 1] == 0x0A ? 2 : 1
    }
    return Line(start: start, end: end, next: next)
  }

  private func spaces(_ line: Line) -> Int {
    var count = 0
    while line.start + count < line.end, bytes[line.start + count] == 0x20 { count += 1 }
    return count
  }

  /// Returns how far the lines are indented: what the file's first line with text has more than the text's own.
  private func indentation(_ value: [UInt8], after header: Line) -> Int? {
    var inValue: Int?
    for piece in value.split(separator: 0x0A) where piece.contains(where: { $0 != 0x20 }) {
      inValue = piece.prefix { $0 == 0x20 }.count
      break
    }
    guard let inValue else { return nil }
    var next = header.next
    while let line = line(at: next) {
      let count = spaces(line)
      if line.start + count < line.end { return count >= inValue ? count - inValue : nil }
      next = line.next
    }
    return nil
  }

  private mutating func block(_ range: Range<Int>, _ value: [UInt8], folded: Bool) {
    guard let header = line(at: range.lowerBound) else { return }
    blockEnd = header.end
    guard let indent = indentation(value, after: header) else { return }
    var chomping: UInt8?
    for byte in bytes[(range.lowerBound + 1)..<header.end] {
      if byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") { chomping = byte }
      if Self.isBlank(byte) { break }
    }
    var pendingBreak: Int?
    var emptyLines: [Int] = []
    var previousIsIndented = false
    var next = header.next
    while let line = line(at: next) {
      let count = spaces(line)
      if count <= indent, line.start + count == line.end {
        guard line.hasBreak else { break }
        emptyLines.append(line.end)
        next = line.next
        continue
      }
      if count < indent { break }
      let content = line.start + indent
      let isIndented = Self.isBlank(bytes[content])
      if let place = pendingBreak {
        if !folded || previousIsIndented || isIndented {
          put(0x0A, at: place)
        } else if emptyLines.isEmpty {
          put(0x20, at: place)
        }
      }
      for place in emptyLines { put(0x0A, at: place) }
      emptyLines = []
      previousIsIndented = isIndented
      for place in content..<line.end { put(bytes[place], at: place) }
      pendingBreak = line.hasBreak ? line.end : nil
      blockEnd = line.end
      next = line.next
    }
    if chomping != UInt8(ascii: "-"), let place = pendingBreak { put(0x0A, at: place) }
    if chomping == UInt8(ascii: "+") { for place in emptyLines { put(0x0A, at: place) } }
  }
}
