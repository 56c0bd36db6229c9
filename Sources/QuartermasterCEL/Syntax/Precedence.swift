/// How tightly the binary operators bind: one table, read by the parser and the unparser.
///
/// All of them associate to the left. `?:` binds less than any of these, the unary operators more.
enum Precedence {
  /// A binary operator.
  struct Operator: Sendable {
    /// The token that stands for it.
    let token: Token.Kind
    /// What is written.
    let symbol: String
    /// The function that it calls.
    let function: String
    /// How tightly it binds; a higher level binds more.
    let level: Int

    /// Whether it is `&&` or `||`, whose chains are kept balanced.
    var isLogical: Bool { level <= Precedence.and }
  }

  /// The level of `?:`.
  static let conditional = 0
  /// The level of `||`.
  static let or = 1
  /// The level of `&&`.
  static let and = 2
  /// The level of `!` and unary `-`.
  static let unary = 6
  /// The level of selections, calls, indices and everything in brackets.
  static let member = 7

  /// The binary operators, loosest first.
  static let table: [Operator] = [
    Operator(token: .or, symbol: "||", function: "_||_", level: or),
    Operator(token: .and, symbol: "&&", function: "_&&_", level: and),
    Operator(token: .less, symbol: "<", function: "_<_", level: 3),
    Operator(token: .lessOrEqual, symbol: "<=", function: "_<=_", level: 3),
    Operator(token: .greater, symbol: ">", function: "_>_", level: 3),
    Operator(token: .greaterOrEqual, symbol: ">=", function: "_>=_", level: 3),
    Operator(token: .equal, symbol: "==", function: "_==_", level: 3),
    Operator(token: .notEqual, symbol: "!=", function: "_!=_", level: 3),
    Operator(token: .in, symbol: "in", function: "@in", level: 3),
    Operator(token: .plus, symbol: "+", function: "_+_", level: 4),
    Operator(token: .minus, symbol: "-", function: "_-_", level: 4),
    Operator(token: .star, symbol: "*", function: "_*_", level: 5),
    Operator(token: .slash, symbol: "/", function: "_/_", level: 5),
    Operator(token: .percent, symbol: "%", function: "_%_", level: 5),
  ]

  private static let byToken: [Operator?] = Token.Kind.allCases.map { kind in
    table.first { $0.token == kind }
  }

  /// The binary operators by the functions that they call.
  static let byFunction: [String: Operator] = Dictionary(
    uniqueKeysWithValues: table.map { ($0.function, $0) })

  /// Returns the binary operator that a token stands for, or nil.
  static func of(_ kind: Token.Kind) -> Operator? { byToken[Int(kind.rawValue)] }
}
