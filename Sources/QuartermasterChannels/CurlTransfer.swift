internal import CCurl
internal import Foundation
internal import QuartermasterCore

/// One transfer with libcurl: set up, run once, thrown away.
///
/// It blocks the thread that runs it, and ends early when the task of that thread is cancelled.
final class CurlTransfer {
  /// How a transfer ended.
  struct Ended {
    /// What libcurl says; `CURLE_OK` when all went over.
    let code: CURLcode
    /// The last status of the server; 0 when it said none.
    let status: Int
    /// The seconds that the server asked to be left alone; 0 when it did not.
    let retryAfter: Int
    /// What went wrong, in libcurl's words.
    let message: String
  }

  private let handle: UnsafeMutableRawPointer
  private var lists: [UnsafeMutablePointer<curl_slist>] = []
  private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
  private var upload: [UInt8] = []
  private var sent = 0

  /// Set up once, before the first transfer of the process.
  private static let start = qm_curl_start()

  /// Creates a transfer.
  ///
  /// - Parameters:
  ///   - url: Where to.
  ///   - isMail: Whether it is SMTP; else it is HTTP.
  ///   - limits: The longest time for the connection, and for the whole, in milliseconds.
  ///   - authority: The file of the certificates that are trusted; nil for those of the system.
  /// - Throws: ``DeliveryFailure`` when libcurl does not take a setting.
  init(
    _ url: String, isMail: Bool, limits: (connect: Int, total: Int), authority: String?
  ) throws {
    guard Self.start == CURLE_OK, let handle = curl_easy_init() else {
      throw DeliveryFailure("libcurl does not start")
    }
    self.handle = handle
    errorText[0] = 0
    try check(qm_curl_set_error(handle, errorText))
    try check(qm_curl_limit_protocols(handle, isMail ? 1 : 0))
    try set(CURLOPT_URL, url)
    // Signals of time-outs would reach the host's own threads.
    try set(CURLOPT_NOSIGNAL, 1)
    try set(CURLOPT_FOLLOWLOCATION, 0)
    try set(CURLOPT_CONNECTTIMEOUT_MS, limits.connect)
    try set(CURLOPT_TIMEOUT_MS, limits.total)
    if let authority { try set(CURLOPT_CAINFO, authority) }
    // The computer itself is never behind a proxy.
    let environment = ProcessInfo.processInfo.environment
    let direct = environment["no_proxy"] ?? environment["NO_PROXY"]
    try set(CURLOPT_NOPROXY, (direct.map { $0 + "," } ?? "") + "localhost,127.0.0.1,::1")
    // What the server says is not kept: it may repeat what it was sent.
    try check(qm_curl_set_writer(handle, { _, size, count, _ in size * count }, nil))
    try check(
      qm_curl_set_progress(handle) { _, _, _, _, _ in
        withUnsafeCurrentTask { $0?.isCancelled ?? false } ? 1 : 0
      })
  }

  deinit {
    curl_easy_cleanup(handle)
    for list in lists { curl_slist_free_all(list) }
    errorText.deallocate()
  }

  // MARK: Settings

  func set(_ option: CURLoption, _ text: String) throws {
    try check(qm_curl_set_text(handle, option, text))
  }

  func set(_ option: CURLoption, _ number: Int) throws {
    try check(qm_curl_set_number(handle, option, number))
  }

  func set(_ option: CURLoption, _ texts: [String]) throws {
    var list: UnsafeMutablePointer<curl_slist>?
    for text in texts {
      guard let longer = curl_slist_append(list, text) else {
        curl_slist_free_all(list)
        throw DeliveryFailure("libcurl has no memory for a list")
      }
      list = longer
    }
    guard let list else { return }
    lists.append(list)
    try check(qm_curl_set_list(handle, option, list))
  }

  /// Sets what goes to the server as the body of a POST.
  func setBody(_ bytes: [UInt8]) throws {
    upload = bytes
    try set(CURLOPT_POST, 1)
    try check(qm_curl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count)))
    try setReader()
  }

  /// Sets what goes to the server as a mail.
  func setMail(_ bytes: [UInt8]) throws {
    upload = bytes
    try set(CURLOPT_UPLOAD, 1)
    try check(qm_curl_set_size(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(bytes.count)))
    try setReader()
  }

  private func setReader() throws {
    // The transfer outlives its own run, and is thrown away after it.
    let context = Unmanaged.passUnretained(self).toOpaque()
    try check(
      qm_curl_set_reader(
        handle,
        { target, size, count, context in
          guard let target, let context else { return 0 }
          return Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
            .read(into: target, limit: size * count)
        }, context))
  }

  private func read(into target: UnsafeMutablePointer<CChar>, limit: Int) -> Int {
    let count = min(limit, upload.count - sent)
    upload.withUnsafeBytes { bytes in
      if count > 0, let start = bytes.baseAddress {
        UnsafeMutableRawPointer(target).copyMemory(from: start + sent, byteCount: count)
      }
    }
    sent += count
    return count
  }

  // MARK: Running

  /// Runs the transfer to its end.
  func run() -> Ended {
    let code = curl_easy_perform(handle)
    let detail = String(cString: errorText)
    return Ended(
      code: code, status: qm_curl_status(handle), retryAfter: Int(qm_curl_retry_after(handle)),
      message: detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail)
  }

  private func check(_ code: CURLcode) throws {
    if code != CURLE_OK {
      throw DeliveryFailure("libcurl: \(String(cString: curl_easy_strerror(code)))")
    }
  }
}
