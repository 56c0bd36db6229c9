internal import QuartermasterCEL

/// A CSV file in memory, for rows that are looked up by what stands in a column.
struct CSVTable {
  /// The names of the columns.
  let header: [String]
  private let rows: [[String]]

  /// Reads a file.
  ///
  /// - Throws: ``ImportFileFailure`` with the first row that cannot be read: each of them may be looked up.
  init(path: String) throws(ImportFileFailure) {
    let reader = try CSVReader(path: path)
    var rows: [[String]] = []
    while let item = reader.next() {
      switch item {
      case .row(_, let cells): rows.append(cells)
      case .bad(let line, let message): throw ImportFileFailure(line: line, message: message)
      }
    }
    header = reader.header
    self.rows = rows
  }

  /// Returns the rows by the text in a column; of two with one text the last.
  func index(by column: Int) -> [String: Value] {
    var index: [String: Value] = [:]
    for row in rows { index[row[column]] = Self.map(header, row).map(Value.map) }
    return index
  }

  /// Returns a row as a map of texts by column.
  static func map(_ header: [String], _ cells: [String]) -> MapValue? {
    MapValue(zip(header, cells).map { (.string($0), .string($1)) })
  }
}
