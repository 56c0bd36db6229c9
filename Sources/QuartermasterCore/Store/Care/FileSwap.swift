internal import Foundation
internal import QuartermasterCEL

/// Moves of files that a power cut does not undo.
enum FileSwap {
  /// The number of this process.
  static var processNumber: Int32 { getpid() }

  /// Returns whether there is a file of a name.
  static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  /// Returns whether there is a folder of a name.
  static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }

  /// Returns whether two names are those of one file.
  static func isSame(_ a: String, _ b: String) -> Bool {
    var (first, second) = (stat(), stat())
    guard stat(a, &first) == 0, stat(b, &second) == 0 else { return false }
    return first.st_dev == second.st_dev && first.st_ino == second.st_ino
  }

  /// Returns the folder in which a file lies.
  static func folder(of path: String) -> String {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    return folder.isEmpty ? "/" : folder
  }

  /// Puts what was written to a file on the disk.
  static func sync(_ path: String) throws(Refusal) {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { throw failure(path, "cannot be opened") }
    defer { close(descriptor) }
    if fsync(descriptor) != 0 { throw failure(path, "cannot be written to the disk") }
  }

  /// Gives a file another name; a file that has it is replaced at once.
  static func rename(_ path: String, to name: String) throws(Refusal) {
    if Foundation.rename(path, name) != 0 { throw failure(path, "cannot be renamed to \(name)") }
  }

  /// Gives a file a second name.
  static func link(_ path: String, as name: String) throws(Refusal) {
    if Foundation.link(path, name) != 0 { throw failure(path, "cannot be kept as \(name)") }
  }

  /// Removes a file, if it is there.
  static func remove(_ path: String) throws(Refusal) {
    if unlink(path) != 0, errno != ENOENT { throw failure(path, "cannot be removed") }
  }

  /// The bytes of a file.
  static func size(_ path: String) -> Int64 {
    var found = stat()
    return stat(path, &found) == 0 ? Int64(found.st_size) : 0
  }

  /// Returns whether another process has a database open: in WAL mode, each connection that read holds a lock on it.
  ///
  /// It looks at the bytes that SQLite locks (sqlite.org/lockingv3.html), so that it can tell of a damaged file too. This
  /// process may have no connection of its own on the file: closing a descriptor gives up all locks of the process.
  static func isOpenElsewhere(_ path: String) -> Bool {
    let descriptor = open(path, O_RDWR)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var lock = flock()
    lock.l_type = Int16(F_WRLCK)
    lock.l_whence = Int16(SEEK_SET)
    lock.l_start = 0x4000_0000
    lock.l_len = 512
    guard fcntl(descriptor, F_GETLK, &lock) == 0 else { return false }
    return lock.l_type != Int16(F_UNLCK)
  }

  private static func failure(_ path: String, _ what: String) -> Refusal {
    Refusal(.storage, "\(path): the file \(what) (\(String(cString: strerror(errno))))")
  }
}
