/// A parsed expression with what the checker found: the type of each node and what each name means.
public struct CheckedExpr: Sendable {
  /// What a node refers to.
  public enum Reference: Sendable {
    /// A declared variable; for a chain `a.b`, the whole chain may be one variable.
    case variable(VariableDeclaration)
    /// A variable of a macro or of `cel.bind`.
    case local(String)
    /// A field of a record.
    case field(RecordField)
    /// A literal in the type it takes beside its neighbour, a type name, an enum.
    case constant(Value)
    /// The overloads that fit; more than one only when a type is known at run time alone.
    case overloads([Overload])
  }

  /// The tree and its source.
  public let parsed: ParsedExpr
  /// The type of each node, by ``Expr/id``.
  public let types: [CELType]
  /// What each node refers to, by ``Expr/id``; nil where there is nothing to say.
  public let references: [Reference?]

  /// Creates a checked expression.
  public init(parsed: ParsedExpr, types: [CELType], references: [Reference?]) {
    self.parsed = parsed
    self.types = types
    self.references = references
  }

  /// The root of the tree.
  public var root: Expr { parsed.root }
  /// The type of the whole.
  public var type: CELType { types[parsed.root.id] }
}
