import CProbe
import Foundation

/// Runs programs and reads files.
enum Child {
  /// Runs a program to its end.
  ///
  /// - Returns: What it used, and what it printed.
  /// - Throws: `BenchmarkError` when it cannot be started or fails.
  static func run(_ arguments: [String], in folder: URL) throws -> (used: Measured, output: String)
  {
    let output = folder.appendingPathComponent("output.txt")
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    defer { for word in words { free(word) } }
    words.append(nil)
    var child = ProbeChild()
    let code = probe_run(&words, folder.path, output.path, &child)
    let text = (try? String(contentsOf: output, encoding: .utf8)) ?? ""
    guard code == 0, child.status == 0 else {
      throw BenchmarkError("\(arguments.joined(separator: " ")) failed (\(child.status)): \(text)")
    }
    return (
      Measured(user: child.user, wall: child.wall, peak: Double(child.peak) / 1024), text
    )
  }

  /// Returns the rows of queries on a SQLite file.
  static func rows(_ path: URL, _ queries: [String]) throws -> [String] {
    try queries.map { sql in
      guard let text = probe_rows(path.path, sql) else {
        throw BenchmarkError("\(path.path) cannot be read")
      }
      defer { free(text) }
      return String(cString: text)
    }
  }
}

extension Array where Element == Double {
  /// The middle one of them, sorted.
  var median: Double { isEmpty ? .nan : sorted()[count / 2] }
}
