/// The difference between two texts with the same number of lines, as `patch` reads it.
enum UnifiedDiff {
  /// How many lines are shown before and after a change.
  private static let context = 1

  /// Returns the difference; empty when there is none.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - before: What it holds.
  ///   - after: What it would hold: lines may differ, none is added or taken out.
  /// - Returns: The text, with a line end.
  static func text(_ path: String, _ before: String, _ after: String) -> String {
    let old = before.split(separator: "\n", omittingEmptySubsequences: false)
    let new = after.split(separator: "\n", omittingEmptySubsequences: false)
    guard old.count == new.count else { return "" }
    let differing = old.indices.filter { old[$0] != new[$0] }
    guard !differing.isEmpty else { return "" }
    // An empty piece after the last line end is no line.
    let last = old.last?.isEmpty == true ? old.count - 1 : old.count
    var hunks: [Range<Int>] = []
    for line in differing {
      let range = max(0, line - context)..<min(last, line + context + 1)
      if let open = hunks.last, range.lowerBound <= open.upperBound {
        hunks[hunks.count - 1] = open.lowerBound..<range.upperBound
      } else {
        hunks.append(range)
      }
    }
    var text = "--- \(path)\n+++ \(path)\n"
    for hunk in hunks {
      let place = "\(hunk.lowerBound + 1),\(hunk.count)"
      text += "@@ -\(place) +\(place) @@\n"
      var line = hunk.lowerBound
      while line < hunk.upperBound {
        if old[line] == new[line] {
          text += " \(old[line])\n"
          line += 1
          continue
        }
        let end = (line..<hunk.upperBound).first { old[$0] == new[$0] } ?? hunk.upperBound
        for changed in line..<end { text += "-\(old[changed])\n" }
        for changed in line..<end { text += "+\(new[changed])\n" }
        line = end
      }
    }
    return text
  }
}
