internal import Foundation
internal import QuartermasterCEL

/// A CSV file as RFC 4180 has it: a header, then rows of texts, each with the line on which it begins.
package struct CSVTable: Sendable {
  /// A row.
  struct Row: Sendable {
    /// The line of the file on which it begins, from 1.
    let line: Int
    /// The texts, as many as the header has.
    let cells: [String]
  }

  /// Why a file is no table.
  struct Bad: Error {
    let line: Int
    let message: String
  }

  /// The names of the columns.
  let header: [String]
  /// The rows below the header; empty lines are none.
  let rows: [Row]

  /// Reads a file.
  ///
  /// Lines end with LF or CRLF. A text that holds a comma, a quote or a line end stands in quotes, and a quote in it is
  /// doubled. A byte order mark is skipped.
  ///
  /// - Throws: ``Bad`` with the line on which the form is broken.
  init(_ bytes: [UInt8]) throws(Bad) {
    var parser = CSVParser(bytes)
    guard let header = try parser.next() else { throw Bad(line: 1, message: "no header") }
    var seen: Set<String> = []
    for name in header.cells where !seen.insert(name).inserted {
      throw Bad(line: header.line, message: "the column \(name) is there twice")
    }
    var rows: [Row] = []
    while let row = try parser.next() {
      if row.cells == [""], header.cells.count > 1 { continue }
      guard row.cells.count == header.cells.count else {
        throw Bad(
          line: row.line,
          message: "\(row.cells.count) values, and the header has \(header.cells.count) columns")
      }
      rows.append(row)
    }
    self.header = header.cells
    self.rows = rows
  }

  /// Returns a row as a map of texts by column.
  func map(_ row: Row) -> MapValue? {
    MapValue(zip(header, row.cells).map { (.string($0), .string($1)) })
  }
}

/// Takes rows off the bytes of a file.
private struct CSVParser {
  private let bytes: [UInt8]
  private var place = 0
  private var line = 1

  private static let quote = UInt8(ascii: "\"")
  private static let comma = UInt8(ascii: ",")

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { place = 3 }
  }

  mutating func next() throws(CSVTable.Bad) -> CSVTable.Row? {
    guard place < bytes.count else { return nil }
    let start = line
    var cells: [String] = []
    while true {
      cells.append(place < bytes.count && bytes[place] == Self.quote ? try quoted() : plain())
      guard place < bytes.count else { break }
      if bytes[place] == Self.comma {
        place += 1
        continue
      }
      if lineEnd() { break }
      throw CSVTable.Bad(
        line: line, message: "text behind the closing quote; a quote in a text is doubled")
    }
    return CSVTable.Row(line: start, cells: cells)
  }

  /// Steps over a line end, if there is one.
  private mutating func lineEnd() -> Bool {
    var end = place
    if bytes[end] == 13 { end += 1 }
    guard end == bytes.count || bytes[end] == 10 else { return false }
    place = min(end + 1, bytes.count)
    line += 1
    return true
  }

  private mutating func plain() -> String {
    let start = place
    while place < bytes.count, bytes[place] != Self.comma, bytes[place] != 10 { place += 1 }
    // The CR of a CRLF belongs to the line end.
    if place > start, bytes[place - 1] == 13, place == bytes.count || bytes[place] == 10 {
      place -= 1
    }
    return String(decoding: bytes[start..<place], as: UTF8.self)
  }

  private mutating func quoted() throws(CSVTable.Bad) -> String {
    let start = line
    var text: [UInt8] = []
    place += 1
    while place < bytes.count {
      let byte = bytes[place]
      place += 1
      if byte == Self.quote {
        guard place < bytes.count, bytes[place] == Self.quote else {
          return String(decoding: text, as: UTF8.self)
        }
        place += 1
      } else if byte == 10 {
        line += 1
      }
      text.append(byte)
    }
    throw CSVTable.Bad(line: start, message: "the quote that opens here is not closed")
  }
}
