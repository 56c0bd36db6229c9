internal import CCurl
internal import Foundation
internal import QuartermasterCEL
internal import QuartermasterCore

/// The channel kind `webhook`: an HTTP POST of JSON, signed.
struct Webhook: Sendable {
  /// Where to.
  let url: String
  /// What signs the body; nil for no signature.
  let secret: String?
  /// The file of the certificates that are trusted; nil for those of the system.
  let authority: String?
  /// The longest time for the connection, and for the whole, in milliseconds.
  let limits: (connect: Int, total: Int)

  /// Posts a delivery.
  ///
  /// - Throws: ``DeliveryFailure`` when the receiver did not take it.
  func post(_ delivery: Delivery) throws {
    let body = Array(try delivery.envelope().utf8)
    var headers = [
      "Content-Type: application/json", "Idempotency-Key: \(delivery.key)",
      "Quartermaster-Attempt: \(delivery.attempt)", "User-Agent: quartermaster",
      // libcurl would ask first before it sends a large body.
      "Expect:",
    ]
    if let secret {
      let now = Int64(Date().timeIntervalSince1970)
      headers.append(
        "Quartermaster-Signature: \(Signature.header(body, at: now, secret: secret))")
    }
    let transfer = try CurlTransfer(url, isMail: false, limits: limits, authority: authority)
    try transfer.set(CURLOPT_HTTPHEADER, headers)
    try transfer.setBody(body)
    let ended = transfer.run()
    if ended.code != CURLE_OK {
      // Also when a status came and the rest did not: whether it was taken is not known.
      throw DeliveryFailure(
        "\(host): \(ended.message)",
        retryAfter: TimeSpan(milliseconds: Int64(ended.retryAfter) * 1000))
    }
    try judge(ended)
  }

  private func judge(_ ended: CurlTransfer.Ended) throws {
    switch ended.status {
    case 200...299: return
    case 301, 308:
      throw DeliveryFailure(
        "\(host) has moved (HTTP \(ended.status)); give the channel the new URL", isFinal: true)
    case 408, 425, 429, 500...599:
      throw DeliveryFailure(
        "\(host) answered HTTP \(ended.status)",
        retryAfter: TimeSpan(milliseconds: Int64(clamping: ended.retryAfter) &* 1000))
    case 400...499:
      throw DeliveryFailure("\(host) refused it with HTTP \(ended.status)", isFinal: true)
    default: throw DeliveryFailure("\(host) answered HTTP \(ended.status)")
    }
  }

  /// The host and the port of the URL: what of it an error may show.
  private var host: String {
    let rest = url.drop { $0 != ":" }.dropFirst(3)
    let host = rest.prefix { !"/?#".contains($0) }
    return String(host.split(separator: "@").last ?? "the receiver")
  }
}
