internal import CSQLite
internal import Foundation
internal import QuartermasterCEL

/// The function of SQL that asks permissions of records themselves: `_grants(ACL, right, key, …)`.
///
/// It is 1 where the permissions grant the right to one of the keys, or there are none. What `json_extract` takes a
/// microsecond for takes it a tenth: permissions have one form (Docs/Decisions/0203), which is read in one pass. Text in
/// any other form, which only another program can have written, is read as JSON.
enum GrantsFunction {
  /// Its name in statements.
  static let name = "_grants"

  /// Makes it known to a connection.
  static func register(_ connection: OpaquePointer) {
    sqlite3_create_function_v2(
      connection, name, -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nil,
      { context, count, arguments in
        guard let arguments, count >= 2 else { return }
        GrantsFunction.answer(context, UnsafeBufferPointer(start: arguments, count: Int(count)))
      }, nil, nil, nil)
  }

  private static func answer(
    _ context: OpaquePointer?, _ arguments: UnsafeBufferPointer<OpaquePointer?>
  ) {
    if sqlite3_value_type(arguments[0]) == SQLITE_NULL {
      return sqlite3_result_int(context, 1)
    }
    let text = bytes(arguments[0])
    let right = bytes(arguments[1])
    var scan = Scan(text)
    let reads = same(right, UnsafeBufferPointer(start: Self.read.utf8Start, count: 4))
    if let holds = scan.grants(reads: reads, arguments.dropFirst(2)) {
      return sqlite3_result_int(context, holds ? 1 : 0)
    }
    do throws(Refusal) {
      let list = try StoredJSON.value(of: text, .object(nil))
      let keys = arguments.dropFirst(2).map {
        Value.string(String(decoding: bytes($0), as: UTF8.self))
      }
      let holds = AccessList.grants([
        list, .string(String(decoding: right, as: UTF8.self)), .list(keys),
      ])
      sqlite3_result_int(context, holds ? 1 : 0)
    } catch {
      sqlite3_result_error(context, error.message, -1)
    }
  }

  @inline(__always)
  fileprivate static func bytes(_ value: OpaquePointer?) -> UnsafeBufferPointer<UInt8> {
    // Not as a text: SQLite would copy it to end it with a zero.
    let start = sqlite3_value_blob(value)?.assumingMemoryBound(to: UInt8.self)
    return UnsafeBufferPointer(start: start, count: Int(sqlite3_value_bytes(value)))
  }

  private static let read: StaticString = "read"

  @inline(__always)
  fileprivate static func same(
    _ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    guard a.count == b.count, let x = a.baseAddress, let y = b.baseAddress else { return false }
    return memcmp(x, y, a.count) == 0
  }

  /// One pass over `{"KEY":{"read":true,"write":true},…}`.
  private struct Scan {
    private let text: UnsafePointer<UInt8>
    private let count: Int
    private var place = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
      text = bytes.baseAddress ?? UnsafePointer(GrantsFunction.read.utf8Start)
      count = bytes.baseAddress == nil ? 0 : bytes.count
    }

    /// Returns whether an entry of one of the keys grants a right; nil when the text has another form.
    mutating func grants(
      reads: Bool, _ keys: Slice<UnsafeBufferPointer<OpaquePointer?>>
    ) -> Bool? {
      guard take("{") else { return nil }
      if take("}") { return place == count ? false : nil }
      var found = false
      repeat {
        guard let key = name(), take(":{") else { return nil }
        let begin = place
        let grantsRead = take("\"read\":true")
        let isBoth = grantsRead && take(",")
        let grantsWrite = (!grantsRead || isBoth) && take("\"write\":true")
        guard place > begin, !isBoth || grantsWrite, take("}") else { return nil }
        if !found, reads ? grantsRead : grantsWrite {
          for wanted in keys where GrantsFunction.same(GrantsFunction.bytes(wanted), key) {
            found = true
          }
        }
      } while take(",")
      guard take("}"), place == count else { return nil }
      return found
    }

    @inline(__always)
    private mutating func take(_ word: StaticString) -> Bool {
      let length = word.utf8CodeUnitCount
      guard place &+ length <= count, memcmp(text + place, word.utf8Start, length) == 0 else {
        return false
      }
      place &+= length
      return true
    }

    /// A text in quotes without an escape.
    @inline(__always)
    private mutating func name() -> UnsafeBufferPointer<UInt8>? {
      guard take("\"") else { return nil }
      let begin = place
      while place < count, text[place] != UInt8(ascii: "\"") {
        if text[place] == UInt8(ascii: "\\") || text[place] < 32 { return nil }
        place &+= 1
      }
      let end = place
      guard take("\"") else { return nil }
      return UnsafeBufferPointer(start: text + begin, count: end - begin)
    }
  }
}
