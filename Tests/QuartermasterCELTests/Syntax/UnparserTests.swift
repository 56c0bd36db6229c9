import Testing

@testable import QuartermasterCEL

private let aTreeIsWrittenWithNo: [(String, String)] = [
  ("((a))+(b*c)", "a + b * c"), ("(a+b)*c", "(a + b) * c"), ("a-(b-c)", "a - (b - c)"),
  ("(a-b)-c", "a - b - c"),
  ("(a&&b)||c", "a && b || c"), ("a&&(b||c)", "a && (b || c)"), ("a&&b&&c&&d", "a && b && c && d"),
  ("a&&(b&&c)", "a && (b && c)"), ("(a?b:c)?d:e", "(a ? b : c) ? d : e"),
  ("a?(b?c:d):(e?f:g)", "a ? (b ? c : d) : e ? f : g"),
  ("-(1)", "-(1)"), ("--1", "--1"), ("-(1).f()", "-(1.f())"), ("-(a.b)", "-a.b"),
  ("(-a).b", "(-a).b"), ("!(a&&b)", "!(a && b)"),
  ("!!a", "!!a"), ("!(-1)", "!(-1)"), ("!(-a)", "!(-a)"), ("-(!a)", "-(!a)"), ("1 - -1", "1 - -1"),
  ("-1.f()", "-1.f()"),
  ("a.`x y`.b", "a.`x y`.b"), ("a.`in`", "a.`in`"), ("a.`b`", "a.b"), ("a[?b].?c", "a[?b].?c"),
  ("[?a,b]", "[?a, b]"),
  ("{?'a':b?c:d}", "{?'a': b ? c : d}"), ("has(a.b)", "has(a.b)"),
  ("a.map(x,p,t)", "a.map(x, p, t)"),
  ("a.exists_one(x,x)", "a.exists_one(x, x)"), ("a.existsOne(i,x,x)", "a.existsOne(i, x, x)"),
  ("cel.bind(x,1,x+1)", "cel.bind(x, 1, x + 1)"), ("(a in b) in c", "a in b in c"),
  ("a in (b in c)", "a in (b in c)"),
  (".a.b(c)", ".a.b(c)"), (".f(a)", ".f(a)"), ("0.10+1e3", "0.10 + 1e3"), ("a // c", "a"),
  ("(a + b).c", "(a + b).c"),
  ("a.map(cel.iterVar(0,1),cel.iterVar(0,1))", "a.map(cel.iterVar(0, 1), cel.iterVar(0, 1))"),
]

@Test(arguments: aTreeIsWrittenWithNo)
func `a tree is written with no more brackets than it takes`(_ text: String, _ expected: String)
  throws
{
  let tree = try parse(text)
  #expect(tree.text == expected)
  #expect(try parse(tree.text).shape == tree.shape)
}

/// Makes random trees from a seed.
private struct Grower {
  var seed: UInt64

  mutating func roll(_ sides: Int) -> Int {
    seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((seed >> 33) % UInt64(sides))
  }

  mutating func pick<T>(_ choices: [T]) -> T { choices[roll(choices.count)] }

  mutating func name() -> String { pick(["a", "b", "order", "x1", "_y", "inner", "r", "br"]) }

  mutating func expr(_ depth: Int) -> Expr {
    Expr(id: 0, range: 0..<0, kind: kind(depth))
  }

  mutating func exprs(_ depth: Int, _ limit: Int) -> [Expr] {
    (0..<roll(limit + 1)).map { _ in expr(depth) }
  }

  mutating func call(_ target: Expr?, _ function: String, _ arguments: [Expr]) -> Expr.Kind {
    .call(
      Expr.Call(target: target, function: function, functionRange: 0..<0, arguments: arguments))
  }

  mutating func select(_ depth: Int) -> Expr.Select {
    Expr.Select(
      operand: expr(depth), field: pick(["f", "in", "if", "a b", "x-y", "true"]), fieldRange: 0..<0)
  }

  mutating func kind(_ depth: Int) -> Expr.Kind {
    if depth == 0 || roll(8) == 0 {
      return pick([
        .name(name(), isRooted: false), .name(name(), isRooted: true), .literal(.int(1), text: "1"),
        .literal(.int(-1), text: "-1"), .literal(.double(-0.5), text: "-.5"),
        .literal(.uint(3), text: "3u"),
        .literal(.string("x"), text: "'x'"), .literal(.null, text: "null"),
        .literal(.bool(true), text: "true"),
      ])
    }
    let below = depth - 1
    switch roll(12) {
    case 0...4:
      return call(nil, pick(Precedence.table).function, [expr(below), expr(below)])
    case 5: return call(nil, pick(["!_", "-_"]), [expr(below)])
    case 6: return call(nil, "_?:_", [expr(below), expr(below), expr(below)])
    case 7: return call(nil, pick(["_[_]", "_[?_]"]), [expr(below), expr(below)])
    case 8:
      return pick([
        .select(select(below)), .has(select(below)), call(expr(below), "m", exprs(below, 2)),
        call(nil, pick(["f", ".f"]), exprs(below, 2)),
      ])
    case 9:
      return pick([
        .list(exprs(below, 3).map { Expr.Element(value: $0, isOptional: roll(4) == 0) }),
        .map(
          exprs(below, 2).map {
            Expr.Entry(key: $0, value: expr(below), isOptional: roll(4) == 0)
          }),
      ])
    case 10: return .bind(name: name(), value: expr(below), body: expr(below))
    default:
      let macro = pick([Expr.Comprehension.Macro.all, .filter, .map, .sortBy, .existsOne])
      return .comprehension(
        Expr.Comprehension(
          macro: macro, target: expr(below), variables: [name()], variableRanges: [0..<0],
          filter: macro == .map && roll(2) == 0 ? expr(below) : nil, body: expr(below),
          functionRange: 0..<0))
    }
  }
}

@Test func `parsing the text of a tree gives the tree`() throws {
  for seed in 0..<3000 {
    var grower = Grower(seed: UInt64(seed))
    let tree = grower.expr(1 + seed % 6)
    let text = tree.text
    do throws(DiagnosticList) {
      let again = try parse(text)
      #expect(again.shape == tree.shape, "\(text)")
      #expect(again.text == text)
    } catch {
      Issue.record("\(text): \(error.items.map(\.message))")
    }
  }
}
