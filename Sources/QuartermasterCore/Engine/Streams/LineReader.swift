internal import Foundation

/// Reads lines from a file or from standard input, in pieces: a file of any size needs the memory of its longest line.
///
/// Line ends are LF or CRLF; the last line needs none. A byte order mark at the start is skipped.
struct LineReader: ~Copyable {
  /// The most bytes that a line may have.
  static let maximumLength = 64 << 20
  private static let chunk = 1 << 20

  /// The bytes before the line that comes next.
  private(set) var position: Int64 = 0
  /// The number of the line that was read last, from 1.
  private(set) var line: Int64 = 0
  /// What was read so far, in a few digits.
  private(set) var fingerprint = LineFingerprint()
  /// How many bytes the file has; nil when that is not known, as of a pipe.
  let size: Int64?

  private let descriptor: Int32
  private let closes: Bool
  private var buffer: UnsafeMutableBufferPointer<UInt8>
  private var start = 0
  private var end = 0
  private var isAtEnd = false

  /// Opens a file.
  ///
  /// - Parameter path: The path; `-` is standard input.
  /// - Throws: ``StreamFailure`` when it cannot be read.
  init(path: String) throws(StreamFailure) {
    if path == "-" {
      descriptor = 0
      closes = false
      size = nil
    } else {
      let opened = open(path, O_RDONLY | O_CLOEXEC)
      guard opened >= 0 else { throw .unreadable(path, Self.reason) }
      var information = stat()
      guard fstat(opened, &information) == 0 else {
        let reason = Self.reason
        Foundation.close(opened)
        throw .unreadable(path, reason)
      }
      let kind = information.st_mode & S_IFMT
      guard kind != S_IFDIR else {
        Foundation.close(opened)
        throw .unreadable(path, "it is a folder")
      }
      descriptor = opened
      closes = true
      size = kind == S_IFREG ? Int64(information.st_size) : nil
    }
    buffer = .allocate(capacity: Self.chunk)
  }

  deinit {
    buffer.deallocate()
    if closes { close(descriptor) }
  }

  /// A line without its end.
  ///
  /// The bytes are valid until the next call.
  struct Line {
    /// The bytes; none of a line that is too long.
    let bytes: UnsafeBufferPointer<UInt8>
    /// Whether it has more bytes than ``LineReader/maximumLength``.
    let isTooLong: Bool
  }

  /// Returns the next line, or nil at the end.
  ///
  /// - Throws: ``StreamFailure`` when the file cannot be read on.
  mutating func next() throws(StreamFailure) -> Line? {
    var searched = 0
    while true {
      if let newline = find(from: start + searched) { return take(upTo: newline + 1) }
      if isAtEnd { return start == end ? nil : take(upTo: end) }
      searched = end - start
      if searched > Self.maximumLength { return try skipLine() }
      try fill()
    }
  }

  /// Goes to a place that ``position`` gave before, in a file that was just opened.
  ///
  /// - Returns: Whether a line ends at that place.
  mutating func skip(to position: Int64) throws(StreamFailure) -> Bool {
    while self.position < position {
      if try next() == nil { return false }
    }
    return self.position == position
  }

  private func find(from place: Int) -> Int? {
    guard place < end, let base = buffer.baseAddress,
      let found = memchr(base + place, 10, end - place)
    else { return nil }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }

  private mutating func take(upTo next: Int) -> Line {
    var (from, to) = (start, next)
    if to > from, buffer[to - 1] == 10 { to -= 1 }
    if to > from, buffer[to - 1] == 13 { to -= 1 }
    if position == 0, to - from >= 3, buffer[from] == 0xEF, buffer[from + 1] == 0xBB,
      buffer[from + 2] == 0xBF
    {
      from += 3
    }
    fingerprint.add(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[start..<next]))
    position += Int64(next - start)
    line += 1
    start = next
    return Line(bytes: UnsafeBufferPointer(rebasing: buffer[from..<to]), isTooLong: false)
  }

  /// Goes to the end of a line that is too long to be kept.
  private mutating func skipLine() throws(StreamFailure) -> Line {
    var length = 0
    var newline: Int?
    repeat {
      newline = find(from: start)
      let next = newline.map { $0 + 1 } ?? end
      length += next - start
      start = next
      if newline == nil { try fill() }
    } while newline == nil && !(isAtEnd && start == end)
    fingerprint.add(length: length)
    position += Int64(length)
    line += 1
    return Line(bytes: UnsafeBufferPointer(start: nil, count: 0), isTooLong: true)
  }

  private mutating func fill() throws(StreamFailure) {
    if start > 0 {
      if end > start, let base = buffer.baseAddress { memmove(base, base + start, end - start) }
      end -= start
      start = 0
    }
    if end == buffer.count {
      let larger = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: buffer.count * 2)
      _ = larger.update(fromContentsOf: buffer)
      buffer.deallocate()
      buffer = larger
    }
    while true {
      let count = read(descriptor, buffer.baseAddress.map { $0 + end }, buffer.count - end)
      if count < 0, errno == EINTR { continue }
      if count < 0 { throw .unreadable("the stream", Self.reason) }
      if count == 0 { isAtEnd = true } else { end += count }
      return
    }
  }

  private static var reason: String { String(cString: strerror(errno)) }
}

/// A fingerprint of the lines that were read, to see whether a file still begins as it did.
///
/// Not for secrets.
///
/// Eight bytes at a time: a stream is as long as it likes, and this must not be what takes the time.
struct LineFingerprint {
  private var value: UInt64 = 0xcbf2_9ce4_8422_2325

  /// Adds a line with its end.
  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    var hash = value
    var place = 0
    while place + 8 <= bytes.count {
      let word = bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
      hash = (hash ^ UInt64(littleEndian: word)) &* 0x9e37_79b9_7f4a_7c15
      hash ^= hash >> 29
      place += 8
    }
    while place < bytes.count {
      hash = (hash ^ UInt64(bytes[place])) &* 0x100_0000_01b3
      place += 1
    }
    value = hash ^ hash >> 32
    add(length: bytes.count)
  }

  /// Adds a line of which only the length is known.
  mutating func add(length: Int) { value = (value ^ UInt64(length)) &* 0xff51_afd7_ed55_8ccd }

  /// Sixteen hexadecimal digits.
  var text: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
}
