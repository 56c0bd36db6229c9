/// The text of one expression, and where each part of it stands in a file.
///
/// An expression inside a YAML scalar is not always a plain piece of its file: quotes hide escapes and a block scalar
/// hides its indentation. The segments say where runs of the text stand; parser and checker speak of
/// offsets in ``text`` alone, and ``span(_:)`` shifts them once, when a message is made.
public struct ExprSource: Sendable {
  /// A run of text that stands in the file as it is.
  public struct Segment: Sendable {
    /// The UTF-8 offset in the expression's text at which the run starts.
    public let textOffset: Int
    /// The UTF-8 offset in the file of the same byte.
    public let fileOffset: Int

    /// Creates a segment.
    public init(textOffset: Int, fileOffset: Int) {
      self.textOffset = textOffset
      self.fileOffset = fileOffset
    }
  }

  /// The expression's text.
  public let text: String
  /// The file that the text was taken from.
  public let file: SourceFile
  /// At least one run, in increasing order of ``Segment/textOffset``, the first at 0.
  public let segments: [Segment]

  /// Creates a source from a scalar of a file.
  public init(text: String, file: SourceFile, segments: [Segment]) {
    self.text = text
    self.file = file
    self.segments = segments.isEmpty ? [Segment(textOffset: 0, fileOffset: 0)] : segments
  }

  /// Creates a source that is a file of its own, such as a line typed at a prompt.
  public init(_ text: String, name: String = "<input>") {
    self.init(text: text, file: SourceFile(name: name, text: text), segments: [])
  }

  /// Returns a part of this text as a source of its own, placed where it stands.
  ///
  /// - Parameter range: UTF-8 offsets in ``text``.
  /// - Returns: The part, which gives the same places in the file.
  public func slice(_ range: Range<Int>) -> ExprSource {
    let utf8 = Array(text.utf8)[range]
    var inner = [Segment(textOffset: 0, fileOffset: fileOffset(range.lowerBound))]
    for segment in segments
    where segment.textOffset > range.lowerBound && segment.textOffset < range.upperBound {
      inner.append(
        Segment(
          textOffset: segment.textOffset - range.lowerBound, fileOffset: segment.fileOffset))
    }
    return ExprSource(text: String(decoding: utf8, as: UTF8.self), file: file, segments: inner)
  }

  /// Returns the file's offset of an offset in ``text``.
  public func fileOffset(_ offset: Int) -> Int {
    var found = segments[0]
    for segment in segments where segment.textOffset <= offset { found = segment }
    return found.fileOffset + offset - found.textOffset
  }

  /// Returns where a range of ``text`` stands in the file.
  public func span(_ range: Range<Int>) -> SourceSpan {
    let start = fileOffset(range.lowerBound)
    let end = range.isEmpty ? start : fileOffset(range.upperBound - 1) + 1
    return SourceSpan(file: file, range: start..<max(start, end))
  }
}
