import Foundation
import Testing

/// Runs the built program against a server: secrets come from its environment, and a kill loses nothing.
struct BinaryDeliveryTests {
  /// A project folder that is gone after the test.
  private final class Folder {
    let path = NSTemporaryDirectory() + "/quartermaster-\(UUID().uuidString)"

    init(url: String) throws {
      try FileManager.default.createDirectory(
        atPath: path + "/rules", withIntermediateDirectories: true)
      try write(
        "classes:\n  Item:\n    quantity: {type: Integer, default: 0}\n", to: "schema.yaml")
      try write(
        """
        channels:
          ops: {kind: webhook, url: "\(url)", secretFrom: OPS_SECRET}
        outbox: {jitter: 0, lease: 1s}
        """, to: "quartermaster.yaml")
      try write(
        """
        - rule: tell
          trigger:
            created: Item
          action:
            - notify: ops@example.com
              by: ops
              message: ${item.quantity} of them
        """, to: "rules/tell.yaml")
      try write(
        #"{"op":"create","class":"Item","id":"bolt","fields":{"quantity":3}}"# + "\n",
        to: "one.jsonl")
    }

    func write(_ text: String, to name: String) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  private static let secret = "s3cret-of-ops"

  private func start(_ arguments: [String], in folder: Folder, isSecretSet: Bool = true) throws
    -> (process: Process, output: Pipe, errors: Pipe)
  {
    let here = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0])
    let process = Process()
    process.executableURL = here.deletingLastPathComponent().appendingPathComponent(
      "quartermaster")
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    var environment = ProcessInfo.processInfo.environment
    environment["OPS_SECRET"] = isSecretSet ? Self.secret : nil
    process.environment = environment
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    return (process, output, errors)
  }

  private func run(_ arguments: [String], in folder: Folder, isSecretSet: Bool = true) throws
    -> (status: Int32, text: String)
  {
    let (process, output, errors) = try start(arguments, in: folder, isSecretSet: isSecretSet)
    let told = output.fileHandleForReading.readDataToEndOfFile()
    let complained = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: told + complained, as: UTF8.self))
  }

  @Test func `a secret is needed, used, and printed nowhere`() throws {
    let server = try WebServer { _, number in number == 1 ? .status(500) : .status(200) }
    let folder = try Folder(url: server.url)
    #expect(try run(["apply", "one.jsonl"], in: folder).status == 0)
    let without = try run(["outbox", "deliver"], in: folder, isSecretSet: false)
    #expect(without.status == 0)
    #expect(without.text.contains("the environment has no OPS_SECRET"))
    #expect(without.text.contains("nobody takes what is for ops here: 1 delivery"))
    #expect(server.requests.isEmpty)
    let failed = try run(["outbox", "deliver"], in: folder)
    #expect(failed.status == 1)
    #expect(failed.text.hasPrefix("0 delivered, 1 failed, 1 waiting\n"))
    var shown = failed.text
    for arguments in [
      ["outbox"], ["outbox", "show", "1"], ["outbox", "show", "1", "--format", "json"],
      ["log"], ["query", "Message"], ["outbox", "retry", "--all"], ["outbox", "deliver"],
    ] {
      shown += try run(arguments, in: folder).text
    }
    #expect(shown.contains("HTTP 500"))
    #expect(shown.contains("1 delivered"))
    #expect(!shown.contains(Self.secret))
    #expect(server.requests.count == 2)
    #expect(server.requests[0].headers["quartermaster-signature"] != nil)
  }

  @Test func `a process that is killed while it delivers is followed by one with the same key`()
    throws
  {
    let server = try WebServer { _, number in number == 1 ? .silence : .status(200) }
    let folder = try Folder(url: server.url)
    #expect(try run(["apply", "one.jsonl"], in: folder).status == 0)
    let first = try start(["outbox", "deliver"], in: folder)
    while server.requests.isEmpty { usleep(1000) }
    // In the file it is being tried, and another process keeps off.
    let second = try run(["outbox", "deliver"], in: folder)
    #expect(second.status == 1)
    #expect(second.text.contains("delivers from this file at the moment"))
    kill(first.process.processIdentifier, SIGKILL)
    first.process.waitUntilExit()
    #expect(try run(["outbox", "list"], in: folder).text.contains("trying"))
    var third = try run(["outbox", "deliver"], in: folder)
    // Until the lease of the dead one is over.
    while third.text.contains("at the moment") {
      third = try run(["outbox", "deliver"], in: folder)
    }
    #expect(third.text == "1 delivered\n")
    let requests = server.requests
    #expect(requests.count == 2)
    #expect(Set(requests.map { $0.headers["idempotency-key"] }).count == 1)
    #expect(requests.map { $0.headers["quartermaster-attempt"] } == ["1", "2"])
    #expect(requests[0].body == requests[1].body)
  }

  /// The recipes of Docs/channels.md.
  @Test func `the signature can be checked with what everybody has`() throws {
    let server = try WebServer { _, _ in .status(200) }
    let folder = try Folder(url: server.url)
    #expect(try run(["apply", "one.jsonl"], in: folder).status == 0)
    #expect(try run(["outbox", "deliver"], in: folder).status == 0)
    let request = try #require(server.requests.first)
    let header = try #require(request.headers["quartermaster-signature"])
    try folder.write(request.text, to: "body.json")
    let page = try String(
      contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Docs/channels.md"), encoding: .utf8)
    func recipe(_ language: String) throws -> String {
      let start = try #require(page.range(of: "```\(language)\n")?.upperBound)
      return String(
        page[start...].prefix(upTo: try #require(page[start...].range(of: "\n```")?.lowerBound)))
    }
    if TestCertificate.openssl != nil {
      let script = try recipe("sh").replacingOccurrences(of: "t=1772442000,v1=…", with: header)
      let found = try shell("OPS_HOOK_SECRET='\(Self.secret)'\n" + script, in: folder)
      #expect(found == String(header.split(separator: "=").last ?? ""))
    }
    if try shell("command -v python3 || true", in: folder).isEmpty { return }
    let python =
      try recipe("python") + """

        import sys
        body = open("body.json", "rb").read()
        print(is_genuine(b"\(Self.secret)", sys.argv[1], body), is_genuine(b"other", sys.argv[1], body),
              is_genuine(b"\(Self.secret)", sys.argv[1], body + b" "))
        """
    try folder.write(python, to: "check.py")
    #expect(try shell("python3 check.py '\(header)'", in: folder) == "True False False")
  }

  private func shell(_ script: String, in folder: Folder) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", script]
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let told = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: told, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
