internal import Foundation
internal import GRDB
internal import QuartermasterCEL

/// Backups, and a look at the health of a file.
extension Store {
  /// Copies the file as it is at one moment to another file, while others read and write.
  ///
  /// - Parameters:
  ///   - destination: The path of the copy; nothing may be there.
  ///   - progress: Is told how much is done, from 0 to 1.
  /// - Throws: A refusal when there is a file already, or the copy fails; what was written of it is removed.
  package func backup(
    to destination: String, progress: @escaping (Double) -> Void = { _ in }
  ) throws(Refusal) {
    if FileManager.default.fileExists(atPath: destination) {
      throw Refusal(
        .storage, "\(destination): there is a file already; name another one, or move it away")
    }
    do {
      let copy = try DatabaseQueue(path: destination)
      try access.copy(to: copy, progress)
      try copy.close()
    } catch {
      try? FileManager.default.removeItem(atPath: destination)
      throw .storage(error, file: destination)
    }
  }

  /// Looks through the whole file for damage, and for pointers to nothing.
  ///
  /// - Returns: What is wrong, in words; empty when all is well. Totals are the writer's to check.
  package func problems() throws(Refusal) -> [String] {
    var found: [String] = []
    let integrity = try statement("PRAGMA integrity_check")
    while try integrity.step() {
      if integrity.text(0) != "ok" { found.append(integrity.text(0)) }
    }
    let pointers = try statement(
      "SELECT \"table\", rowid, parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 3")
    while try pointers.step() {
      let (table, parent) = (pointers.text(0), pointers.text(2))
      found.append("\(pointers.int(3)) of \(table) point at a \(parent) that is not there")
    }
    return found
  }
}

extension Store.Access {
  /// Copies all pages to another database.
  func copy(to copy: DatabaseQueue, _ progress: @escaping (Double) -> Void) throws {
    let report: (DatabaseBackupProgress) -> Void = { step in
      progress(Double(step.completedPageCount) / Double(max(step.totalPageCount, 1)))
    }
    switch self {
    case .file(let pool): try pool.backup(to: copy, pagesPerStep: 1000, progress: report)
    case .memory(let queue): try queue.backup(to: copy, pagesPerStep: 1000, progress: report)
    }
  }
}
