extension Expr {
  /// The text of the tree, with no more brackets than it takes: parsed again, it gives the same tree.
  public var text: String {
    var unparser = Unparser()
    unparser.write(self, above: Precedence.conditional)
    return unparser.text
  }
}

/// Writes a tree as text.
struct Unparser {
  private(set) var text = ""

  /// Writes a node; in parentheses when it binds less than the place where it stands.
  mutating func write(_ expr: Expr, above level: Int) {
    let own = Self.level(expr)
    if own < level { text += "(" }
    write(expr)
    if own < level { text += ")" }
  }

  /// Returns how tightly the outermost part of a node binds.
  private static func level(_ expr: Expr) -> Int {
    switch expr.kind {
    case .call(let call) where call.target == nil:
      if call.function == "_?:_" { return Precedence.conditional }
      if call.function == "!_" || call.function == "-_" { return Precedence.unary }
      if call.arguments.count == 2, let found = Precedence.byFunction[call.function] {
        return found.level
      }
      return Precedence.member
    default: return Precedence.member
    }
  }

  private mutating func write(_ expr: Expr) {
    switch expr.kind {
    case .literal(_, let text): self.text += text
    case .name(let name, let isRooted): text += (isRooted ? "." : "") + Self.name(name)
    case .select(let select): write(select)
    case .call(let call): write(call)
    case .list(let elements):
      text += "["
      separated(elements) { unparser, element in
        unparser.text += element.isOptional ? "?" : ""
        unparser.write(element.value, above: Precedence.conditional)
      }
      text += "]"
    case .map(let entries):
      text += "{"
      separated(entries) { unparser, entry in
        unparser.text += entry.isOptional ? "?" : ""
        unparser.write(entry.key, above: Precedence.conditional)
        unparser.text += ": "
        unparser.write(entry.value, above: Precedence.conditional)
      }
      text += "}"
    case .has(let select):
      text += "has("
      write(select)
      text += ")"
    case .comprehension(let loop):
      write(loop.target, above: Precedence.member)
      text +=
        "." + Self.macroName(loop) + "(" + loop.variables.map(Self.name).joined(separator: ", ")
      for part in [loop.filter, loop.body].compactMap({ $0 }) {
        text += ", "
        write(part, above: Precedence.conditional)
      }
      text += ")"
    case .bind(let name, let value, let body):
      text += "cel.bind(" + Self.name(name) + ", "
      write(value, above: Precedence.conditional)
      text += ", "
      write(body, above: Precedence.conditional)
      text += ")"
    }
  }

  private mutating func write(_ select: Expr.Select) {
    write(select.operand, above: Precedence.member)
    let field = Lexer.isName(select.field) ? select.field : "`" + select.field + "`"
    text += (select.isOptional ? ".?" : ".") + field
  }

  private mutating func write(_ call: Expr.Call) {
    let arguments = call.arguments
    if let target = call.target {
      write(target, above: Precedence.member)
      text += "." + call.function
      writeArguments(arguments)
      return
    }
    switch (call.function, arguments.count) {
    case ("_?:_", 3):
      write(arguments[0], above: Precedence.or)
      text += " ? "
      write(arguments[1], above: Precedence.or)
      text += " : "
      write(arguments[2], above: Precedence.conditional)
    case ("!_", 1):
      text += "!"
      // After `!` there may be more of them, but no minus.
      if arguments[0].isNegativeNumber {
        text += "("
        write(arguments[0])
        text += ")"
      } else {
        write(
          arguments[0],
          above: Self.isUnary("!_", arguments[0]) ? Precedence.unary : Precedence.member)
      }
    case ("-_", 1):
      text += "-"
      // A number right after the minus would take it in.
      if arguments[0].beginsWithNumber {
        text += "("
        write(arguments[0], above: Precedence.conditional)
        text += ")"
      } else {
        write(
          arguments[0],
          above: Self.isUnary("-_", arguments[0]) ? Precedence.unary : Precedence.member)
      }
    case ("_[_]", 2), ("_[?_]", 2):
      write(arguments[0], above: Precedence.member)
      text += call.function == "_[_]" ? "[" : "[?"
      write(arguments[1], above: Precedence.conditional)
      text += "]"
    default:
      guard let found = Precedence.byFunction[call.function], arguments.count == 2 else {
        text += call.function
        writeArguments(arguments)
        return
      }
      if found.isLogical {
        writeChain(found, call)
      } else {
        write(arguments[0], above: found.level)
        text += " \(found.symbol) "
        write(arguments[1], above: found.level + 1)
      }
    }
  }

