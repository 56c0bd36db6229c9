import Foundation
import QuartermasterCEL
import QuartermasterCore
import Testing

@testable import QuartermasterChannels

/// E-mail against a server that takes, refuses, is slow and dies half-way.
struct MailTests {
  private func station(
    _ server: MailServer, _ more: String = "security: none", environment: [String: String] = [:],
    outbox: String = "jitter: 0, delays: [1s]"
  ) throws -> PostStation {
    try PostStation(
      "kind: email, server: localhost, port: \(server.port), from: 'Käse & Co <shop@example.com>', \(more)",
      environment: environment, outbox: outbox)
  }

  @Test func `a message is mailed with its title as the subject`() throws {
    let server = try MailServer()
    let station = try station(server)
    try station.send(to: "eve@example.com", name: "Schraube Ø 8\r\nBcc: all@example.com")
    #expect(try station.deliver().delivered == 1)
    let mail = try #require(server.mails.first)
    #expect(mail.from.hasPrefix("MAIL FROM:<shop@example.com>"))
    #expect(mail.to == ["RCPT TO:<eve@example.com>"])
    #expect(mail.header("From") == "=?utf-8?B?S8Okc2UgJiBDbw==?= <shop@example.com>")
    #expect(mail.header("To") == "eve@example.com")
    #expect(mail.header("Bcc") == nil)
    #expect(mail.header("Date") == "Mon, 2 Mar 2026 09:00:00 +0000")
    #expect(mail.header("Quartermaster-Key") == (try station.entry().key))
    #expect(mail.header("Message-ID")?.hasSuffix("@example.com>") == true)
    #expect(mail.data.hasSuffix("\r\n\r\n4 left\r\n"))
    #expect(!mail.isEncrypted)
    #expect(server.commands.first == "EHLO example.com")
    let subject = try #require(mail.header("Subject"))
    let decoded = subject.components(separatedBy: " ").map { word in
      String(
        decoding: Data(base64Encoded: String(word.dropFirst(10).dropLast(2))) ?? Data(),
        as: UTF8.self)
    }.joined()
    #expect(decoded == "Stock of Schraube Ø 8 Bcc: all@example.com")
  }

  @Test func `a server that dies after the message gets the same one again`() throws {
    let server = try MailServer(.init(closesAfterData: true))
    let station = try station(server)
    try station.send(to: "eve@example.com")
    #expect(try station.deliver().failed == 1)
    server.become(.init())
    try station.advance(milliseconds: 1000)
    #expect(try station.deliver().delivered == 1)
    #expect(server.mails.count == 2)
    #expect(Set(server.mails.map(\.data)).count == 1)
  }

  @Test(
    arguments: [
      ("450 4.2.1 later", nil, true), ("550 5.1.1 nobody here", nil, false),
      (nil, "451 4.3.0 later", true), (nil, "554 5.7.1 no", false),
    ] as [(String?, String?, Bool)])
  func `what a server answers decides whether it is tried again`(
    _ recipient: String?, _ data: String?, _ again: Bool
  ) throws {
    let server = try MailServer(.init(recipientReply: recipient, dataReply: data))
    let station = try station(server)
    try station.send(to: "eve@example.com")
    let report = try station.deliver()
    #expect(report.failed == (again ? 1 : 0))
    #expect(report.dead == (again ? 0 : 1))
    let status = (recipient ?? data ?? "").prefix(3)
    #expect(try station.entry().error.contains(status))
    #expect(server.mails.isEmpty)
  }

  @Test func `a server that says nothing runs out of time`() throws {
    let server = try MailServer(.init(isSilent: true))
    let station = try station(server, "security: none, timeout: 200ms")
    try station.send(to: "eve@example.com")
    #expect(try station.deliver().failed == 1)
    #expect(try station.entry().error.contains("timed out"))
  }

  @Test func `an address that is none is a dead letter`() throws {
    let server = try MailServer()
    let station = try station(server)
    try station.send(to: "+49 30 1234")
    #expect(try station.deliver().dead == 1)
    #expect(try station.entry().error == "\"+49 30 1234\" is no e-mail address that can be sent to")
    #expect(server.commands.isEmpty)
  }

  @Test func `nothing is sent in the clear where STARTTLS is asked for`() throws {
    let server = try MailServer()
    let station = try station(
      server, "user: shop, passwordFrom: PASSWORD", environment: ["PASSWORD": "pa55word"])
    try station.send(to: "eve@example.com")
    #expect(try station.deliver().failed == 1)
    #expect(server.mails.isEmpty)
    #expect(!server.commands.contains { $0.hasPrefix("AUTH") || $0.hasPrefix("MAIL") })
  }

  @Test(.enabled(if: TestCertificate.openssl != nil))
  func `STARTTLS and a login, with a certificate of one's own`() throws {
    let certificate = try TestCertificate()
    let server = try MailServer(.init(login: "shop:pa55word"), certificate: certificate)
    let login = "user: shop, passwordFrom: PASSWORD"
    let station = try station(
      server, "\(login), ca: '\(certificate.file)'", environment: ["PASSWORD": "pa55word"])
    try station.send(to: "eve@example.com")
    let report = try station.deliver()
    let entry = try station.entry()
    #expect(report.delivered == 1, "\(entry)")
    let mail = try #require(server.mails.first)
    #expect(mail.isEncrypted)
    #expect(mail.login == "shop:pa55word")
    // What was said before the line was secured.
    #expect(server.commands.prefix(2) == ["EHLO example.com", "STARTTLS"])
  }

  @Test(.enabled(if: TestCertificate.openssl != nil))
  func `a certificate that nobody vouches for gets nothing`() throws {
    let certificate = try TestCertificate()
    let server = try MailServer(.init(login: "shop:pa55word"), certificate: certificate)
    let station = try station(
      server, "user: shop, passwordFrom: PASSWORD", environment: ["PASSWORD": "pa55word"])
    try station.send(to: "eve@example.com")
    #expect(try station.deliver().failed == 1)
    #expect(server.mails.isEmpty)
    #expect(!server.commands.contains { $0.hasPrefix("AUTH") })
  }

  @Test(.enabled(if: TestCertificate.openssl != nil))
  func `a login that fails is tried again, and the password is shown nowhere`() throws {
    let certificate = try TestCertificate()
    let server = try MailServer(.init(login: "shop:other"), certificate: certificate)
    let station = try station(
      server, "user: shop, passwordFrom: PASSWORD, ca: '\(certificate.file)'",
      environment: ["PASSWORD": "pa55word"])
    try station.send(to: "eve@example.com")
    #expect(try station.deliver().failed == 1)
    let error = try station.entry().error
    // The server repeats it.
    #expect(!error.contains("pa55word"))
    #expect(!error.isEmpty)
  }
}
