internal import Foundation
package import QuartermasterCEL

/// The changes that the rows of files become, as a file of lines for ``StreamRunner``.
///
/// Rows go from file to file. What stays in memory is where they come from and, where rows have an instant, their order:
/// 32 bytes a row.
package final class ImportStream {
  /// The file.
  package let path: String
  /// Where its lines come from; whole when all was added.
  package private(set) var origins = ImportOrigins()
  /// The first instant of a row.
  package private(set) var firstInstant: Timestamp?
  /// How many rows became no change.
  package private(set) var badRows = 0
  /// Is told of each of them.
  package var report: (ImportOrigins.Origin, _ message: String) -> Void = { _, _ in }
  /// Is told which file is read, and how much of it was, from 0 to 1.
  package var progress: (_ file: String, Double) -> Void = { _, _ in }

  private struct Placed {
    let at: Int64, offset: Int64
    let length: Int32, file: Int32, line: Int32
  }

  private let isTimed: Bool
  private var placed: [Placed] = []
  private var buffer: [UInt8] = []
  private var written: Int64 = 0
  private var descriptor: Int32
  private var countdown = 0

  /// Creates an empty stream.
  ///
  /// - Parameters:
  ///   - path: The file to write; the stream makes it.
  ///   - isTimed: Whether rows have instants: then they are put in order of time, those without one first, and those of one
  ///     instant in the order in which they came.
  /// - Throws: A refusal when the file cannot be written.
  package init(path: String, isTimed: Bool) throws(Refusal) {
    self.path = path
    self.isTimed = isTimed
    descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    if descriptor < 0 { throw Self.failure(path) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Tells how much of a file was read, now and then.
  func came(_ file: String, _ fraction: @autoclosure () -> Double) {
    countdown -= 1
    guard countdown < 0 else { return }
    countdown = 2047
    progress(file, fraction())
  }

  /// Adds a change.
  ///
  /// - Parameters:
  ///   - line: The change, as the lines of a stream have it.
  ///   - instant: Its instant, of a stream that is timed.
  ///   - file: The file of its row.
  ///   - row: The line on which the row begins.
  /// - Throws: A refusal when the stream cannot be written.
  func add(_ line: JSONValue, at instant: Timestamp?, from file: String, _ row: Int)
    throws(Refusal)
  {
    var writer = JSONWriter()
    writer.write(line)
    let number = origins.number(of: file)
    if isTimed {
      placed.append(
        Placed(
          at: instant?.milliseconds ?? .min, offset: written + Int64(buffer.count),
          length: Int32(clamping: writer.bytes.count + 1), file: number, line: Int32(clamping: row))
      )
    } else {
      origins.add(number, Int32(clamping: row))
    }
    buffer += writer.bytes
    buffer.append(0x0A)
    if buffer.count >= 1 << 20 { try flush() }
  }

  /// Reports a row that becomes no change.
  func refuse(_ message: String, file: String, _ row: Int) {
    badRows += 1
    report(ImportOrigins.Origin(file: file, line: row), message)
  }

  /// Puts the lines in order; nothing is added after that.
  ///
  /// - Throws: A refusal when the stream cannot be written.
  func finish() throws(Refusal) {
    try flush()
    guard isTimed else { return }
    let order = placed.indices.sorted { a, b in
      placed[a].at == placed[b].at ? a < b : placed[a].at < placed[b].at
    }
    let unordered = descriptor
    defer { close(unordered) }
    // The old file goes on under its descriptor alone.
    unlink(path)
    descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    if descriptor < 0 { throw Self.failure(path) }
    written = 0
    for place in order {
      let entry = placed[place]
      if entry.at != .min, firstInstant == nil { firstInstant = Timestamp(milliseconds: entry.at) }
      origins.add(entry.file, entry.line)
      let start = buffer.count
      buffer += repeatElement(0, count: Int(entry.length))
      let count = buffer.withUnsafeMutableBytes { bytes in
        bytes.baseAddress.map {
          pread(unordered, $0 + start, Int(entry.length), off_t(entry.offset))
        }
      }
      if count != Int(entry.length) { throw Self.failure(path) }
      if buffer.count >= 1 << 20 { try flush() }
    }
    try flush()
    placed = []
  }

  private func flush() throws(Refusal) {
    var place = 0
    while place < buffer.count {
      let count = buffer.withUnsafeBytes { bytes in
        bytes.baseAddress.map { write(descriptor, $0 + place, bytes.count - place) } ?? 0
      }
      if count < 0, errno == EINTR { continue }
      if count <= 0 { throw Self.failure(path) }
      place += count
    }
    written += Int64(buffer.count)
    buffer.removeAll(keepingCapacity: true)
  }

  private static func failure(_ path: String) -> Refusal {
    Refusal(.storage, "\(path): \(String(cString: strerror(errno)))")
  }
}
