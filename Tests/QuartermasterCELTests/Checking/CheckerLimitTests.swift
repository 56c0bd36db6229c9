import Testing

@testable import QuartermasterCEL

/// Makes random texts from a seed.
private struct Scribbler {
  var seed: UInt64

  mutating func roll(_ sides: Int) -> Int {
    seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((seed >> 33) % UInt64(sides))
  }

  /// Words that a rule may have, in any order.
  mutating func words(_ count: Int) -> String {
    let words = [
      "order", ".customer", ".lines", ".price", "product", "old", "limit", "rate", "count", "x",
      "Order", "null",
      "true", "1", "-2.5", "0x1Fu", "'a'", "b'c'", "==", "!=", "<", ">=", "+", "-", "*", "/", "%",
      "&&", "||", "!",
      "in", "?", ":", "(", ")", "[", "]", "{", "}", ",", ".", ".?a", "[?0]", ".map(x,",
      ".filter(x,", ".exists(l, l",
      ".sum()", ".first()", "has(", "math.abs(", "size(", "now", "days(", ".groupBy(x,",
      ".sortBy(x, x", "signal.bin",
      "anything", " // c\n", "\"", "é", "`f`",
    ]
    return (0..<count).map { _ in words[roll(words.count)] }.joined(
      separator: roll(2) == 0 ? "" : " ")
  }
}

@Test func `no text crashes the parser or the checker`() {
  let rules = [
    "order.customer != null && order.customer.name == 'x' && order.totalAmount > 5000.00",
    "Order.exists(o, o.customer == order.customer && o.status != \"cancelled\" && o.createdAt > now - days(1))",
    "math.abs(product.price - product.price) > product.price * 0.10 ? [1, 2.5] : order.lines.map(l, l.price)",
    "{'a': [1u, b'x'], ?'b': anything.?c[?0]}.a.size() in order.lines.groupBy(l, l.product.sku).map(k, size(k))",
  ]
  for seed in 0..<4000 {
    var scribbler = Scribbler(seed: UInt64(seed))
    var text: String
    if seed % 2 == 0 {
      text = scribbler.words(1 + seed % 40)
    } else {
      // A rule with a piece left out, doubled or replaced.
      var bytes = Array(rules[seed % rules.count].utf8)
      for _ in 0..<1 + scribbler.roll(3) where !bytes.isEmpty {
        let start = scribbler.roll(bytes.count)
        let end = min(bytes.count, start + 1 + scribbler.roll(8))
        switch scribbler.roll(3) {
        case 0: bytes.removeSubrange(start..<end)
        case 1: bytes.insert(contentsOf: Array(bytes[start..<end]), at: start)
        default: bytes.replaceSubrange(start..<end, with: scribbler.words(1).utf8)
        }
      }
      text = String(decoding: bytes, as: UTF8.self)
    }
    do throws(DiagnosticList) {
      let checked = try CELEnvironment.shop.checked(ExprSource(text))
      #expect(checked.types.count == checked.parsed.nodeCount)
      _ = checked.facts()
    } catch {
      #expect(!error.items.isEmpty)
      for item in error.items { #expect(item.span.range.upperBound <= text.utf8.count, "\(text)") }
      _ = DiagnosticRenderer().render(error)
    }
  }
}

private let deep: [String] = [
  String(repeating: "!", count: 240) + "true",
  String(repeating: "(", count: 240) + "1" + String(repeating: ")", count: 240),
  String(repeating: "[", count: 240) + String(repeating: "]", count: 240),
  String(repeating: "{1:", count: 240) + "1" + String(repeating: "}", count: 240),
  String(repeating: "count > 1 ? 1 : ", count: 240) + "1.5",
  "1" + String(repeating: " + 1", count: 240),
  "anything" + String(repeating: ".a", count: 240),
  "anything" + String(repeating: "[0]", count: 240),
  "Order" + String(repeating: ".filter(o, o.totalAmount > 1)", count: 240),
  String(repeating: "[1].map(x, ", count: 120) + "1" + String(repeating: ")", count: 120),
  Array(repeating: "order.customer != null && order.customer.name == ''", count: 5000)
    .joined(separator: " && "),
  Array(repeating: "(order.customer == null || old == null)", count: 5000).joined(
    separator: " || "),
  "count in [" + Array(repeating: "1", count: 50_000).joined(separator: ", ") + "]",
  "product.price in [" + Array(repeating: "1.5", count: 50_000).joined(separator: ", ") + "]",
]

@Test(arguments: deep)
func `a long or deep text is checked`(_ text: String) throws {
  var environment = CELEnvironment.shop
  environment.forbidsShadowing = false
  _ = try environment.checked(ExprSource(text)).facts()
}

@Test func `a huge text with a mistake in each part gives a hundred messages`() {
  let text = "[" + String(repeating: "xyz + ordr,", count: 50_000) + "]"
  do throws(DiagnosticList) {
    _ = try CELEnvironment.shop.checked(ExprSource(text))
    Issue.record("checked")
  } catch {
    #expect(error.items.count == 100)
  }
}
