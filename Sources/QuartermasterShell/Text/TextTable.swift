/// Rows under headers, fitted to a width.
struct TextTable {
  /// A column.
  struct Column {
    /// The header.
    let title: String
    /// Whether it holds numbers, which line up on the right.
    var isRight = false
  }

  /// The columns.
  let columns: [Column]
  /// The rows; each has a cell per column.
  private(set) var rows: [[String]] = []

  private static let gap = "  "
  /// What a column is not made narrower than to make room for others.
  private static let leastWidth = 8

  /// Creates an empty table.
  init(_ columns: [Column]) { self.columns = columns }

  /// Adds a row.
  mutating func add(_ cells: [String]) { rows.append(cells.map(DisplayText.oneLine)) }

  /// Returns the text of the table.
  ///
  /// Columns that are too wide are cut, the widest first; then columns that are empty everywhere are left out, then
  /// those at the end, and a last line names what is not shown.
  ///
  /// - Parameters:
  ///   - width: The most columns of a line.
  ///   - paint: The colours.
  /// - Returns: Headers, a rule, the rows, and what is not shown.
  func text(width: Int, _ paint: Paint = .none) -> String {
    let natural = columns.indices.map { place in
      rows.reduce(DisplayText.width(columns[place].title)) {
        max($0, DisplayText.width($1[place]))
      }
    }
    // A number that is cut would be another number.
    let floors = columns.indices.map { place in
      columns[place].isRight
        ? rows.reduce(min(natural[place], Self.leastWidth)) {
          max($0, DisplayText.width($1[place]))
        } : min(natural[place], Self.leastWidth)
    }
    var shown = Array(columns.indices)
    var hidden: [Int] = []
    if Self.least(shown.map { floors[$0] }) > width {
      hidden = shown.filter { place in rows.allSatisfy { $0[place].isEmpty } }
      shown.removeAll { hidden.contains($0) }
    }
    while shown.count > 1, Self.least(shown.map { floors[$0] }) > width {
      hidden.append(shown.removeLast())
    }
    let widths = Self.fitted(shown.map { natural[$0] }, shown.map { floors[$0] }, to: width)
    var lines = [paint(line(shown, widths) { columns[$0].title }, .heading)]
    lines.append(
      paint(widths.map { String(repeating: "-", count: $0) }.joined(separator: Self.gap), .faint))
    for row in rows { lines.append(line(shown, widths) { row[$0] }) }
    if !hidden.isEmpty {
      let names = hidden.sorted().map { columns[$0].title }.joined(separator: ", ")
      lines += DisplayText.wrapped("(not shown for lack of room: \(names))", to: width)
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private func line(_ shown: [Int], _ widths: [Int], _ cell: (Int) -> String) -> String {
    var text = ""
    for (place, column) in shown.enumerated() {
      if place > 0 { text += Self.gap }
      let clipped = DisplayText.clipped(cell(column), to: widths[place])
      text += DisplayText.padded(clipped, to: widths[place], right: columns[column].isRight)
    }
    while text.hasSuffix(" ") { text.removeLast() }
    return text
  }

  /// The width that columns need at the least.
  private static func least(_ widths: [Int]) -> Int {
    widths.reduce(0, +) + gap.utf8.count * max(0, widths.count - 1)
  }

  /// Takes from the widest columns until all fit; none becomes narrower than its floor, but for a single one.
  private static func fitted(_ natural: [Int], _ floors: [Int], to width: Int) -> [Int] {
    var widths = natural
    let floors = natural.count == 1 ? [1] : floors
    var over = widths.reduce(0, +) + gap.utf8.count * max(0, widths.count - 1) - width
    while over > 0 {
      let open = widths.indices.filter { widths[$0] > floors[$0] }
      guard let widest = open.map({ widths[$0] }).max() else { break }
      let places = open.filter { widths[$0] == widest }
      let next = open.map { widths[$0] }.filter { $0 < widest }.max() ?? 1
      let step = min(widest - next, max(1, over / places.count))
      for place in places where over > 0 {
        let taken = min(step, over, widths[place] - floors[place])
        widths[place] -= taken
        over -= taken
      }
    }
    return widths
  }
}
