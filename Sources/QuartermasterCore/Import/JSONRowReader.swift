internal import QuartermasterCEL

/// Reads the objects of a JSON file one by one: JSON Lines, a list, or the `{"results": […]}` of a Parse export.
///
/// The memory of the largest object is all that it needs.
final class JSONRowReader {
  /// What comes next in a file.
  enum Item {
    /// An object, and the line on which it begins, from 1.
    case row(line: Int, [(key: String, value: JSONValue)])
    /// What cannot be read as one.
    case bad(line: Int, message: String)
  }

  private let input: ByteInput
  private var line = 1
  /// Whether the objects stand in a list, with commas between them; else each has a line of its own.
  private var isList = false
  private var isDone = false
  /// What was read of the first line to see whether it is that of an export.
  private var begun: [UInt8] = []

  /// Opens a file.
  ///
  /// - Throws: ``ImportFileFailure`` when it cannot be read, or begins with neither an object nor a list.
  init(path: String) throws(ImportFileFailure) {
    input = try ByteInput(path: path)
    input.skipByteOrderMark()
    skipSpace()
    switch input.peek() {
    case nil: isDone = true
    case UInt8(ascii: "["):
      isList = true
      input.advance()
    case UInt8(ascii: "{"): enterResults()
    default:
      throw ImportFileFailure(line: line, message: "it begins with neither { nor [")
    }
  }

  /// The part of the file that was read, from 0 to 1.
  var fraction: Double { input.fraction }

  /// Returns the next object; nil at the end.
  func next() -> Item? {
    isList ? nextOfList() : nextLine()
  }

  private func nextOfList() -> Item? {
    while !isDone {
      skipSpace()
      let start = line
      switch input.peek() {
      case nil:
        isDone = true
        return .bad(line: line, message: "the list is not closed; something may be missing")
      case UInt8(ascii: ","): input.advance()
      case UInt8(ascii: "]"): isDone = true
      default:
        guard let bytes = value() else {
          isDone = true
          return .bad(
            line: start, message: "what begins here is not closed; nothing behind it was read")
        }
        return Self.item(bytes, start)
      }
    }
    return nil
  }

  private func nextLine() -> Item? {
    while !isDone {
      let start = line
      var bytes = begun + input.take { $0 != 0x0A }
      begun = []
      if input.peek() == nil {
        isDone = true
      } else {
        input.advance()
        line += 1
      }
      while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
      if bytes.allSatisfy({ $0 <= 0x20 }) { continue }
      return Self.item(bytes, start)
    }
    return nil
  }

  private static func item(_ bytes: [UInt8], _ line: Int) -> Item {
    do {
      guard case .object(let members) = try JSONReader.read(bytes) else {
        return .bad(line: line, message: "this is no object")
      }
      return .row(line: line, members)
    } catch { return .bad(line: line, message: "this is no JSON: \(error.message)") }
  }

  /// Goes into the list of `{"results": [`; of anything else, keeps what was read of it.
  private func enterResults() {
    func take(_ text: String) -> Bool {
      for byte in text.utf8 {
        guard input.peek() == byte else { return false }
        begun.append(byte)
        input.advance()
      }
      // A line end within an object of its own line ends it, and is kept for that.
      while let byte = input.peek(), byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
        begun.append(0x20)
        if byte == 0x0A { line += 1 }
        input.advance()
      }
      return true
    }
    guard take("{"), take("\"results\""), take(":"), take("[") else { return }
    begun = []
    isList = true
  }

  private func skipSpace() {
    while let byte = input.peek(), byte <= 0x20 {
      if byte == 0x0A { line += 1 }
      input.advance()
    }
  }

  /// Takes a value up to where its brackets close; nil when they do not.
  private func value() -> [UInt8]? {
    var bytes: [UInt8] = []
    var depth = 0
    var isText = false
    while let byte = input.peek() {
      if depth == 0, !isText, !bytes.isEmpty,
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]")
      {
        return bytes
      }
      bytes.append(byte)
      input.advance()
      if byte == 0x0A { line += 1 }
      if isText {
        if byte == UInt8(ascii: "\\"), let escaped = input.peek() {
          bytes.append(escaped)
          input.advance()
        } else if byte == UInt8(ascii: "\"") {
          isText = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isText = true
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        if depth == 0 { return bytes }
      default: break
      }
    }
    return nil
  }
}
