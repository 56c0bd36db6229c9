import Testing

@testable import QuartermasterCEL

private let aTextHasOneTree: [(String, String)] = [
  // The table of precedence, each operator against its neighbours.
  ("a || b && c", "(_||_ a (_&&_ b c))"),
  ("a && b || c", "(_||_ (_&&_ a b) c)"),
  ("a && b == c", "(_&&_ a (_==_ b c))"),
  ("a == b + c", "(_==_ a (_+_ b c))"),
  ("a + b < c - d", "(_<_ (_+_ a b) (_-_ c d))"),
  ("a + b * c", "(_+_ a (_*_ b c))"),
  ("a * b + c", "(_+_ (_*_ a b) c)"),
  ("a * -b", "(_*_ a (-_ b))"),
  ("!a && b", "(_&&_ (!_ a) b)"),
  ("!a.b", "(!_ a.b)"),
  ("-a.b", "(-_ a.b)"),
  ("-a[0]", "(-_ (_[_] a 0))"),
  ("a in b && c", "(_&&_ (@in a b) c)"),
  ("a + b in c", "(@in (_+_ a b) c)"),
  ("a ? b : c", "(_?:_ a b c)"),
  ("a || b ? c : d", "(_?:_ (_||_ a b) c d)"),
  ("a ? b : c ? d : e", "(_?:_ a b (_?:_ c d e))"),
  ("a ? b || c : d || e", "(_?:_ a (_||_ b c) (_||_ d e))"),
  // To the left.
  ("a - b - c", "(_-_ (_-_ a b) c)"),
  ("a / b * c % d", "(_%_ (_*_ (_/_ a b) c) d)"),
  ("a < b == c", "(_==_ (_<_ a b) c)"),
  ("a <= b >= c != d > e", "(_>_ (_!=_ (_>=_ (_<=_ a b) c) d) e)"),
  ("(a - (b - c))", "(_-_ a (_-_ b c))"),
  // Chains of logic are balanced, the longer half first.
  ("a && b && c", "(_&&_ (_&&_ a b) c)"),
  ("a || b || c || d", "(_||_ (_||_ a b) (_||_ c d))"),
  ("a && b && c && d && e", "(_&&_ (_&&_ (_&&_ a b) c) (_&&_ d e))"),
  ("a && (b && c)", "(_&&_ a (_&&_ b c))"),
  // A minus before a number belongs to it.
  ("-1", "-1"), ("- 1", "-1"), ("--1", "(-_ -1)"), ("1-1", "(_-_ 1 1)"), ("1 - -1", "(_-_ 1 -1)"),
  ("-1.5", "-1.5"), ("-(1)", "(-_ 1)"), ("a-1", "(_-_ a 1)"),
  ("-9223372036854775808", "-9223372036854775808"),
  ("-0x8000000000000000", "-9223372036854775808"), ("-1.abs()", "(-1 -> abs )"),
  ("!!a", "(!_ (!_ a))"), ("--a", "(-_ (-_ a))"),
  // Numbers.
  ("0", "0"), ("0xFf", "255"), ("5u", "5u"), ("0xFFU", "255u"), (".5", "0.5"),
  ("1e3", "1000.0"), ("1.5E-3", "0.0015"), ("1e+2", "100.0"),
  ("9223372036854775807", "9223372036854775807"),
  ("18446744073709551615u", "18446744073709551615u"),
  // Names, selections, calls, indices.
  (".a.b", ".a.b"), ("a.b.c", "a.b.c"), ("f()", "(f )"), (".f(a)", "(.f a)"),
  ("a.f(b, c)", "(a -> f b c)"), ("math.abs(x)", "(math -> abs x)"),
  ("a[b][c]", "(_[_] (_[_] a b) c)"),
  ("a.?b.c", "a.?b.c"), ("a[?b]", "(_[?_] a b)"), ("a.`b-c d`", "a.b-c d"),
  ("a.`in`.if", "a.in.if"),
  ("x.for().while", "(x -> for ).while"), ("{'if': 1}.if", "{'if': 1}.if"),
  ("a ? .b : .c", "(_?:_ a .b .c)"), ("a ?.5:c", "(_?:_ a 0.5 c)"),
  // Lists and maps.
  ("[]", "[]"), ("[a, b,]", "[a, b]"), ("[?a, b]", "[?a, b]"), ("{}", "{}"),
  ("{a: b, 'c': 1,}", "{a: b, 'c': 1}"), ("{?a: b}", "{?a: b}"),
  ("[[a ? b : c]]", "[[(_?:_ a b c)]]"),
  // White space and comments.
  ("a // a comment\n + b", "(_+_ a b)"), ("\t\r\n a \u{C}", "a"), ("a / b", "(_/_ a b)"),
  ("a // b", "a"),
  // Words that only begin like others.
  ("inner", "inner"), ("in_ in b", "(@in in_ b)"), ("trueish", "trueish"), ("r", "r"),
  ("b + br", "(_+_ b br)"),
]

