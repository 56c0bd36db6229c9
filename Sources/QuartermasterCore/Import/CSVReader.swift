internal import Foundation

/// Reads a CSV file as RFC 4180 has it, row by row, in pieces: a file of any size needs the memory of its longest row.
///
/// Lines end with LF or CRLF. A text that holds a comma, a quote or a line end stands in quotes, and a quote in it is
/// doubled. A byte order mark is skipped; empty lines are no rows.
final class CSVReader {
  /// What comes next in a file.
  enum Item {
    /// A row with as many texts as the header has, and the line on which it begins, from 1.
    case row(line: Int, [String])
    /// A row that cannot be read.
    case bad(line: Int, message: String)
  }

  /// The names of the columns.
  private(set) var header: [String] = []
  private let input: ByteInput
  private var line = 1
  private var isSpoiled = false

  private static let quote = UInt8(ascii: "\"")
  private static let comma = UInt8(ascii: ",")

  /// Opens a file and reads its header.
  ///
  /// - Throws: ``ImportFileFailure`` when it cannot be read, or has no header that can be used.
  init(path: String) throws(ImportFileFailure) {
    input = try ByteInput(path: path)
    input.skipByteOrderMark()
    switch row() {
    case nil: throw ImportFileFailure(line: 1, message: "no header")
    case .bad(let line, let message)?: throw ImportFileFailure(line: line, message: message)
    case .row(let line, let names)?:
      header = names
      var seen: Set<String> = []
      for name in names where !seen.insert(name).inserted {
        throw ImportFileFailure(line: line, message: "the column \(name) is there twice")
      }
    }
  }

  /// The part of the file that was read, from 0 to 1.
  var fraction: Double { input.fraction }

  /// Returns the next row; nil at the end.
  func next() -> Item? {
    while let item = row() {
      guard case .row(let line, let cells) = item else { return item }
      if cells == [""], header.count > 1 { continue }
      if cells.count != header.count {
        return .bad(
          line: line,
          message: "\(cells.count) values, and the header has \(header.count) columns")
      }
      return item
    }
    return nil
  }

  private func row() -> Item? {
    if isSpoiled || input.peek() == nil { return nil }
    let start = line
    var cells: [String] = []
    while true {
      if input.peek() == Self.quote {
        guard let text = quoted() else {
          isSpoiled = true
          return .bad(
            line: start,
            message: "the quote that opens in this row is not closed; nothing behind it was read")
        }
        cells.append(text)
      } else {
        cells.append(plain())
      }
      guard let byte = input.peek() else { break }
      if byte == Self.comma {
        input.advance()
        continue
      }
      if takeLineEnd() { break }
      skipLine()
      return .bad(
        line: start, message: "text behind the closing quote; a quote in a text is doubled")
    }
    return .row(line: start, cells)
  }

  /// Steps over a line end, if there is one.
  private func takeLineEnd() -> Bool {
    if input.peek() == 13 {
      guard input.peekSecond() == 10 || input.peekSecond() == nil else { return false }
      input.advance()
    }
    guard let byte = input.peek() else { return true }
    guard byte == 10 else { return false }
    input.advance()
    line += 1
    return true
  }

  private func skipLine() {
    while let byte = input.peek(), byte != 10 { input.advance() }
    if input.peek() != nil {
      input.advance()
      line += 1
    }
  }

  private func plain() -> String {
    var bytes = input.take { $0 != Self.comma && $0 != 10 }
    // The CR of a CRLF belongs to the line end.
    if bytes.last == 13, input.peek() == 10 || input.peek() == nil { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Returns the text of a cell in quotes; nil when they do not close.
  private func quoted() -> String? {
    var text: [UInt8] = []
    input.advance()
    while true {
      text += input.take { $0 != Self.quote }
      guard input.peek() != nil else { return nil }
      input.advance()
      guard input.peek() == Self.quote else { break }
      text.append(Self.quote)
      input.advance()
    }
    for byte in text where byte == 10 { line += 1 }
    return String(decoding: text, as: UTF8.self)
  }
}

/// Why a file of an import cannot be used at all.
struct ImportFileFailure: Error {
  let line: Int
  let message: String
}

/// The bytes of a file, read in pieces.
final class ByteInput {
  private static let chunk = 1 << 18

  private let descriptor: Int32
  private let size: Int64
  private var buffer: [UInt8]
  private var place = 0
  private var end = 0
  private var read: Int64 = 0
  private var isAtEnd = false

  /// Opens a file.
  ///
  /// - Throws: ``ImportFileFailure`` when it cannot be read.
  init(path: String) throws(ImportFileFailure) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw ImportFileFailure(line: 1, message: String(cString: strerror(errno)))
    }
    var information = stat()
    size = fstat(descriptor, &information) == 0 ? Int64(information.st_size) : 0
    buffer = Array(repeating: 0, count: Self.chunk)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// The part of the file that was read, from 0 to 1.
  var fraction: Double { size > 0 ? Double(read - Int64(end - place)) / Double(size) : 1 }

  /// The next byte, or nil at the end.
  func peek() -> UInt8? {
    if place == end, !fill() { return nil }
    return buffer[place]
  }

  /// The byte behind the next one, or nil at the end.
  func peekSecond() -> UInt8? {
    guard peek() != nil else { return nil }
    if place + 1 == end, !fill() { return nil }
    return buffer[place + 1]
  }

  /// Steps over the next byte.
  func advance() { place += 1 }

  /// Steps over a byte order mark.
  func skipByteOrderMark() {
    _ = peekSecond()
    if end - place >= 3, buffer[place] == 0xEF, buffer[place + 1] == 0xBB, buffer[place + 2] == 0xBF
    {
      place += 3
    }
  }

  /// Takes bytes as long as a condition holds.
  func take(while condition: (UInt8) -> Bool) -> [UInt8] {
    var taken: [UInt8] = []
    while peek() != nil {
      var stop = place
      while stop < end, condition(buffer[stop]) { stop += 1 }
      taken += buffer[place..<stop]
      place = stop
      if stop < end { break }
    }
    return taken
  }

  /// Reads the next piece behind what is not taken yet.
  private func fill() -> Bool {
    if isAtEnd { return false }
    if place > 0 {
      buffer.withUnsafeMutableBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        memmove(base, base + place, end - place)
      }
      end -= place
      place = 0
    }
    if end == buffer.count { buffer += Array(repeating: 0, count: Self.chunk) }
    let (from, room) = (end, buffer.count - end)
    let count = buffer.withUnsafeMutableBytes { bytes -> Int in
      guard let base = bytes.baseAddress else { return 0 }
      while true {
        let count = Foundation.read(descriptor, base + from, room)
        if count < 0, errno == EINTR { continue }
        return count
      }
    }
    // A file that cannot be read on ends here; what is missing shows in the counts.
    guard count > 0 else {
      isAtEnd = true
      return false
    }
    end += count
    read += Int64(count)
    return true
  }
}
