public import QuartermasterCEL

/// A node of a YAML file: every scalar is text, and every node knows its place.
public struct YAMLNode: Sendable {
  /// What a node is.
  public indirect enum Kind: Sendable {
    /// Text, as YAML reads it (escapes undone, blocks joined), and where its parts stand.
    case scalar(ExprSource, Style)
    /// A list.
    case sequence([YAMLNode])
    /// Pairs in the order of the file; keys are scalars, and no key comes twice.
    case mapping([(key: YAMLNode, value: YAMLNode)])
    /// Nothing was written: `key:` alone.
    case empty
  }

  /// How a scalar was written.
  public enum Style: Sendable { case plain, quoted, block }

  /// What it is.
  public let kind: Kind
  /// Where it stands: for a scalar with quotes or block indicator; for a collection from its first to its last node.
  public let span: SourceSpan

  package init(kind: Kind, span: SourceSpan) {
    self.kind = kind
    self.span = span
  }

  /// The text of a scalar, or nil.
  public var text: String? {
    if case .scalar(let source, _) = kind { source.text } else { nil }
  }

  /// The pairs of a mapping, or nil.
  public var pairs: [(key: YAMLNode, value: YAMLNode)]? {
    if case .mapping(let pairs) = kind { pairs } else { nil }
  }

  /// The items of a sequence; a scalar or a mapping counts as a list of one, nothing as none.
  public var items: [YAMLNode] {
    switch kind {
    case .sequence(let items): items
    case .empty: []
    default: [self]
    }
  }

  /// Returns the value of a key of a mapping, or nil.
  public subscript(key: String) -> YAMLNode? {
    pairs?.first { $0.key.text == key }?.value
  }
}
