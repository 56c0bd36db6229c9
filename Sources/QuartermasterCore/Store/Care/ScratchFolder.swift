internal import Foundation
internal import QuartermasterCEL

/// A folder for copies that are thrown away.
///
/// It lies among the temporary files. Its process holds a lock on a file in it. A process that was killed leaves its
/// folder behind, without the lock; the next one that makes such a folder removes it.
package final class ScratchFolder: Sendable {
  /// The path.
  package let path: String
  /// The descriptor that holds the lock.
  private let lock: Int32

  private static let prefix = "quartermaster-scratch-"
  private static let lockName = "lock"

  /// Makes a folder.
  ///
  /// - Throws: A refusal when it cannot be made.
  package init() throws(Refusal) {
    let place = FileManager.default.temporaryDirectory
    Self.removeLeftOvers(in: place)
    let folder = place.appendingPathComponent(
      "\(Self.prefix)\(FileSwap.processNumber)-\(UUID().uuidString)")
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw Refusal(.storage, "\(folder.path): the folder for copies cannot be made (\(error))")
    }
    path = folder.path
    // It has its name only when it is locked, so that nobody takes the folder for one that was left.
    let file = path + "/" + Self.lockName
    lock = open(file + ".new", O_RDWR | O_CREAT, 0o600)
    var wanted = Self.wholeFile
    guard lock >= 0, fcntl(lock, F_SETLK, &wanted) == 0 else {
      try? FileManager.default.removeItem(atPath: path)
      throw Refusal(.storage, "\(path): the folder for copies cannot be locked")
    }
    try FileSwap.rename(file + ".new", to: file)
  }

  /// Returns the path of a file in the folder.
  package func file(_ name: String) -> String { path + "/" + name }

  /// Removes the folder with all that is in it.
  package func remove() {
    // What cannot be removed now is removed by the next one that looks.
    try? FileManager.default.removeItem(atPath: path)
  }

  deinit {
    remove()
    close(lock)
  }

  private static var wholeFile: flock {
    var lock = flock()
    lock.l_type = Int16(F_WRLCK)
    lock.l_whence = Int16(SEEK_SET)
    return lock
  }

  private static func removeLeftOvers(in place: URL) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
    // A process does not see its own locks; what is its own is in use, or is removed by itself.
    let own = "\(prefix)\(FileSwap.processNumber)-"
    for name in names where name.hasPrefix(prefix) && !name.hasPrefix(own) {
      let folder = place.appendingPathComponent(name)
      let descriptor = open(folder.path + "/" + lockName, O_RDWR)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      var found = wholeFile
      guard fcntl(descriptor, F_GETLK, &found) == 0, found.l_type == Int16(F_UNLCK) else {
        continue
      }
      try? FileManager.default.removeItem(at: folder)
    }
  }
}
