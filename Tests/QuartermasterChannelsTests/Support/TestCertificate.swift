import Foundation
import Synchronization

/// A certificate for this computer that signs itself, made by the openssl command.
final class TestCertificate: Sendable {
  let folder: String
  var file: String { folder + "/cert.pem" }
  var key: String { folder + "/key.pem" }

  static let openssl = ["/usr/bin/openssl", "/usr/local/bin/openssl", "/opt/homebrew/bin/openssl"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  init() throws {
    guard let openssl = Self.openssl else { throw ServerError("there is no openssl command") }
    folder = NSTemporaryDirectory() + "/cert-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: openssl)
    process.arguments = [
      "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", file, "-days", "2",
      "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
    ]
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    if process.terminationStatus != 0 { throw ServerError("openssl made no certificate") }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }
}

/// The TLS half of a server: the bytes of a client go to an openssl process on a Unix socket, what it deciphers comes
/// from its output, and what is written to its input goes back enciphered.
final class TLSTunnel {
  private let process = Process()
  private let path: String
  private let (input, output) = (Pipe(), Pipe())
  private var outer: Int32 = -1

  init?(_ certificate: TestCertificate) {
    guard let openssl = TestCertificate.openssl else { return nil }
    path = certificate.folder + "/\(UUID().uuidString.prefix(8))"
    process.executableURL = URL(fileURLWithPath: openssl)
    process.arguments = [
      "s_server", "-quiet", "-unix", path, "-unlink", "-naccept", "1", "-cert", certificate.file,
      "-key", certificate.key,
    ]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch { return nil }
  }

  /// Puts the process between the client and the session.
  ///
  /// - Returns: The deciphered connection.
  func join(_ client: Connection) -> Connection? {
    outer = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    var joined: Int32 = -1
    for _ in 0..<2000 {
      joined = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(outer, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      if joined == 0 { break }
      usleep(5000)
    }
    guard joined == 0 else { return nil }
    Self.pump(from: client.descriptor, to: outer)
    Self.pump(from: outer, to: client.descriptor)
    return Connection(
      reading: dup(output.fileHandleForReading.fileDescriptor),
      writing: dup(input.fileHandleForWriting.fileDescriptor))
  }

  private static func pump(from source: Int32, to target: Int32) {
    Thread.detachNewThread {
      var chunk = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = read(source, &chunk, chunk.count)
        if count <= 0 { break }
        if send(target, chunk, count, Int32(MSG_NOSIGNAL)) != count { break }
      }
      shutdown(target, Int32(SHUT_RDWR))
    }
  }

  func stop() {
    if outer >= 0 { shutdown(outer, Int32(SHUT_RDWR)) }
    if process.isRunning { process.terminate() }
    process.waitUntilExit()
    if outer >= 0 { close(outer) }
  }
}