  private mutating func writeArguments(_ arguments: [Expr]) {
    text += "("
    separated(arguments) { unparser, argument in
      unparser.write(argument, above: Precedence.conditional)
    }
    text += ")"
  }

  private mutating func separated<Part>(
    _ parts: [Part], _ write: (inout Unparser, Part) -> Void
  ) {
    for (place, part) in parts.enumerated() {
      if place > 0 { text += ", " }
      write(&self, part)
    }
  }

  /// Writes a chain of `&&` or `||` without parentheses where the parser would balance it to the same tree.
  private mutating func writeChain(_ found: Precedence.Operator, _ call: Expr.Call) {
    var terms: [Expr] = []
    Self.collect(found.function, call, &terms)
    guard Self.isBalanced(found.function, call, terms.count) else {
      for (place, argument) in call.arguments.enumerated() {
        if place > 0 { text += " \(found.symbol) " }
        write(argument, above: found.level + 1)
      }
      return
    }
    for (place, term) in terms.enumerated() {
      if place > 0 { text += " \(found.symbol) " }
      write(term, above: found.level + 1)
    }
  }

  /// Returns the call that a node is, if it is one of an operator.
  private static func logical(_ function: String, _ expr: Expr) -> Expr.Call? {
    if case .call(let call) = expr.kind, call.target == nil, call.function == function {
      call
    } else {
      nil
    }
  }

  private static func collect(_ function: String, _ call: Expr.Call, _ terms: inout [Expr]) {
    for argument in call.arguments {
      if let inner = logical(function, argument) {
        collect(function, inner, &terms)
      } else {
        terms.append(argument)
      }
    }
  }

  private static func count(_ function: String, _ expr: Expr) -> Int {
    guard let call = logical(function, expr) else { return 1 }
    return call.arguments.reduce(0) { $0 + count(function, $1) }
  }

  /// Whether a tree of one logical operator has the form that the parser gives to a chain of as many terms.
  private static func isBalanced(_ function: String, _ call: Expr.Call, _ terms: Int) -> Bool {
    let left = Parser.middle(of: 0..<terms)
    for (argument, wanted) in zip(call.arguments, [left, terms - left]) {
      guard count(function, argument) == wanted else { return false }
      if let inner = logical(function, argument), !isBalanced(function, inner, wanted) {
        return false
      }
    }
    return true
  }

  private static func isUnary(_ function: String, _ expr: Expr) -> Bool {
    logical(function, expr) != nil
  }

  /// Returns a name as it is written; those that the parser makes up have a form of their own.
  private static func name(_ name: String) -> String {
    guard name.hasPrefix("@") else { return name }
    let parts = name.dropFirst().split(separator: ":")
    if parts.count == 3 { return "cel.\(parts[0])(\(parts[1]), \(parts[2]))" }
    return name.hasPrefix("@index") ? "cel.index(\(name.dropFirst(6)))" : name
  }

  private static func macroName(_ loop: Expr.Comprehension) -> String {
    loop.macro == .existsOne && loop.variables.count == 1 ? "exists_one" : loop.macro.rawValue
  }
}

extension Expr {
  /// Whether the text of the node begins with a minus that belongs to a number.
  fileprivate var isNegativeNumber: Bool {
    switch kind {
    case .literal(let value, let text):
      switch value {
      case .int, .double: text.hasPrefix("-")
      default: false
      }
    case .select(let select): select.operand.isNegativeNumber
    case .call(let call):
      if let target = call.target {
        target.isNegativeNumber
      } else if call.function == "_[_]" || call.function == "_[?_]" {
        call.arguments.first?.isNegativeNumber ?? false
      } else {
        false
      }
    case .comprehension(let loop): loop.target.isNegativeNumber
    default: false
    }
  }

  /// Whether the text of the node would begin with a number, a minus before which would belong to it.
  fileprivate var beginsWithNumber: Bool {
    switch kind {
    case .literal(let value, let text):
      switch value {
      case .int, .uint, .double: !text.hasPrefix("-")
      default: false
      }
    case .select(let select): select.operand.beginsWithNumber
    case .call(let call):
      if let target = call.target {
        target.beginsWithNumber
      } else if call.function == "_[_]" || call.function == "_[?_]" {
        call.arguments.first?.beginsWithNumber ?? false
      } else {
        false
      }
    case .comprehension(let loop): loop.target.beginsWithNumber
    default: false
    }
  }
}