@Test(arguments: aTextHasOneTree)
func `a text has one tree`(_ text: String, _ shape: String) throws {
  #expect(try parse(text).shape == shape)
}

private let macrosAreKnownByNameReceiver: [(String, String)] = [
  ("has(a.b)", "(has a.b)"), ("has(a.`b c`)", "(has a.b c)"), ("has({}.?x.y)", "(has {}.?x.y)"),
  ("a.all(x, x)", "(a -> #all x | - | x)"), ("a.all(i, x, x)", "(a -> #all i,x | - | x)"),
  ("a.exists(x, x)", "(a -> #exists x | - | x)"),
  ("a.exists(i, x, x)", "(a -> #exists i,x | - | x)"),
  ("a.exists_one(x, x)", "(a -> #existsOne x | - | x)"),
  ("a.existsOne(i, x, x)", "(a -> #existsOne i,x | - | x)"),
  ("a.filter(x, x)", "(a -> #filter x | - | x)"), ("a.map(x, y)", "(a -> #map x | - | y)"),
  ("a.map(x, p, t)", "(a -> #map x | p | t)"), ("a.sortBy(x, x)", "(a -> #sortBy x | - | x)"),
  ("a.groupBy(x, x)", "(a -> #groupBy x | - | x)"),
  ("a.transformList(i, x, x)", "(a -> #transformList i,x | - | x)"),
  ("a.transformMap(i, x, p, x)", "(a -> #transformMap i,x | p | x)"),
  ("a.transformMapEntry(i, x, {})", "(a -> #transformMapEntry i,x | - | {})"),
  ("a.optMap(x, x)", "(a -> #optMap x | - | x)"),
  ("a.optFlatMap(x, x)", "(a -> #optFlatMap x | - | x)"),
  ("cel.bind(x, 1, x)", "(bind x 1 x)"),
  ("cel.block([1, cel.index(0)], cel.index(1))", "(bind @index0 1 (bind @index1 @index0 @index1))"),
  ("a.map(cel.iterVar(0, 1), cel.iterVar(0, 1))", "(a -> #map @iterVar:0:1 | - | @iterVar:0:1)"),
  // By name, receiver and number of arguments; otherwise calls.
  ("all(a, b)", "(all a b)"), ("a.all(x)", "(a -> all x)"),
  ("a.filter(x, y, z)", "(a -> filter x y z)"),
  ("a.has(b.c)", "(a -> has b.c)"), ("has(a, b)", "(has a b)"), ("cel.bind(x)", "(cel -> bind x)"),
  (".has(a)", "(.has a)"), ("a.map", "a.map"),
]

@Test(arguments: macrosAreKnownByNameReceiver)
func `macros are known by name, receiver and arguments`(_ text: String, _ shape: String) throws {
  #expect(try parse(text).shape == shape)
}

@Test func `a macro is a call where no library has it`() throws {
  #expect(try parse("a.sortBy(x, x)", macros: ["all"]).shape == "(a -> sortBy x x)")
  #expect(try parse("has(a.b)", macros: []).shape == "(has a.b)")
  #expect(try parse("cel.bind(x, 1, x)", macros: []).shape == "(cel -> bind x 1 x)")
  let standard = try CELEnvironment.standard.parse(ExprSource("a.all(x, x) && a.sortBy(x, x)"))
  #expect(standard.root.shape == "(_&&_ (a -> #all x | - | x) (a -> sortBy x x))")
}

