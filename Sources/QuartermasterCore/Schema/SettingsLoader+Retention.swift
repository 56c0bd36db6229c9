internal import QuartermasterCEL

/// `journal:`, how long the file remembers.
extension SettingsLoader {
  /// Reads `{keep: 90d, size: 500MB, refused: 90d, delivered: 30d}`.
  ///
  /// `keep` stands for the two others as well where they are not written.
  func retention(_ node: YAMLNode) -> ProjectSettings.Retention {
    let options = self.options(
      of: node, known: ["keep", "size", "refused", "delivered"], what: "journal")
    var retention = ProjectSettings.Retention()
    retention.journalAge = options["keep"].flatMap(age)
    retention.journalSize = options["size"].flatMap { node in
      let size = node.text.flatMap(ByteCount.init)
      if size == nil { report(.needs(area, "a size such as 500MB or 2GB", at: node.span)) }
      return size?.bytes
    }
    retention.refusedAge = options["refused"].flatMap(age) ?? retention.journalAge
    retention.deliveredAge = options["delivered"].flatMap(age) ?? retention.journalAge
    return retention
  }

  private func age(_ node: YAMLNode) -> TimeSpan? {
    if let span = node.text.flatMap({ TimeSpan($0, allowsDays: true) }), span.nanoseconds > 0 {
      return span
    }
    report(.needs(area, FieldType.duration.literalHint, at: node.span))
    return nil
  }
}

/// A number of bytes as people write it: `500MB`, `2GB`, `64kB`, `1000`.
package struct ByteCount: Sendable {
  /// The number of bytes.
  package let bytes: Int64

  /// Reads a text; a unit is a thousand of the one before it.
  ///
  /// Nil for anything that is no positive number of bytes.
  package init?(_ text: String) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let units: [String: Int64] = [
      "": 1, "b": 1, "kb": 1000, "mb": 1_000_000, "gb": 1_000_000_000, "tb": 1_000_000_000_000,
    ]
    guard let number = Int64(digits), number > 0,
      let unit = units[text.dropFirst(digits.count).lowercased()]
    else { return nil }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: unit)
    if overflow { return nil }
    self.bytes = bytes
  }
}
