/// A node of a parsed expression: a common header and a closed set of kinds.
///
/// Macros are kept as what they are (a ``Kind/comprehension(_:)``), not unfolded into loops: the planner, the
/// push-down to SQL and the unparser all want to see an `exists` as an `exists`.
public struct Expr: Sendable, Identifiable {
  /// Dense from 0 in the order of parsing, so that what the checker finds fits in arrays.
  public let id: Int
  /// UTF-8 offsets in the text that was parsed.
  public let range: Range<Int>
  /// What the node is.
  public let kind: Kind

  /// Creates a node.
  public init(id: Int, range: Range<Int>, kind: Kind) {
    self.id = id
    self.range = range
    self.kind = kind
  }

  /// The kinds of nodes.
  public indirect enum Kind: Sendable {
    /// A literal. `text` is what was written, so that `0.10` beside a decimal is read from its digits.
    case literal(Value, text: String)
    /// A name; with a leading dot (`.x`) when `isRooted`.
    case name(String, isRooted: Bool)
    /// `order.total`.
    case select(Select)
    /// A function, a method or an operator.
    case call(Call)
    /// `[a, b]`.
    case list([Element])
    /// `{k: v}`.
    case map([Entry])
    /// `has(order.total)`; the payload is the selection.
    case has(Select)
    /// A macro over the elements of a list or the keys of a map.
    case comprehension(Comprehension)
    /// `cel.bind(name, value, body)`.
    case bind(name: String, value: Expr, body: Expr)
  }

  /// A selection of a field.
  public struct Select: Sendable {
    /// What the field is taken from.
    public let operand: Expr
    /// The name of the field.
    public let field: String
    /// Where the name stands.
    public let fieldRange: Range<Int>
    /// Whether it was written `.?field`.
    public let isOptional: Bool

    /// Creates a selection.
    public init(operand: Expr, field: String, fieldRange: Range<Int>, isOptional: Bool = false) {
      self.operand = operand
      self.field = field
      self.fieldRange = fieldRange
      self.isOptional = isOptional
    }
  }

  /// A call.
  ///
  /// Operators have the function names of the definition: `_+_`, `_&&_`, `!_`, `_?_:_`, `_[_]`, `@in`.
  public struct Call: Sendable {
    /// The receiver of a method, or nil for a function or an operator.
    public let target: Expr?
    /// The name.
    public let function: String
    /// Where the name or the operator stands.
    public let functionRange: Range<Int>
    /// The arguments without the receiver.
    public let arguments: [Expr]

    /// Creates a call.
    public init(target: Expr?, function: String, functionRange: Range<Int>, arguments: [Expr]) {
      self.target = target
      self.function = function
      self.functionRange = functionRange
      self.arguments = arguments
    }
  }

  /// An element of a list literal; `[?e]` when optional.
  public struct Element: Sendable {
    /// The element.
    public let value: Expr
    /// Whether it was written `?value`.
    public let isOptional: Bool

    /// Creates an element.
    public init(value: Expr, isOptional: Bool = false) {
      self.value = value
      self.isOptional = isOptional
    }
  }

  /// An entry of a map literal; `{?k: v}` when optional.
  public struct Entry: Sendable {
    /// The key.
    public let key: Expr
    /// The value.
    public let value: Expr
    /// Whether it was written `?key: value`.
    public let isOptional: Bool

    /// Creates an entry.
    public init(key: Expr, value: Expr, isOptional: Bool = false) {
      self.key = key
      self.value = value
      self.isOptional = isOptional
    }
  }

  /// A macro.
  public struct Comprehension: Sendable {
    /// The macros, by what they give.
    public enum Macro: String, Sendable, CaseIterable {
      case all, exists, existsOne, filter, map
      case sortBy, groupBy
      case transformList, transformMap, transformMapEntry
      /// Over the value of an optional, where there is one.
      case optMap, optFlatMap
    }

    /// Which macro.
    public let macro: Macro
    /// The list or map that is gone through.
    public let target: Expr
    /// One name, or two: index and value, or key and value.
    public let variables: [String]
    /// Where each name stands.
    public let variableRanges: [Range<Int>]
    /// The predicate of the three-argument `map` and of the transforms, when given.
    public let filter: Expr?
    /// The last argument: predicate, key or result.
    public let body: Expr
    /// Where the macro's name stands.
    public let functionRange: Range<Int>

    /// Creates a comprehension.
    public init(
      macro: Macro, target: Expr, variables: [String], variableRanges: [Range<Int>],
      filter: Expr?, body: Expr, functionRange: Range<Int>
    ) {
      self.macro = macro
      self.target = target
      self.variables = variables
      self.variableRanges = variableRanges
      self.filter = filter
      self.body = body
      self.functionRange = functionRange
    }
  }
}

/// A parsed text: the tree, its source, and how many nodes it has.
public struct ParsedExpr: Sendable {
  /// The root of the tree.
  public let root: Expr
  /// The text.
  public let source: ExprSource
  /// One more than the largest ``Expr/id``.
  public let nodeCount: Int
  /// How many levels the tree has at most.
  package let levels: Int

  /// Creates a parsed expression.
  public init(root: Expr, source: ExprSource, nodeCount: Int) {
    self.init(root: root, source: source, nodeCount: nodeCount, levels: nodeCount)
  }

  /// Creates a parsed expression of a tree whose levels were counted.
  package init(root: Expr, source: ExprSource, nodeCount: Int, levels: Int) {
    self.root = root
    self.source = source
    self.nodeCount = nodeCount
    self.levels = levels
  }
}
