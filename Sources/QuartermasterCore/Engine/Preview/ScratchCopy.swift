internal import Foundation
package import QuartermasterCEL

/// A copy of a data file in the folder for temporary files, as it is at one moment; removed when it is let go.
package final class ScratchCopy {
  /// The path of the copy; nothing is there when there was nothing to copy.
  package let path: String

  /// Copies a data file, while others read and write.
  ///
  /// - Parameters:
  ///   - source: The file; one that is not there gives a path where nothing is.
  ///   - progress: Is told how much is done, from 0 to 1.
  /// - Throws: ``Refusal`` when the file cannot be read, or there is no room for the copy.
  package init(of source: String, progress: (Double) -> Void = { _ in }) throws(Refusal) {
    let place = Self.newPath()
    guard FileSwap.exists(source) else {
      path = place
      return
    }
    path = try Backup.copy(source, beside: place, progress)
  }

  /// Copies what an interpreter works on: a file, or memory.
  init(of interpreter: Interpreter) throws(Refusal) {
    path = Self.newPath()
    do throws(Refusal) { try interpreter.copyFile(to: path) } catch {
      Backup.discard(path)
      throw error
    }
  }

  deinit { Backup.discard(path) }

  private static func newPath() -> String {
    FileManager.default.temporaryDirectory.path
      + "/quartermaster-\(FileSwap.processNumber)-\(UUID().uuidString).sqlite"
  }
}
