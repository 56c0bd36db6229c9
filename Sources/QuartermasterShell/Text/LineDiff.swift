/// The lines of two texts side by side.
enum LineDiff {
  private static let context = 3

  /// Returns the hunks between two texts, as `patch` reads them; empty when there is no difference.
  static func text(_ old: String, _ new: String) -> String {
    var (a, b) = (lines(old), lines(new))
    // An empty piece after the last line end is no line.
    if a.last == "", b.last == "" {
      a.removeLast()
      b.removeLast()
    }
    return unified(a, b).map { DisplayText.oneLine($0) + "\n" }.joined()
  }

  private static func lines(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// Returns the hunks of a unified diff.
  static func unified(_ a: [String], _ b: [String]) -> [String] {
    let marks = marked(a, b)
    var lines: [String] = []
    var place = 0
    while let first = marks.indices.dropFirst(place).first(where: { marks[$0].0 != " " }) {
      let start = max(place, first - context)
      var end = first
      var next = first
      while next < marks.count, next <= end + 2 * context {
        if marks[next].0 != " " { end = next }
        next += 1
      }
      end = min(marks.count - 1, end + context)
      let before = marks[..<start]
      let hunk = marks[start...end]
      let (fromA, fromB) = (count(before, "+"), count(before, "-"))
      lines.append(
        "@@ -\(fromA + 1),\(count(hunk, "+")) +\(fromB + 1),\(count(hunk, "-")) @@")
      lines += hunk.map { String($0.0) + $0.1 }
      place = end + 1
    }
    return lines
  }

  /// Counts the lines without those of one mark.
  private static func count(_ marks: ArraySlice<(Character, String)>, _ left: Character) -> Int {
    marks.reduce(0) { $0 + ($1.0 == left ? 0 : 1) }
  }

  /// Returns all lines with ` `, `-` or `+`, by the longest common subsequence.
  private static func marked(_ a: [String], _ b: [String]) -> [(Character, String)] {
    // The table is as large as both texts together; what they begin and end with needs none.
    let head = zip(a, b).prefix { $0 == $1 }.count
    let most = min(a.count, b.count) - head
    let tail = zip(a.reversed(), b.reversed()).prefix(most).prefix { $0 == $1 }.count
    let inner = compared(Array(a[head..<a.count - tail]), Array(b[head..<b.count - tail]))
    return a[..<head].map { (" ", $0) } + inner + a[(a.count - tail)...].map { (" ", $0) }
  }

  private static func compared(_ a: [String], _ b: [String]) -> [(Character, String)] {
    let width = b.count + 1
    var length = Array(repeating: 0, count: (a.count + 1) * width)
    for i in a.indices.reversed() {
      for j in b.indices.reversed() {
        length[i * width + j] =
          a[i] == b[j]
          ? length[(i + 1) * width + j + 1] + 1
          : max(length[(i + 1) * width + j], length[i * width + j + 1])
      }
    }
    var marks: [(Character, String)] = []
    var (i, j) = (0, 0)
    while i < a.count || j < b.count {
      if i < a.count, j < b.count, a[i] == b[j] {
        marks.append((" ", a[i]))
        (i, j) = (i + 1, j + 1)
      } else if j == b.count
        || i < a.count && length[(i + 1) * width + j] >= length[i * width + j + 1]
      {
        marks.append(("-", a[i]))
        i += 1
      } else {
        marks.append(("+", b[j]))
        j += 1
      }
    }
    return marks
  }
}