@Test func `ids are dense and ranges are what was written`() throws {
  let text = " (a + b) * f(c.d, [1]) "
  let parsed = try CELEnvironment.standard.parse(ExprSource(text))
  var ids: [Int] = []
  var texts: [String] = []
  func walk(_ expr: Expr) {
    ids.append(expr.id)
    texts.append(String(decoding: Array(text.utf8)[expr.range], as: UTF8.self))
    switch expr.kind {
    case .call(let call): call.arguments.forEach(walk)
    case .select(let select): walk(select.operand)
    case .list(let elements): elements.map(\.value).forEach(walk)
    default: break
    }
  }
  walk(parsed.root)
  #expect(ids.sorted() == Array(0..<parsed.nodeCount))
  #expect(
    texts == ["(a + b) * f(c.d, [1])", "(a + b)", "a", "b", "f(c.d, [1])", "c.d", "c", "[1]", "1"])
}

@Test func `what is promised about length and depth holds`() throws {
  for op in ["+", "-", "*", "/", "==", "<", "&&", "||"] {
    _ = try parse(Array(repeating: "a", count: 100).joined(separator: " \(op) "))
  }
  _ = try parse(String(repeating: "a ? b : ", count: 100) + "c")
  _ = try parse(String(repeating: "(", count: 100) + "a" + String(repeating: ")", count: 100))
  _ = try parse(String(repeating: "[", count: 100) + String(repeating: "]", count: 100))
  _ = try parse("f(" + Array(repeating: "a", count: 5000).joined(separator: ", ") + ")")
  _ = try parse(Array(repeating: "a", count: 50_000).joined(separator: " && "))
  _ = try parse(String(repeating: "-", count: 200) + "a")
}

private let aHugeWrongTextGivesA: [String] = [
  String(repeating: "(", count: 1_000_000), String(repeating: "[", count: 1_000_000),
  String(repeating: "{1:", count: 300_000), String(repeating: "f(", count: 500_000),
  String(repeating: "1+", count: 500_000), String(repeating: "!", count: 1_000_000),
  String(repeating: "-", count: 1_000_000) + "a", String(repeating: "a.", count: 500_000),
  String(repeating: "a?b:", count: 300_000), String(repeating: "a[", count: 500_000),
  String(repeating: "x.map(y,", count: 200_000), String(repeating: "(a&&", count: 250_000),
  String(repeating: "a.b(c).", count: 200_000) + "d",
  "[" + String(repeating: "a b,", count: 250_000), String(repeating: "\u{1}", count: 1_000_000),
  "'" + String(repeating: "\\q", count: 500_000), String(repeating: "é", count: 500_000),
  String(repeating: ")", count: 1_000_000), "\"" + String(repeating: "a", count: 1_000_000),
]

@Test(arguments: aHugeWrongTextGivesA)
func `a huge wrong text gives a few messages`(_ text: String) {
  do throws(DiagnosticList) {
    _ = try parse(text)
    Issue.record("parsed")
  } catch {
    #expect(!error.items.isEmpty && error.items.count <= 20)
  }
}

@Test func `every cut of a text gives a tree or a message`() {
  let text =
    #"a.b(-1, 'x\n')[?0] ? {?k: [1u, .5]}.`f g` in br"q" : !has(x.y) && l.map(x, p, x + 0x1F)"#
  let bytes = Array(text.utf8)
  for end in 0...bytes.count {
    for start in [0, end / 2] {
      let cut = String(decoding: bytes[start..<end], as: UTF8.self)
      do throws(DiagnosticList) { _ = try parse(cut) } catch {
        for item in error.items {
          #expect(item.span.range.upperBound <= cut.utf8.count)
        }
      }
    }
  }
}

@Test func `the end of a hole is found behind braces and quotes`() {
  #expect(ExprSource.endOfHole(in: "${a}} ${b}", from: 2) == 3)
  #expect(ExprSource.endOfHole(in: "x {'}': 1}.size() } y", from: 1) == 18)
  #expect(ExprSource.endOfHole(in: "a // }\n}", from: 0) == 7)
  #expect(ExprSource.endOfHole(in: "a", from: 0) == nil)
}
