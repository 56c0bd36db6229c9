internal import Foundation
internal import QuartermasterCEL

/// A folder for copies that are thrown away.
///
/// It lies among the temporary files, under a name with the number of the process. A process that was killed leaves its
/// folder behind; the next one that makes such a folder removes those of processes that are gone.
package final class ScratchFolder: Sendable {
  /// The path.
  package let path: String

  private static let prefix = "quartermaster-scratch-"

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
  }

  /// Returns the path of a file in the folder.
  package func file(_ name: String) -> String { path + "/" + name }

  /// Removes the folder with all that is in it.
  package func remove() {
    // What cannot be removed now is removed by the next one that looks.
    try? FileManager.default.removeItem(atPath: path)
  }

  deinit { remove() }

  private static func removeLeftOvers(in place: URL) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
    for name in names where name.hasPrefix(prefix) {
      let number = name.dropFirst(prefix.count).prefix { $0 != "-" }
      guard let process = pid_t(number), process > 0 else { continue }
      // Nothing is sent: only whether there is such a process is asked.
      if kill(process, 0) == 0 || errno != ESRCH { continue }
      try? FileManager.default.removeItem(at: place.appendingPathComponent(name))
    }
  }
}
