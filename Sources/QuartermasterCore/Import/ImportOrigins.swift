/// Where the lines of a stream come from: the files and the lines on which their rows begin.
///
/// Rows that follow one another are one run, so a million of them take a few bytes.
package struct ImportOrigins: Sendable {
  /// Where a row stands.
  package struct Origin: Sendable, CustomStringConvertible {
    /// The file and the line on which the row begins.
    package let file: String, line: Int

    package var description: String { "\(file):\(line)" }
  }

  private struct Run: Sendable {
    /// The line of the stream with which it begins.
    let start: Int
    let file: Int32
    let line: Int32
    /// How many lines of the file there are from one row to the next.
    var step: Int32
  }

  private var files: [String] = []
  private var runs: [Run] = []
  private(set) var count = 0

  /// Returns the number of a file.
  mutating func number(of file: String) -> Int32 {
    if let place = files.firstIndex(of: file) { return Int32(place) }
    files.append(file)
    return Int32(files.count - 1)
  }

  /// Notes where the next line of the stream comes from.
  mutating func add(_ file: Int32, _ line: Int32) {
    defer { count += 1 }
    if var last = runs.last, last.file == file {
      let length = Int32(count - last.start)
      if length == 1, line >= last.line {
        last.step = line - last.line
        runs[runs.count - 1] = last
        return
      }
      if line == last.line + last.step * length { return }
    }
    runs.append(Run(start: count, file: file, line: line, step: 0))
  }

  /// Returns where a line of the stream comes from, counted from 1; nil for one that it has not.
  package subscript(line: Int64) -> Origin? {
    let place = Int(line) - 1
    guard place >= 0, place < count else { return nil }
    var low = 0
    var high = runs.count
    while low + 1 < high {
      let middle = (low + high) / 2
      if runs[middle].start <= place { low = middle } else { high = middle }
    }
    let run = runs[low]
    return Origin(
      file: files[Int(run.file)], line: Int(run.line) + Int(run.step) * (place - run.start))
  }
}
