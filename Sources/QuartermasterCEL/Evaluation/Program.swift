/// A planned expression: immutable, run any number of times, on any thread, each with a frame of its own.
public final class Program: Sendable {
  /// What runs.
  package let root: Node
  /// The static type of the result.
  public let type: CELType
  /// The text, for errors.
  public let source: ExprSource
  /// What a frame needs.
  package let layout: FrameLayout

  package init(root: Node, type: CELType, source: ExprSource, layout: FrameLayout) {
    self.root = root
    self.type = type
    self.source = source
    self.layout = layout
  }

  /// Returns the value for variables given by name.
  ///
  /// To evaluate a program many times, keep a ``ProgramScope``.
  ///
  /// - Parameters:
  ///   - bindings: The values of the variables that were declared without a place of their own, and, for an unchecked
  ///     program, of any name.
  ///   - costLimit: How many steps the evaluation may take: elements that macros visit, and elements, entries and pieces
  ///     of 16 bytes that functions go through or make. Nil for no limit.
  /// - Returns: The value.
  /// - Throws: ``EvaluationError`` when the expression fails, with ``EvaluationError/Code/limit`` and the place of the
  ///   sub-expression that went beyond the limit.
  public func evaluate(
    _ bindings: [String: Value] = [:], costLimit: Int? = nil
  ) throws(EvaluationError) -> Value {
    let frame = Frame(layout)
    if let costLimit { frame.stepLimit = costLimit }
    if !bindings.isEmpty { frame.activation = bindings }
    return try root.eval(frame)
  }

  /// Returns the text of the sub-expression that an error is about, or nil when the error does not say.
  ///
  /// - Parameter error: An error of an evaluation of this program.
  /// - Returns: What is written there.
  public func text(of error: EvaluationError) -> String? {
    guard let range = error.range else { return nil }
    let bytes = (error.source ?? source).text.utf8
    return String(decoding: bytes.dropFirst(range.lowerBound).prefix(range.count), as: UTF8.self)
  }

  /// Returns the value for variables whose values are in a scope.
  ///
  /// - Parameter scope: A scope that was made for this program.
  /// - Returns: The value.
  /// - Throws: ``EvaluationError`` when the expression fails.
  public func evaluate(_ scope: ProgramScope) throws(EvaluationError) -> Value {
    scope.prepare(for: self)
    return try root.eval(scope.frame)
  }

  /// Returns whether a condition holds for variables whose values are in a scope.
  ///
  /// - Parameter scope: A scope that was made for this program.
  /// - Returns: Whether it holds.
  /// - Throws: ``EvaluationError`` when the expression fails, or is neither true nor false.
  public func isTrue(_ scope: ProgramScope) throws(EvaluationError) -> Bool {
    scope.prepare(for: self)
    return try root.evalBool(scope.frame)
  }
}

/// The values of a program's variables, kept from one evaluation to the next.
///
/// Used by one thread at a time.
///
/// ```swift
/// let scope = ProgramScope(program)
/// let quantity = scope.place(of: "quantity")
/// for value in values {
///   scope.set(.int(value), at: quantity)
///   if try program.isTrue(scope) { … }
/// }
/// ```
public final class ProgramScope {
  private let program: Program
  fileprivate let frame: Frame

  /// How many steps each evaluation may take, as ``Program/evaluate(_:costLimit:)`` counts them; nil for no limit.
  @exclusivity(unchecked) public var costLimit: Int?

  /// Creates a scope in which no variable has a value.
  public init(_ program: Program) {
    self.program = program
    frame = Frame(program.layout)
  }

  /// Returns where the value of a variable is kept, or nil when the program does not use the variable.
  ///
  /// - Parameter name: The name with which the variable was declared, without a place of its own.
  /// - Returns: The place, for ``set(_:at:)``.
  public func place(of name: String) -> Int? {
    program.layout.given.first { UTF8Text.equal($0.name, name) }?.slot
  }

  /// Gives a variable a value; a place of nil, of a variable that the program does not use, is passed over.
  public func set(_ value: Value, at place: Int?) {
    guard let place else { return }
    precondition(place >= 0 && place < program.layout.slotCount, "no such place")
    frame.slots[place] = value
    if case .null = value { allowNull(place) }
  }

  /// Notes that a variable was given null: a slot alone cannot tell that from no value.
  private func allowNull(_ place: Int) {
    guard let name = program.layout.given.first(where: { $0.slot == place })?.name else { return }
    let kept = program.layout.given.map { ($0.slot, frame.slots[$0.slot]) }
    frame.activation[name] = .null
    for (slot, value) in kept { frame.slots[slot] = value }
  }

  /// Gives a variable a value; one that the program does not use is passed over.
  public subscript(name: String) -> Value {
    get { place(of: name).map { frame.slots[$0] } ?? .null }
    set { set(newValue, at: place(of: name)) }
  }

  /// Checks that a program is the scope's own, and sets the limit of the evaluation that begins.
  @inline(__always)
  fileprivate func prepare(for program: Program) {
    precondition(program === self.program, "the scope belongs to another program")
    if let costLimit {
      frame.stepLimit = costLimit
    } else if frame.isLimited {
      frame.stepLimit = .max
    }
  }
}

/// What a host offers to do with a sub-expression over a class or a relation.
package enum QueryPlan {
  /// The host gives the value of the whole sub-expression.
  case whole(any QueryNodeBody)
  /// The host gives a shorter list of records that leads to the same result: the sub-expression runs in memory,
  /// over this list in place of its innermost collection or relation.
  case narrowed(any QueryNodeBody)
}

/// Makes queries of sub-expressions: the seam at which a store pushes work down to SQL.
package protocol QueryPlanner: Sendable {
  /// Plans a sub-expression whose innermost receiver is a collection or a relation. Offered outermost first, before
  /// its parts are.
  ///
  /// - Parameters:
  ///   - expr: A macro or a method call, such as `Order.filter(o, …).sortBy(o, o.createdAt).first()`.
  ///   - checked: The expression that it is a part of.
  ///   - parameter: Plans a part that does not mention the macro variables of `expr`, in the scope around it.
  ///   - inMemory: Plans `expr` itself as if this offer were declined (its parts are offered in turn): what the host
  ///     runs where a parameter fails, because the language may absorb that error.
  /// - Returns: What the host offers, or nil to run the sub-expression in memory.
  func plan(
    _ expr: Expr, in checked: CheckedExpr, parameter: (Expr) -> Node, inMemory: () -> Node
  ) -> QueryPlan?
}
