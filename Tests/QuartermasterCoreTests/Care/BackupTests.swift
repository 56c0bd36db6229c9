import CSQLite
import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

private let yaml = """
  classes:
    Item:
      name: String
      count: {type: Integer, default: 0}
  """

struct BackupTests {
  private let folder: TemporaryFolder
  private let test: TestStore
  private var path: String { folder.file("data.sqlite") }

  init() throws {
    folder = try TemporaryFolder()
    test = try TestStore(yaml, path: folder.file("data.sqlite"))
    try test.run { writing throws(Refusal) in
      for number in 0..<200 { try writing.create("Item", "i\(number)", #"{"count": 1}"#) }
    }
  }

  private func refusal(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "done"
    } catch { return (error as? Refusal)?.message ?? "\(error)" }
  }

  private func count(_ path: String) throws -> Int64? {
    let file = try PlainFile(path, .reading)
    defer { file.close() }
    return try file.integer("SELECT sum(count) FROM Item")
  }

  @Test func `a copy is whole, alone, and of one moment while others write`() throws {
    let copy = folder.file("copy.sqlite")
    var told: [Double] = []
    var isFirst = true
    try Backup.make(of: path, to: copy) { done in
      told.append(done)
      if isFirst {
        isFirst = false
        // Somebody writes while it is being made.
        #expect(
          refusal {
            _ = try test.run { writing throws(Refusal) in
              try writing.create("Item", "late", #"{"count": 1000}"#).id
            }
          }
            == "done")
      }
    }
    #expect(told.last == 1)
    #expect(try count(copy) == 200)
    #expect(try count(path) == 1200)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(left.filter { $0.hasPrefix("copy") } == ["copy.sqlite"])
    // It opens like any data file.
    let other = try TestStore(yaml, path: copy)
    try other.store.close()
  }

  @Test func `a place that is taken, the file itself, a folder and a log are refused`() throws {
    let copy = folder.file("copy.sqlite")
    try Backup.make(of: path, to: copy)
    #expect(refusal { try Backup.make(of: path, to: copy) }.contains("there is a file already"))
    #expect(refusal { try Backup.make(of: path, to: copy, overwrites: true) } == "done")
    #expect(
      refusal { try Backup.make(of: path, to: path, overwrites: true) }.contains("data file itself")
    )
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("link"), withDestinationPath: path)
    #expect(
      refusal { try Backup.make(of: path, to: folder.file("link"), overwrites: true) }
        .contains("data file itself"))
    #expect(refusal { try Backup.make(of: path, to: folder.path) }.contains("this is a folder"))
    try Data().write(to: URL(fileURLWithPath: folder.file("x-wal")))
    #expect(
      refusal { try Backup.make(of: path, to: folder.file("x")) }.contains("x-wal: this belongs"))
    #expect(
      refusal { try Backup.make(of: path, to: folder.file("no/copy")) }.contains("cannot be opened")
    )
    #expect(
      refusal { try Backup.make(of: folder.file("none"), to: folder.file("y")) }
        .contains("there is no such file"))
  }

  @Test func `a damaged file is not copied as if it were good`() throws {
    try test.store.close()
    try damage(path)
    let copy = folder.file("copy.sqlite")
    #expect(refusal { try Backup.make(of: path, to: copy) }.contains("damaged"))
    #expect(!FileManager.default.fileExists(atPath: copy))
  }

  /// Overwrites a page in the middle.
  private func damage(_ path: String) throws {
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    #expect(bytes.count > 20 * 4096)
    // All pages but the first: some hold rows.
    for place in stride(from: 4096, to: bytes.count, by: 4096) {
      for offset in 0..<64 { bytes[place + offset] = 0xA5 }
    }
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  // MARK: Restore

  private func restore(_ backup: String) throws -> Restoration.Report {
    try Restoration.restore(
      backup, to: path, schema: test.store.schema,
      now: try #require(Timestamp("2026-03-02T08:00:05.250Z")))
  }

  @Test func `a backup takes the place of the file, which is kept`() throws {
    let copy = folder.file("copy.sqlite")
    try Backup.make(of: path, to: copy)
    try test.run { writing throws(Refusal) in
      _ = try writing.create("Item", "late", #"{"count": 1000}"#)
    }
    try test.store.close()
    let report = try restore(copy)
    #expect(report.kept == path + ".replaced-20260302T080005Z")
    #expect(report.fitsSchema)
    #expect(try count(path) == 200)
    #expect(try count(try #require(report.kept)) == 1200)
    // Once more: the name that is taken is not overwritten.
    #expect(try restore(copy).kept == path + ".replaced-20260302T080005Z-2")
    try FileManager.default.removeItem(atPath: path)
    #expect(try restore(copy).kept == nil)
    #expect(try count(path) == 200)
  }

  @Test func `what stood only in the log of the replaced file is kept with it`() throws {
    let copy = folder.file("copy.sqlite")
    try Backup.make(of: path, to: copy)
    try test.run { writing throws(Refusal) in
      _ = try writing.create("Item", "late", #"{"count": 1000}"#)
    }
    // As a process leaves it that was killed: the file, its log, no shared memory.
    let (file, log) = (
      try Data(contentsOf: URL(fileURLWithPath: path)),
      try Data(contentsOf: URL(fileURLWithPath: path + "-wal"))
    )
    try test.store.close()
    try file.write(to: URL(fileURLWithPath: path))
    try log.write(to: URL(fileURLWithPath: path + "-wal"))
    let kept = try #require(try restore(copy).kept)
    #expect(try count(path) == 200)
    #expect(try count(kept) == 1200)
  }

  @Test func `a damaged file can be replaced too, and is kept with its log`() throws {
    let copy = folder.file("copy.sqlite")
    try Backup.make(of: path, to: copy)
    try test.store.close()
    try Data("this is no database, but it was one".utf8).write(to: URL(fileURLWithPath: path))
    try Data("log".utf8).write(to: URL(fileURLWithPath: path + "-wal"))
    let kept = try #require(try restore(copy).kept)
    #expect(try count(path) == 200)
    #expect(try Data(contentsOf: URL(fileURLWithPath: kept)).count == 35)
    #expect(FileManager.default.fileExists(atPath: kept + "-wal"))
  }

  @Test func `what is no backup changes nothing`() throws {
    try test.store.close()
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    let bad = folder.file("bad")
    try Data(
      "nothing of the kind, and long enough to be looked at ......................................................"
        .utf8
    )
    .write(to: URL(fileURLWithPath: bad))
    #expect(refusal { _ = try restore(bad) }.contains("this is not a data file"))
    #expect(refusal { _ = try restore(folder.file("none")) }.contains("there is no such file"))
    #expect(refusal { _ = try restore(path) }.contains("data file itself"))
    let foreign = folder.file("foreign.sqlite")
    let file = try PlainFile(foreign, .making)
    try file.execute("CREATE TABLE a (b)")
    file.close()
    #expect(refusal { _ = try restore(foreign) }.contains("belongs to another program"))
    let damaged = folder.file("damaged.sqlite")
    try Backup.make(of: path, to: damaged)
    try damage(damaged)
    #expect(refusal { _ = try restore(damaged) }.contains("damaged"))
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
        $0.contains(".part")
      }
      .isEmpty)
  }
}
