import Foundation
import Testing

@testable import QuartermasterCore
@testable import QuartermasterShell

extension Fixture {
  /// Runs SQL on the data file as another program would, one statement after the other.
  func sql(_ text: String) throws {
    let file = try PlainFile(path("data.sqlite"), .writing)
    defer { file.close() }
    for statement in text.split(separator: ";") { try file.execute(String(statement)) }
  }
}

/// Files that are not as they should be: each command says what, where and what to do, and ends with its code.
struct FileFaultTests {
  private struct Ended {
    let status: Int32
    let errors: String
  }

  private static let program: URL = {
    let here = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0])
    return here.deletingLastPathComponent().appendingPathComponent("quartermaster")
  }()

  private func run(_ arguments: [String], _ fixture: Fixture, asNobody: Bool = false) throws
    -> Ended
  {
    let process = Process()
    process.executableURL = asNobody ? URL(fileURLWithPath: Self.setpriv) : Self.program
    process.arguments =
      (asNobody ? ["--reuid=65534", "--regid=65534", "--clear-groups", Self.program.path] : [])
      + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: fixture.folder)
    let (input, errors) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    try process.run()
    try input.fileHandleForWriting.close()
    let said = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Ended(status: process.terminationStatus, errors: String(decoding: said, as: UTF8.self))
  }

  /// The commands that need the data file.
  private static let commands = [
    ["query", "Product.size()"],
    ["apply", "day.jsonl", "--clock", "replay", "--show-refused", "0"],
    ["repl"], ["log"], ["migrate"], ["doctor"], ["backup", "copy.sqlite"],
  ]

  /// Runs all commands on a file; each must fail with the code, and say so of the file.
  private func expect(
    _ code: Int32, _ text: String, _ fixture: Fixture, but exceptions: [String] = [],
    asNobody: Bool = false
  ) throws {
    for command in Self.commands where !exceptions.contains(command[0]) {
      let ended = try run(command, fixture, asNobody: asNobody)
      // `doctor` may have looked, and found it.
      let codes = command[0] == "doctor" ? [code, 1] : [code]
      #expect(codes.contains(ended.status), "\(command): \(ended.status) \(ended.errors)")
      if ended.status == 1 { continue }
      #expect(ended.errors.hasPrefix("error: "), "\(command): \(ended.errors)")
      #expect(ended.errors.contains(text), "\(command): \(ended.errors)")
      #expect(ended.errors.contains("data.sqlite"), "\(command): \(ended.errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: fixture.path("copy.sqlite")))
  }

  private func filled() throws -> Fixture {
    let fixture = try Fixture()
    #expect(fixture.applyDay().status == .done)
    return fixture
  }

  @Test func `a folder in the place of the file`() throws {
    let fixture = try Fixture()
    try FileManager.default.createDirectory(
      atPath: fixture.path("data.sqlite"), withIntermediateDirectories: false)
    try expect(65, "this is a folder", fixture)
  }

  @Test func `a file of another program`() throws {
    let fixture = try Fixture()
    let file = try PlainFile(fixture.path("data.sqlite"), .making)
    try file.execute("CREATE TABLE a (b)")
    file.close()
    try expect(65, "belongs to another program", fixture)
  }

  @Test func `a file that is no database`() throws {
    let fixture = try Fixture()
    try fixture.write(String(repeating: "words ", count: 100), to: "data.sqlite")
    try expect(65, "this is not a data file", fixture)
  }

  @Test func `a file that was cut off`() throws {
    let fixture = try filled()
    let path = fixture.path("data.sqlite")
    let size = try Data(contentsOf: URL(fileURLWithPath: path)).count
    truncate(path, off_t(size / 2))
    try expect(65, "damaged", fixture)
  }

  @Test func `a page that was overwritten`() throws {
    let fixture = try filled()
    let path = fixture.path("data.sqlite")
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    for place in stride(from: 4096, to: bytes.count, by: 4096) {
      for offset in 0..<64 { bytes[place + offset] = 0xA5 }
    }
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    try expect(65, "damaged", fixture)
  }

  @Test func `a file of a newer program`() throws {
    let fixture = try filled()
    try fixture.sql("PRAGMA user_version = 99")
    try expect(65, "was written by a newer version (format 99", fixture)
  }

  @Test func `tables of another schema`() throws {
    let fixture = try filled()
    let schema = try String(contentsOfFile: fixture.path("schema.yaml"), encoding: .utf8)
    try fixture.write(
      schema.replacingOccurrences(of: "    tags: {type: Array, of: String}\n", with: ""),
      to: "schema.yaml")
    for command in Self.commands.prefix(4) {
      let ended = try run(command, fixture)
      #expect(ended.status == 65, "\(command)")
      #expect(ended.errors.contains("`quartermaster migrate --dry-run`"), "\(command)")
    }
    #expect(try run(["doctor"], fixture).status == 1)
    // A copy of the file as it is can always be made.
    #expect(try run(["backup", "copy.sqlite"], fixture).status == 0)
  }

  @Test func `rules in the file that nobody understands do not close it`() throws {
    let fixture = try filled()
    try fixture.sql(
      #"UPDATE _rules SET text = '[["rules/new.yaml","- rule: a\n  newly: 1"]]', hash = 'x'"#)
    #expect(try run(["query", "1"], fixture).status == 0)
    #expect(try run(["doctor"], fixture).status == 1)
    // The rules of the project take their place.
    #expect(try run(["apply", "day.jsonl", "--show-refused", "0"], fixture).status == 0)
    #expect(try run(["doctor"], fixture).status == 0)
  }

  @Test func `a log without its shared memory is read all the same`() throws {
    let fixture = try filled()
    let path = fixture.path("data.sqlite")
    let writer = try PlainFile(path, .writing)
    try writer.execute("PRAGMA wal_autocheckpoint = 0")
    try writer.execute("UPDATE Product SET name = 'from the log' WHERE objectId = 'bolt'")
    let copy = try Fixture()
    for end in ["", "-wal"] {
      try FileManager.default.copyItem(atPath: path + end, toPath: copy.path("data.sqlite" + end))
    }
    writer.close()
    var command = ["query", "Product[\"bolt\"].name == \"from the log\" ? 1 : 1 / 0"]
    #expect(try run(command, copy).status == 0)
    command = ["backup", "copy.sqlite"]
    #expect(try run(command, copy).status == 0)
  }

  @Test func `a file that another process keeps locked`() throws {
    let fixture = try filled()
    let holder = try PlainFile(fixture.path("data.sqlite"), .writing)
    // Something stands in the log, as in any file that is in use.
    try holder.execute("UPDATE Product SET name = 'Bolt' WHERE objectId = 'bolt'")
    try holder.execute("BEGIN IMMEDIATE")
    // Who only reads is not held up.
    #expect(try run(["query", "1"], fixture).status == 0)
    #expect(try run(["backup", "copy.sqlite"], fixture).status == 0)
    let ended = try run(["apply", "day.jsonl", "--clock", "replay"], fixture)
    #expect(ended.status == 70)
    #expect(ended.errors.contains("another program holds the file locked"), "\(ended.errors)")
    let restored = try run(["restore", "copy.sqlite"], fixture)
    #expect(restored.status == 65)
    #expect(restored.errors.contains("another process has the file open"), "\(restored.errors)")
    try holder.execute("ROLLBACK")
    // Open is enough.
    #expect(try run(["restore", "copy.sqlite"], fixture).status == 65)
    holder.close()
    #expect(try run(["restore", "copy.sqlite"], fixture).status == 0)
  }

  // MARK: Permissions

  private static let setpriv = "/usr/bin/setpriv"

  /// Whether a process may be run for which permissions hold: root is above them, and becomes nobody.
  private static let canBeHeldBack =
    getuid() != 0
    || (FileManager.default.isExecutableFile(atPath: setpriv)
      && FileManager.default.isExecutableFile(atPath: program.path))

  private func asOrdinary(_ fixture: Fixture) throws -> Bool {
    guard getuid() == 0 else { return false }
    for name in try FileManager.default.subpathsOfDirectory(atPath: fixture.folder) + [""] {
      chown(fixture.path(name), 65534, 65534)
    }
    return true
  }

  @Test(.enabled(if: canBeHeldBack, "as root, setpriv is needed"))
  func `a file that may not be written`()
    throws
  {
    let fixture = try filled()
    let asNobody = try asOrdinary(fixture)
    chmod(fixture.path("data.sqlite"), 0o444)
    // Copying it writes nothing.
    try expect(
      65, "the file cannot be written", fixture, but: ["backup", "doctor"], asNobody: asNobody)
    #expect(try run(["backup", "copy.sqlite"], fixture, asNobody: asNobody).status == 0)
  }

  @Test(.enabled(if: canBeHeldBack, "as root, setpriv is needed"))
  func `a folder that may not be written`()
    throws
  {
    let fixture = try Fixture()
    let asNobody = try asOrdinary(fixture)
    chmod(fixture.folder, 0o555)
    defer { chmod(fixture.folder, 0o755) }
    for command in Self.commands.prefix(3) {
      let ended = try run(command, fixture, asNobody: asNobody)
      #expect(ended.status == 65, "\(command): \(ended.errors)")
      #expect(ended.errors.contains("permissions"), "\(command): \(ended.errors)")
    }
  }

  // MARK: A full disk

  /// A file system of a megabyte, where one may be mounted.
  private static func mounted() -> String? {
    guard getuid() == 0 else { return nil }
    let path = NSTemporaryDirectory() + "/quartermaster-disk-\(UUID().uuidString)"
    guard
      (try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true))
        != nil
    else { return nil }
    let mount = Process()
    mount.executableURL = URL(fileURLWithPath: "/bin/mount")
    mount.arguments = ["-t", "tmpfs", "-o", "size=1m", "none", path]
    mount.standardError = FileHandle.nullDevice
    guard (try? mount.run()) != nil else { return nil }
    mount.waitUntilExit()
    if mount.terminationStatus == 0 { return path }
    rmdir(path)
    return nil
  }

  @Test func `a disk that is full stops a stream, and what was kept is whole`() throws {
    guard let disk = Self.mounted() else {
      print(
        "no file system can be mounted here; the page limit of a file stands for a full disk elsewhere"
      )
      return
    }
    defer {
      umount2(disk, Int32(MNT_DETACH))
      rmdir(disk)
    }
    let fixture = try Fixture()
    let settings = try String(contentsOfFile: fixture.path("quartermaster.yaml"), encoding: .utf8)
    try fixture.write(settings + "data: \(disk)/data.sqlite\n", to: "quartermaster.yaml")
    let text = String(repeating: "x", count: 1000)
    let lines = (0..<3000).map {
      #"{"op":"create","class":"Supplier","id":"s\#($0)","fields":{"name":"\#(text)\#($0)"}}"#
    }
    try fixture.write(lines.joined(separator: "\n"), to: "long.jsonl")
    let ended = try run(["apply", "long.jsonl"], fixture)
    #expect(ended.status == 70, "\(ended.errors)")
    #expect(ended.errors.contains("the disk is full"), "\(ended.errors)")
    let copy = try run(["backup", disk + "/copy.sqlite"], fixture)
    #expect(copy.status == 70, "\(copy.errors)")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: disk).allSatisfy {
        $0.hasPrefix("data.sqlite")
      })
    // A file elsewhere has room, and all that was kept is in it.
    #expect(try run(["backup", "copy.sqlite"], fixture).status == 0)
    try fixture.write(settings, to: "quartermaster.yaml")
    try FileManager.default.moveItem(
      atPath: fixture.path("copy.sqlite"), toPath: fixture.path("data.sqlite"))
    #expect(try run(["doctor"], fixture).status == 0)
    #expect(try run(["apply", "long.jsonl", "--resume"], fixture).status == 0)
    #expect(try run(["query", "Supplier.size() == 3000 ? 1 : 1 / 0"], fixture).status == 0)
  }
}
