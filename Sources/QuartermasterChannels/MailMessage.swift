internal import Foundation
internal import QuartermasterCEL
internal import QuartermasterCore

/// A delivery as an e-mail of RFC 5322, with what is not ASCII as RFC 2045 and RFC 2047 say.
///
/// The same bytes for each try: the date is that of the operation, and the Message-ID is made from the key.
struct MailMessage {
  /// An address, and the name before it.
  struct Mailbox: Sendable, Equatable {
    let name: String
    let address: String

    /// Reads `Shop <shop@example.com>`, or an address alone; nil when there is no address that can be sent to.
    init?(_ text: String) {
      let text = text.trimmingCharacters(in: .whitespaces)
      var (name, address) = ("", text)
      if text.hasSuffix(">"), let open = text.lastIndex(of: "<") {
        name = text[..<open].trimmingCharacters(in: .whitespaces)
        address = String(text[text.index(after: open)...].dropLast())
        if name.count > 1, name.hasPrefix("\""), name.hasSuffix("\"") {
          name = String(name.dropFirst().dropLast())
        }
      }
      guard Self.isAddress(address), !name.unicodeScalars.contains(where: Self.isControl) else {
        return nil
      }
      (self.name, self.address) = (name, address)
    }

    /// Whether a text is one address of plain ASCII: nothing that would end a header or a command.
    private static func isAddress(_ text: String) -> Bool {
      let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
      return parts.count == 2 && parts.allSatisfy { !$0.isEmpty } && text.utf8.count <= 320
        && text.utf8.allSatisfy { byte in
          byte > 0x20 && byte < 0x7F && !"<>()[],;:\\\"".utf8.contains(byte)
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
      scalar.value < 0x20 || scalar.value == 0x7F
    }

    /// The mailbox as it stands in a header.
    var header: String {
      if name.isEmpty { return address }
      let isPlain = name.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }
      return isPlain ? "\"\(name)\" <\(address)>" : "\(MailMessage.encoded(name)) <\(address)>"
    }
  }

  /// Who sends it.
  let from: Mailbox
  /// Who gets it.
  let to: Mailbox
  /// The subject; line breaks in it become spaces.
  let subject: String
  /// The words.
  let text: String
  /// The key of the delivery.
  let key: String
  /// When the operation ran.
  let at: Timestamp

  /// The bytes of the message, with lines that end in CR LF.
  var bytes: [UInt8] {
    let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }.map(String.init)
    let isPlain = lines.allSatisfy { line in
      line.utf8.count <= 78 && line.utf8.allSatisfy { ($0 >= 0x20 && $0 < 0x7F) || $0 == 0x09 }
    }
    let headers = [
      "Date: \(Self.date(at))",
      "From: \(from.header)",
      "To: \(to.header)",
      "Subject: \(Self.encoded(Self.oneLine(subject)))",
      "Message-ID: <\(SHA256.hex(Array(key.utf8)).prefix(40))@\(domain)>",
      "Quartermaster-Key: \(key)",
      // Out-of-office replies to a machine help nobody (RFC 3834).
      "Auto-Submitted: auto-generated",
      "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: \(isPlain ? "7bit" : "base64")",
    ]
    let whole = lines.joined(separator: "\r\n") + "\r\n"
    let body = isPlain ? whole : Self.base64(whole)
    return Array((headers.map { $0 + "\r\n" }.joined() + "\r\n" + body).utf8)
  }

  /// The part of the sender's address behind the `@`.
  var domain: String {
    from.address.split(separator: "@").last.map(String.init) ?? "localhost"
  }

  // MARK: Encoding

  private static func oneLine(_ text: String) -> String {
    String(
      text.map { character in
        character.isNewline
          || character.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
          ? " " : character
      })
  }

  /// Returns a text as encoded words of RFC 2047 where it is not plain, folded so that no line is too long.
  static func encoded(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
    if isPlain, text.utf8.count <= 60, !text.contains("=?") { return text }
    var words: [String] = []
    var part = ""
    for character in text {
      // 45 bytes are 60 digits; with the frame a word stays within 75 characters. None is cut within a character
      // unless that character alone is longer.
      if !part.isEmpty, part.utf8.count + String(character).utf8.count > 42 {
        words.append(part)
        part = ""
      }
      part.append(character)
    }
    words.append(part)
    return words.map { "=?utf-8?B?\(Data($0.utf8).base64EncodedString())?=" }
      .joined(separator: "\r\n ")
  }

  private static func base64(_ text: String) -> String {
    let digits = Array(Data(text.utf8).base64EncodedString().utf8)
    return stride(from: 0, to: digits.count, by: 76).map { start in
      String(decoding: digits[start..<min(start + 76, digits.count)], as: UTF8.self) + "\r\n"
    }.joined()
  }

  private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Returns `Mon, 2 Mar 2026 09:00:00 +0000`.
  static func date(_ instant: Timestamp) -> String {
    let seconds = instant.milliseconds >= 0 ? instant.milliseconds / 1000 : 0
    let day = seconds / 86_400
    let date = Timestamp.date(daysSinceEpoch: day)
    func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let clock = [seconds / 3600 % 24, seconds / 60 % 60, seconds % 60].map(two)
    return "\(days[Int((day + 4) % 7)]), \(date.day) \(months[Int(date.month) - 1]) \(date.year) "
      + "\(clock.joined(separator: ":")) +0000"
  }
}
