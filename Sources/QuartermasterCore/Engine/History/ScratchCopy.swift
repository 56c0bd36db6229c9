package import QuartermasterCEL

/// A copy of a data file as it is at one moment, in a ``ScratchFolder``; removed when it is let go.
package final class ScratchCopy {
  /// The path of the copy; nothing is there when there was nothing to copy.
  package let path: String
  private let folder: ScratchFolder

  /// Copies a data file, while others read and write.
  ///
  /// - Parameters:
  ///   - source: The file; one that is not there gives a path where nothing is.
  ///   - progress: Is told how much is done, from 0 to 1.
  /// - Throws: ``Refusal`` when the file cannot be read, or there is no room for the copy.
  package init(of source: String, progress: (Double) -> Void = { _ in }) throws(Refusal) {
    folder = try ScratchFolder()
    path = folder.file("copy.sqlite")
    if FileSwap.exists(source) { try Store.copy(source, to: path, progress: progress) }
  }

  /// Copies what an interpreter works on: a file, or memory.
  init(of interpreter: Interpreter) throws(Refusal) {
    folder = try ScratchFolder()
    path = folder.file("copy.sqlite")
    try interpreter.copyFile(to: path)
  }
}
