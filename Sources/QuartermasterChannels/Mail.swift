internal import CCurl
internal import QuartermasterCEL
internal import QuartermasterCore

/// The channel kind `email`: one mail per delivery, over SMTP.
struct Mail: Sendable {
  /// How the connection is secured.
  enum Security: String, Sendable {
    /// By STARTTLS; without it nothing is sent.
    case starttls
    /// By TLS from the first byte.
    case tls
    /// Not at all; for a server on the same computer.
    case none
  }

  /// The server.
  let server: String
  let port: Int
  let security: Security
  /// Who sends.
  let from: MailMessage.Mailbox
  /// The login; nil for a server that asks for none.
  let login: (user: String, password: String)?
  /// The file of the certificates that are trusted; nil for those of the system.
  let authority: String?
  /// The longest time for the connection, and for the whole, in milliseconds.
  let limits: (connect: Int, total: Int)

  /// Sends a delivery.
  ///
  /// - Throws: ``DeliveryFailure`` when the server did not take it.
  func send(_ delivery: Delivery) throws {
    guard let to = MailMessage.Mailbox(delivery.address) else {
      throw DeliveryFailure(
        "\"\(delivery.address)\" is no e-mail address that can be sent to", isFinal: true)
    }
    let body = try delivery.content()
    let text = body["message"]?.text ?? ""
    let firstLine = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    let message = MailMessage(
      from: from, to: to, subject: body["title"]?.text ?? String(firstLine.prefix(100)),
      text: text, key: delivery.key, at: delivery.at)
    let scheme = security == .tls ? "smtps" : "smtp"
    // The path of the URL is the name that we greet the server with.
    let transfer = try CurlTransfer(
      "\(scheme)://\(server):\(port)/\(message.domain)", isMail: true, limits: limits,
      authority: authority)
    if security == .starttls { try transfer.set(CURLOPT_USE_SSL, Int(CURLUSESSL_ALL.rawValue)) }
    if let login {
      try transfer.set(CURLOPT_USERNAME, login.user)
      try transfer.set(CURLOPT_PASSWORD, login.password)
    }
    try transfer.set(CURLOPT_MAIL_FROM, "<\(from.address)>")
    try transfer.set(CURLOPT_MAIL_RCPT, ["<\(to.address)>"])
    try transfer.setMail(message.bytes)
    let ended = transfer.run()
    if ended.code == CURLE_OK { return }
    let status = ended.status >= 400 ? " (SMTP \(ended.status))" : ""
    throw DeliveryFailure(
      "\(server): \(ended.message)\(status)", isFinal: Self.isFinal(ended))
  }

  /// Whether the server refused this mail for good; a login that fails is the settings' fault, and can be mended.
  private static func isFinal(_ ended: CurlTransfer.Ended) -> Bool {
    let ofLogin: Set<Int> = [530, 534, 535, 538]
    // Errors of the connection keep the status of what was said before them.
    let ofServer = [
      CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_WEIRD_SERVER_REPLY, CURLE_UPLOAD_FAILED,
    ]
    return ofServer.contains(ended.code) && (500...599).contains(ended.status)
      && !ofLogin.contains(ended.status)
  }
}
