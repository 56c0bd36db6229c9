/// A change of a file that mends what a diagnostic is about, where there is one that is sure.
public struct SourceFix: Sendable {
  /// What is replaced; empty where something is put in.
  public let span: SourceSpan
  /// What stands there afterwards.
  public let replacement: String

  /// Creates a fix.
  public init(_ span: SourceSpan, _ replacement: String) {
    self.span = span
    self.replacement = replacement
  }
}

extension Diagnostic {
  /// Returns the same with a fix, or as it is when there is none.
  package func fixed(by fix: SourceFix?) -> Diagnostic {
    var result = self
    result.fix = fix ?? self.fix
    return result
  }

  /// Returns the same with a fix that writes the name that was meant, when one known name alone is close.
  ///
  /// The name must stand in the file as it is, once within the span: an escape in a quoted text is left alone.
  package func suggesting(_ name: String, among known: some Sequence<String>) -> Diagnostic {
    guard let meant = Suggestion.only(to: name, among: known) else { return self }
    let bytes = Array(span.file.bytes[span.range])
    let wanted = Array(name.utf8)
    guard !wanted.isEmpty, bytes.count >= wanted.count else { return self }
    var places: [Int] = []
    for start in 0...(bytes.count - wanted.count)
    where bytes[start..<start + wanted.count].elementsEqual(wanted) {
      let end = start + wanted.count
      if start > 0, Self.belongsToName(bytes[start - 1]) { continue }
      if end < bytes.count, Self.belongsToName(bytes[end]) { continue }
      places.append(span.range.lowerBound + start)
    }
    guard places.count == 1 else { return self }
    let place = SourceSpan(file: span.file, range: places[0]..<places[0] + wanted.count)
    return fixed(by: SourceFix(place, meant))
  }

  private static func belongsToName(_ byte: UInt8) -> Bool {
    let small = byte | 0x20
    return small >= 97 && small <= 122 || byte >= 48 && byte <= 57 || byte == UInt8(ascii: "_")
      || byte == UInt8(ascii: "-") || byte >= 0x80
  }
}
