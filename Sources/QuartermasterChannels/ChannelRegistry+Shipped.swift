internal import QuartermasterCEL
public import QuartermasterCore

extension ChannelRegistry {
  /// Registers the channels that a project declares, of the kinds `file`, `webhook` and `email`.
  ///
  /// A channel that lacks a variable of the environment is left out: what is queued for it stays in the outbox until it
  /// is there.
  ///
  /// - Parameters:
  ///   - settings: The settings of the project.
  ///   - folder: The folder of the project, to which paths are relative.
  ///   - environment: Where secrets are read, by the names that the settings give.
  /// - Returns: What was left out and why, a sentence each.
  public mutating func registerShipped(
    of settings: ProjectSettings, folder: String, environment: [String: String]
  ) -> [String] {
    registerFiles(of: settings, folder: folder)
    var problems: [String] = []
    for (name, channel) in settings.channels.sorted(by: { $0.key < $1.key }) {
      let reader = OptionReader(
        name: name, options: channel.options, folder: folder, environment: environment)
      do throws(OptionReader.Missing) {
        switch channel.kind {
        case "webhook": try registerWebhook(reader)
        case "email": try registerMail(reader)
        default: break
        }
      } catch { problems.append(error.sentence) }
    }
    return problems
  }

  private mutating func registerWebhook(_ options: OptionReader) throws(OptionReader.Missing) {
    let given = try options.secret("urlFrom")
    let secret = try options.secret("secretFrom")
    let url = if let given { given } else { try options.required("url") }
    let hook = Webhook(
      url: url, secret: secret, authority: options.path("ca"),
      limits: options.limits)
    // An address that is read from the environment may be all that keeps strangers out.
    let path = given.map { String($0.drop { $0 != ":" }.dropFirst(3).drop { $0 != "/" }) }
    register(
      options.name,
      secrets: [given, secret, path.flatMap { $0.count > 3 ? $0 : nil }].compactMap { $0 }
    ) { try hook.post($0) }
  }

  private mutating func registerMail(_ options: OptionReader) throws(OptionReader.Missing) {
    let security = options.options["security"].flatMap(Mail.Security.init) ?? .starttls
    guard let from = MailMessage.Mailbox(try options.required("from")) else {
      throw OptionReader.Missing(
        sentence: "the channel \(options.name) is left out: its `from` is no e-mail address")
    }
    let password = try options.secret("passwordFrom")
    let user = try options.secret("userFrom") ?? options.options["user"]
    let mail = Mail(
      server: try options.required("server"),
      port: options.options["port"].flatMap(Int.init) ?? (security == .tls ? 465 : 587),
      security: security, from: from,
      login: user.map { ($0, password ?? "") }, authority: options.path("ca"),
      limits: options.limits)
    register(options.name, secrets: [password].compactMap { $0 }) { try mail.send($0) }
  }
}

/// Reads the options of one channel.
private struct OptionReader {
  let name: String
  let options: [String: String]
  let folder: String
  let environment: [String: String]

  /// Something that the channel cannot do without.
  struct Missing: Error {
    let sentence: String
  }

  func required(_ key: String) throws(Missing) -> String {
    if let value = options[key] { return value }
    throw Missing(sentence: "the channel \(name) is left out: it has no `\(key)`")
  }

  /// Returns the value of the variable that an option names; nil without the option.
  func secret(_ key: String) throws(Missing) -> String? {
    guard let variable = options[key] else { return nil }
    if let value = environment[variable], !value.isEmpty { return value }
    throw Missing(
      sentence:
        "the channel \(name) is left out: the environment has no \(variable), which its `\(key)` names"
    )
  }

  func path(_ key: String) -> String? {
    options[key].map { $0.hasPrefix("/") ? $0 : folder + "/" + $0 }
  }

  /// The longest times, in milliseconds.
  var limits: (connect: Int, total: Int) {
    func milliseconds(_ key: String, _ usual: Int) -> Int {
      options[key].flatMap { TimeSpan($0, allowsDays: true) }.map { Int($0.milliseconds) } ?? usual
    }
    return (milliseconds("connectTimeout", 10_000), milliseconds("timeout", 30_000))
  }
}
