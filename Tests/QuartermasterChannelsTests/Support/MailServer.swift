import Foundation
import Synchronization

/// An SMTP server that answers as it is told, and remembers what it was sent.
final class MailServer: Sendable {
  struct Mail: Sendable {
    let from: String
    let to: [String]
    /// The message as it came, with the doubled full stops taken back.
    let data: String
    let isEncrypted: Bool
    let login: String?

    /// Returns the value of a header, unfolded.
    func header(_ name: String) -> String? {
      let head = data.components(separatedBy: "\r\n\r\n")[0]
        .replacingOccurrences(of: "\r\n ", with: " ")
      return head.components(separatedBy: "\r\n").first { $0.hasPrefix(name + ": ") }
        .map { String($0.dropFirst(name.count + 2)) }
    }
  }

  /// How it behaves.
  struct Manners: Sendable {
    /// What it answers to a recipient; nil to take it.
    var recipientReply: String?
    /// What it answers to the end of the message; nil to take it.
    var dataReply: String?
    /// Whether it closes after the message in place of an answer, though it keeps it.
    var closesAfterData = false
    /// Whether it says nothing at all.
    var isSilent = false
    /// The login that it asks for, as `user:password`.
    var login: String?
  }

  private final class Log: Sendable {
    let list = Mutex<[Mail]>([])
    let lines = Mutex<[String]>([])
  }

  private let log = Log()
  private let server: LoopbackServer

  /// Starts a server; with a certificate it offers STARTTLS.
  init(_ manners: Manners = Manners(), certificate: TestCertificate? = nil) throws {
    let box = ManagedManners(manners)
    self.box = box
    server = try LoopbackServer { [log] connection in
      Session(connection, box.value, certificate, log).run()
    }
  }

  private let box: ManagedManners

  private final class ManagedManners: Sendable {
    private let state: Mutex<Manners>
    init(_ manners: Manners) { state = Mutex(manners) }
    var value: Manners { state.withLock { $0 } }
    func become(_ manners: Manners) { state.withLock { $0 = manners } }
  }

  func become(_ manners: Manners) { box.become(manners) }
  var mails: [Mail] { log.list.withLock { $0 } }
  /// What clients said, in order.
  var commands: [String] { log.lines.withLock { $0 } }
  var port: Int { server.port }
  func stop() { server.stop() }

  private final class Session {
    private var connection: Connection
    private let manners: Manners
    private let certificate: TestCertificate?
    private let log: Log
    private var tunnel: TLSTunnel?
    private var login: String?

    init(
      _ connection: Connection, _ manners: Manners, _ certificate: TestCertificate?, _ log: Log
    ) {
      self.connection = connection
      self.manners = manners
      self.certificate = certificate
      self.log = log
    }

    func run() {
      defer { tunnel?.stop() }
      if manners.isSilent {
        _ = connection.line()
        return
      }
      say("220 test")
      var (from, to) = ("", [String]())
      while let line = connection.line() {
        log.lines.withLock { $0.append(line) }
        let verb = line.split(separator: " ").first.map { $0.uppercased() } ?? ""
        switch verb {
        case "EHLO": greet()
        case "STARTTLS":
          guard startTLS() else { return }
        case "AUTH": authenticate(line)
        case "MAIL":
          if manners.login != nil, login == nil {
            say("530 5.7.0 log in first")
          } else {
            from = line
            say("250 ok")
          }
        case "RCPT":
          to.append(line)
          say(manners.recipientReply ?? "250 ok")
        case "DATA":
          say("354 go on")
          guard let data = readData() else { return }
          let isTaken = manners.dataReply == nil
          if isTaken {
            log.list.withLock {
              $0.append(
                Mail(
                  from: from, to: to, data: data, isEncrypted: tunnel != nil, login: login))
            }
          }
          if manners.closesAfterData { return }
          say(manners.dataReply ?? "250 taken")
        case "QUIT":
          say("221 bye")
          return
        default: say("250 ok")
        }
      }
    }

    private func say(_ line: String) { connection.write(line + "\r\n") }

    private func greet() {
      var lines = ["test"]
      if certificate != nil, tunnel == nil { lines.append("STARTTLS") }
      if manners.login != nil, certificate == nil || tunnel != nil { lines.append("AUTH PLAIN") }
      for (place, line) in lines.enumerated() {
        say("250\(place == lines.count - 1 ? " " : "-")\(line)")
      }
    }

    private func startTLS() -> Bool {
      guard let certificate, let made = TLSTunnel(certificate) else {
        say("454 no")
        return false
      }
      say("220 go ahead")
      guard let inner = made.join(connection) else { return false }
      tunnel = made
      connection = inner
      return true
    }

    private func authenticate(_ line: String) {
      let parts = line.split(separator: " ")
      var digits = parts.count > 2 ? String(parts[2]) : ""
      if digits.isEmpty {
        say("334 ")
        digits = connection.line() ?? ""
      }
      let words = (Data(base64Encoded: digits) ?? Data()).split(
        separator: 0, omittingEmptySubsequences: false
      ).map { String(decoding: $0, as: UTF8.self) }
      let given = words.suffix(2).joined(separator: ":")
      if given == manners.login {
        login = given
        say("235 in")
      } else {
        say("535 5.7.8 \(given) is wrong")
      }
    }

    private func readData() -> String? {
      var lines: [String] = []
      while let line = connection.line() {
        if line == "." { return lines.map { $0 + "\r\n" }.joined() }
        lines.append(line.hasPrefix(".") ? String(line.dropFirst()) : line)
      }
      return nil
    }
  }
}
