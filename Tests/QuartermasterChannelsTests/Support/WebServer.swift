import Foundation
import Synchronization

/// An HTTP server that answers as it is told, and remembers what it was sent.
final class WebServer: Sendable {
  struct Request: Sendable {
    let line: String
    let headers: [String: String]
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
  }

  enum Answer: Sendable {
    case status(Int, headers: [String] = [])
    /// Says nothing until the other side goes.
    case silence
    /// Takes the request and closes without a word.
    case close
    /// Promises more than it sends.
    case half
  }

  private let server: LoopbackServer

  init(_ answer: @escaping @Sendable (Request, Int) -> Answer) throws {
    let log = RequestLog()
    self.log = log
    server = try LoopbackServer { connection in
      guard let request = Self.read(connection) else { return }
      let number = log.add(request)
      switch answer(request, number) {
      case .status(let status, let headers):
        let lines = ["HTTP/1.1 \(status) X", "Content-Length: 0", "Connection: close"] + headers
        connection.write(lines.map { $0 + "\r\n" }.joined() + "\r\n")
      case .silence: _ = connection.line()
      case .close: break
      case .half: connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
      }
    }
  }

  private let log: RequestLog

  private final class RequestLog: Sendable {
    let list = Mutex<[Request]>([])

    func add(_ request: Request) -> Int {
      list.withLock { list in
        list.append(request)
        return list.count
      }
    }
  }

  var requests: [Request] { log.list.withLock { $0 } }
  var url: String { "http://127.0.0.1:\(server.port)/hook" }
  func stop() { server.stop() }

  private static func read(_ connection: Connection) -> Request? {
    guard let first = connection.line() else { return nil }
    var headers: [String: String] = [:]
    while let line = connection.line(), !line.isEmpty {
      let parts = line.split(separator: ":", maxSplits: 1)
      headers[parts[0].lowercased()] =
        parts.count > 1
        ? parts[1].trimmingCharacters(in: .whitespaces) : ""
    }
    guard let body = connection.bytes(headers["content-length"].flatMap(Int.init) ?? 0) else {
      return nil
    }
    return Request(line: first, headers: headers, body: body)
  }
}
