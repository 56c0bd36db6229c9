internal import Foundation
internal import QuartermasterCEL
internal import Synchronization

/// The channel kind `file`: a line per message, on the disk before the message counts as delivered.
///
/// A message that comes twice has the same key in both lines.
final class FileChannel: Sendable {
  /// How a line looks.
  enum Format: String {
    /// A JSON object a line: key, at, channel, address, rule, to, title, message.
    case json
    /// The instant, the key and the words, for people.
    case text
  }

  private let path: String
  private let format: Format
  // One line at a time: lanes run side by side.
  private let turn = Mutex(())

  init(path: String, format: Format) {
    self.path = path
    self.format = format
  }

  /// Appends the line of a delivery.
  ///
  /// - Throws: ``DeliveryFailure`` when the file cannot be written.
  func append(_ delivery: Delivery) throws {
    let line = try line(delivery)
    try turn.withLock { _ in
      let (descriptor, isNew) = try open()
      defer { close(descriptor) }
      // A line that was cut off by a power failure is ended, so that this one stands by itself.
      var bytes = endsInLine(descriptor) ? [] : [UInt8(ascii: "\n")]
      bytes += Array(line.utf8) + [UInt8(ascii: "\n")]
      try write(bytes, to: descriptor)
      if fsync(descriptor) != 0 { throw failure("could not be brought to the disk") }
      if isNew { syncFolder() }
    }
  }

  private func open() throws -> (descriptor: Int32, isNew: Bool) {
    let isNew = access(path, F_OK) != 0
    let descriptor = Foundation.open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
    if descriptor < 0 { throw failure("cannot be opened") }
    return (descriptor, isNew)
  }

  private func endsInLine(_ descriptor: Int32) -> Bool {
    let size = lseek(descriptor, 0, SEEK_END)
    if size <= 0 { return true }
    var byte: UInt8 = 0
    return pread(descriptor, &byte, 1, size - 1) != 1 || byte == UInt8(ascii: "\n")
  }

  private func write(_ bytes: [UInt8], to descriptor: Int32) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        throw failure("cannot be written")
      }
      rest = rest.dropFirst(count)
    }
  }

  /// Brings the name of a new file to the disk; some file systems cannot, and need not.
  private func syncFolder() {
    let folder = (path as NSString).deletingLastPathComponent
    let descriptor = Foundation.open(folder.isEmpty ? "." : folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = fsync(descriptor)
    close(descriptor)
  }

  private func failure(_ what: String) -> DeliveryFailure {
    DeliveryFailure("the file \(path) \(what): \(String(cString: strerror(errno)))")
  }

  private func line(_ delivery: Delivery) throws -> String {
    switch format {
    case .json: return try delivery.envelope()
    case .text:
      let body = try delivery.content()
      let words = [body["title"]?.text, body["message"]?.text].compactMap { $0 }
      let text = words.joined(separator: ": ").map { $0.isNewline ? " " : $0 }
      return "\(delivery.at) \(delivery.key) \(delivery.address): \(String(text))"
    }
  }
}

extension Delivery {
  /// Returns the members of the body.
  ///
  /// - Throws: ``DeliveryFailure`` when the body is no JSON object, which the engine does not write.
  package func content() throws -> JSONValue {
    do throws(JSONError) {
      return try JSONReader.read(body)
    } catch { throw DeliveryFailure("the body is no JSON: \(error.message)", isFinal: true) }
  }

  /// Returns the delivery as one JSON object: key, at, channel, address, and what the body holds.
  ///
  /// It is the same, byte by byte, for each try.
  package func envelope() throws -> String {
    var members: [(key: String, value: JSONValue)] = [
      ("key", .string(key)), ("at", .string("\(at)")), ("channel", .string(channel)),
      ("address", .string(address)),
    ]
    if case .object(let body) = try content() { members += body }
    return JSONWriter.text(.object(members))
  }
}

extension ChannelRegistry {
  /// Registers the channels of the kind `file` that a project declares.
  ///
  /// - Parameters:
  ///   - settings: The settings of the project.
  ///   - folder: The folder of the project, to which paths are relative.
  public mutating func registerFiles(of settings: ProjectSettings, folder: String) {
    for (name, channel) in settings.channels where channel.kind == "file" {
      guard let path = channel.options["path"] else { continue }
      let file = FileChannel(
        path: path.hasPrefix("/") ? path : folder + "/" + path,
        format: channel.options["format"].flatMap(FileChannel.Format.init) ?? .json)
      register(name) { try file.append($0) }
    }
  }
}
