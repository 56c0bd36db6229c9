import Foundation
import Synchronization

/// A server on this computer, on a port that the system picks: a thread that accepts, and one per connection.
final class LoopbackServer: Sendable {
  let port: Int
  private let listener: Int32
  private let isClosed = Mutex(false)

  init(_ serve: @escaping @Sendable (Connection) -> Void) throws {
    // A client that goes away must not end the tests.
    signal(SIGPIPE, SIG_IGN)
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let (descriptor, size) = (listener, length)
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
    }
    guard bound == 0, listen(descriptor, 64) == 0 else { throw ServerError("no port") }
    _ = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    port = Int(UInt16(bigEndian: address.sin_port))
    let thread = Thread { [descriptor] in
      while true {
        let client = accept(descriptor, nil, nil)
        if client < 0 {
          // A signal, or a client that was gone again, is no end of the server.
          if errno == EINTR || errno == ECONNABORTED { continue }
          return
        }
        let connection = Connection(reading: client, writing: client)
        Thread.detachNewThread {
          serve(connection)
          connection.close()
        }
      }
    }
    thread.start()
  }

  func stop() {
    let wasClosed = isClosed.withLock { was in
      defer { was = true }
      return was
    }
    if wasClosed { return }
    // Closing alone would leave the thread in accept.
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  deinit { stop() }
}

struct ServerError: Error {
  let message: String
  init(_ message: String) { self.message = message }
}

/// A stream of bytes, read in lines and counts.
final class Connection: @unchecked Sendable {
  private let input: Int32
  private let output: Int32
  private var buffer: [UInt8] = []
  private let isClosed = Mutex(false)

  init(reading input: Int32, writing output: Int32) {
    self.input = input
    self.output = output
  }

  var descriptor: Int32 { input }

  /// Reads up to the end of a line; nil when the other side is gone.
  func line() -> String? {
    while true {
      if let end = buffer.firstIndex(of: 10) {
        var line = buffer[..<end]
        if line.last == 13 { line = line.dropLast() }
        let text = String(decoding: line, as: UTF8.self)
        buffer.removeSubrange(...end)
        return text
      }
      if !fill() { return nil }
    }
  }

  func bytes(_ count: Int) -> [UInt8]? {
    while buffer.count < count { if !fill() { return nil } }
    defer { buffer.removeSubrange(..<count) }
    return Array(buffer[..<count])
  }

  private func fill() -> Bool {
    var chunk = [UInt8](repeating: 0, count: 4096)
    var count = read(input, &chunk, chunk.count)
    while count < 0, errno == EINTR { count = read(input, &chunk, chunk.count) }
    if count <= 0 { return false }
    buffer += chunk[..<count]
    return true
  }

  func write(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(output, $0.baseAddress, $0.count) }
      if count <= 0 { return }
      rest = rest.dropFirst(count)
    }
  }

  func close() {
    let wasClosed = isClosed.withLock { was in
      defer { was = true }
      return was
    }
    if wasClosed { return }
    shutdown(input, Int32(SHUT_RDWR))
    Foundation.close(input)
    if output != input { Foundation.close(output) }
  }
}
