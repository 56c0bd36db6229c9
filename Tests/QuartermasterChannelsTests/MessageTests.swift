import Foundation
import QuartermasterCEL
import QuartermasterCore
import Testing

@testable import QuartermasterChannels

/// What goes over the wire, without a wire.
struct MessageTests {
  @Test func `the code is that of RFC 4231`() {
    // Test cases 1, 2 and 6 of the RFC.
    #expect(
      Signature.hmac(Array("Hi There".utf8), key: Array(repeating: 0x0B, count: 20))
        == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
    #expect(
      Signature.hmac(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    #expect(
      Signature.hmac(
        Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
        key: Array(repeating: 0xAA, count: 131))
        == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
  }

  @Test(arguments: [
    ("shop@example.com", "shop@example.com"),
    ("Shop <shop@example.com>", "\"Shop\" <shop@example.com>"),
    ("\"Shop, Inc.\" <shop@example.com>", "\"Shop, Inc.\" <shop@example.com>"),
    ("Käse <k@example.com>", "=?utf-8?B?S8Okc2U=?= <k@example.com>"),
    ("eve@example.com\r\nBcc: all@example.com", nil), ("eve", nil), ("a@b@c", nil),
    ("a b@example.com", nil), ("eve@exämple.com", nil), ("<eve@example.com", nil), ("@", nil),
    ("a@b>\r\nRCPT TO:<x@y", nil), ("eve@example.com,all@example.com", nil), ("", nil),
  ])
  func `an address is one address or none`(_ text: String, _ header: String?) {
    #expect(MailMessage.Mailbox(text)?.header == header)
  }

  private func message(_ subject: String, _ text: String) throws -> MailMessage {
    MailMessage(
      from: try #require(MailMessage.Mailbox("shop@example.com")),
      to: try #require(MailMessage.Mailbox("eve@example.com")), subject: subject, text: text,
      key: "1/mail/eve@example.com",
      at: try #require(Timestamp("2026-03-02T09:05:07Z")))
  }

  @Test func `a plain mail is readable as it is`() throws {
    let text = String(
      decoding: try message("Low stock", "bolt is low\nnut too").bytes, as: UTF8.self)
    #expect(
      text
        == """
        Date: Mon, 2 Mar 2026 09:05:07 +0000
        From: shop@example.com
        To: eve@example.com
        Subject: Low stock
        Message-ID: <cb572337ba278ee1d3e3c84a3155fec82a9b4bc3@example.com>
        Quartermaster-Key: 1/mail/eve@example.com
        Auto-Submitted: auto-generated
        MIME-Version: 1.0
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: 7bit

        bolt is low
        nut too

        """.replacingOccurrences(of: "\n", with: "\r\n"))
  }

  @Test func `a subject cannot become a header`() throws {
    let text = String(
      decoding: try message("Low\r\nBcc: all@example.com\u{0}", "x").bytes, as: UTF8.self)
    #expect(text.contains("\r\nSubject: Low Bcc: all@example.com \r\n"))
    #expect(!text.contains("\r\nBcc:"))
  }

  @Test func `other letters are encoded, and no line is long`() throws {
    let subject = String(repeating: "Überfällige Lieferung 📦 ", count: 8)
    let words = String(repeating: "Zu wenig Käse im Lager. ", count: 40) + "\nEnde"
    let bytes = try message(subject, words).bytes
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(bytes.allSatisfy { $0 < 0x80 })
    let lines = text.components(separatedBy: "\r\n")
    #expect(lines.allSatisfy { $0.utf8.count <= 78 })
    let (head, body) = (
      text.components(separatedBy: "\r\n\r\n")[0], text.components(separatedBy: "\r\n\r\n")[1]
    )
    #expect(head.contains("Content-Transfer-Encoding: base64"))
    let decoded = try #require(
      Data(base64Encoded: body.replacingOccurrences(of: "\r\n", with: "")))
    #expect(
      String(decoding: decoded, as: UTF8.self)
        == words.replacingOccurrences(of: "\n", with: "\r\n") + "\r\n")
    let start = try #require(head.range(of: "Subject: ")).upperBound
    let end = try #require(head.range(of: "\r\nMessage-ID")).lowerBound
    var read = ""
    for word in head[start..<end].components(separatedBy: "\r\n ") {
      #expect(word.hasPrefix("=?utf-8?B?") && word.hasSuffix("?="))
      let digits = word.dropFirst(10).dropLast(2)
      read += String(decoding: try #require(Data(base64Encoded: String(digits))), as: UTF8.self)
    }
    #expect(read == subject)
  }
}
