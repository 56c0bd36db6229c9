import QuartermasterCEL

/// A text slot taken apart: words, and holes that are not parsed yet.
struct TextSyntax: Sendable {
  /// A run of words, or a hole.
  enum Piece: Sendable {
    case words(String)
    /// The formula between `${` and `}`, and where the whole hole stands.
    case hole(ExprSource, SourceSpan)
  }

  /// The parts, in order.
  let pieces: [Piece]

  /// Whether there is no hole.
  var isConstant: Bool { pieces.allSatisfy { if case .words = $0 { true } else { false } } }

  /// The text, when there is no hole.
  var constant: String? {
    guard isConstant else { return nil }
    return pieces.reduce(into: "") { text, piece in
      if case .words(let words) = piece { text += words }
    }
  }

  /// Whether it is one hole and nothing else.
  var isSingleHole: Bool {
    if pieces.count == 1, case .hole = pieces[0] { true } else { false }
  }

  /// Takes a text apart.
  ///
  /// `$${` stands for `${`; line ends at the end are dropped.
  ///
  /// - Throws: ``Diagnostic`` for a hole that is not closed or holds nothing.
  init(_ scalar: ScalarSyntax) throws(Diagnostic) {
    let source = scalar.source
    let bytes = Array(source.text.utf8)
    var end = bytes.count
    while end > 0, bytes[end - 1] == 0x0A { end -= 1 }
    var pieces: [Piece] = []
    var words: [UInt8] = []
    var place = 0
    while place < end {
      if bytes[place] == UInt8(ascii: "$"), place + 1 < end {
        if bytes[place + 1] == UInt8(ascii: "$"), place + 2 < end,
          bytes[place + 2] == UInt8(ascii: "{")
        {
          words += Array("${".utf8)
          place += 3
          continue
        }
        if bytes[place + 1] == UInt8(ascii: "{") {
          guard let close = Self.holeEnd(bytes, from: place + 2, to: end) else {
            throw Diagnostic.openHole(at: source.span(place..<place + 2))
          }
          let span = source.span(place..<close + 1)
          guard bytes[place + 2..<close].contains(where: { $0 > 0x20 }) else {
            throw Diagnostic.emptyHole(at: span)
          }
          if !words.isEmpty { pieces.append(.words(String(decoding: words, as: UTF8.self))) }
          words = []
          pieces.append(.hole(source.slice(place + 2..<close), span))
          place = close + 1
          continue
        }
      }
      words.append(bytes[place])
      place += 1
    }
    if !words.isEmpty { pieces.append(.words(String(decoding: words, as: UTF8.self))) }
    self.pieces = pieces
  }

  /// Returns the formula of a scalar: what stands in `${...}` when that is all there is, else the whole text.
  static func formula(_ scalar: ScalarSyntax) -> ExprSource {
    let bytes = Array(scalar.text.utf8)
    guard let start = bytes.firstIndex(where: { $0 > 0x20 }),
      let last = bytes.lastIndex(where: { $0 > 0x20 }), bytes[start...].starts(with: "${".utf8),
      holeEnd(bytes, from: start + 2, to: last + 1) == last
    else { return scalar.source }
    return scalar.source.slice(start + 2..<last)
  }

  /// Returns the place of the brace that closes a hole whose formula starts at `start`: braces inside the formula
  /// pair up, and those inside its texts do not count.
  private static func holeEnd(_ bytes: [UInt8], from start: Int, to end: Int) -> Int? {
    var depth = 1
    var place = start
    while place < end {
      switch bytes[place] {
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        guard let close = textEnd(bytes, from: place, to: end, isRaw: isRaw(bytes, place, start))
        else { return nil }
        place = close
        continue
      case UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "}"):
        depth -= 1
        if depth == 0 { return place }
      default: break
      }
      place += 1
    }
    return nil
  }

  /// Whether the quote at a place is that of a raw text: `r"..."`, `bR'...'`.
  private static func isRaw(_ bytes: [UInt8], _ place: Int, _ start: Int) -> Bool {
    var first = place
    while first > start, isNameByte(bytes[first - 1]) { first -= 1 }
    let prefix = bytes[first..<place]
    return prefix.count <= 2 && prefix.contains { $0 | 0x20 == UInt8(ascii: "r") }
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    let small = byte | 0x20
    return small >= 97 && small <= 122 || byte >= 48 && byte <= 57 || byte == UInt8(ascii: "_")
  }

  /// Returns the place behind a text that opens at `start`, or nil when it does not close.
  private static func textEnd(
    _ bytes: [UInt8], from start: Int, to end: Int, isRaw: Bool
  ) -> Int? {
    let quote = bytes[start]
    let isTriple = start + 2 < end && bytes[start + 1] == quote && bytes[start + 2] == quote
    var place = start + (isTriple ? 3 : 1)
    while place < end {
      if bytes[place] == UInt8(ascii: "\\"), !isRaw {
        place += 2
        continue
      }
      if bytes[place] == quote {
        if !isTriple { return place + 1 }
        if place + 2 < end, bytes[place + 1] == quote, bytes[place + 2] == quote {
          return place + 3
        }
      }
      place += 1
    }
    return nil
  }
}
