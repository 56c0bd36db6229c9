import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// What the reader says, as `line:column severity code: the marked text`.
private func findings(_ text: String) -> [String] {
  let file = SourceFile(name: "t.yaml", text: text)
  let items: [Diagnostic]
  do { items = DiagnosticList(try YAMLReader.read(file).warnings).items } catch {
    items = error.items
  }
  return items.map { item in
    let (line, column) = file.position(of: item.span.range.lowerBound)
    let marked = String(decoding: file.bytes[item.span.range], as: UTF8.self)
    return "\(line):\(column) \(item.severity) \(item.code): \(marked)"
  }
}

private func messages(_ text: String) -> [String] {
  let file = SourceFile(name: "t.yaml", text: text)
  do { return try YAMLReader.read(file).warnings.map(\.message) } catch {
    return error.items.map(\.message)
  }
}

@Test(arguments: [
  // A comment in the middle of a text.
  ("message: Order #12 is late\n", ["1:16 warning yaml/comment: #12 is late"]),
  ("message: #12 is late\n", ["1:10 warning yaml/comment: #12 is late"]),
  ("saved: Order # a comment\nname: x ## one\nother: 'a #1'\ncolor: a#1\n", []),
  // `: ` in a value.
  ("- message: Low stock: bolts\n", ["1:21 error yaml/colon: :"]),
  ("when: a ? b : c\nthen: d ? e : f\n", ["1:13 error yaml/colon: :", "2:13 error yaml/colon: :"]),
  ("x: {when: a ? b : c}\n", ["1:17 error yaml/colon: :"]),
  // What YAML keeps for itself.
  ("when: !order.paid\n", ["1:7 error yaml/reserved: !order.paid"]),
  ("when: !order.paid && !order.late\n", ["1:7 error yaml/reserved: !order.paid && !order.late"]),
  ("when: !(order.paid)\n", ["1:7 error yaml/reserved: !(order.paid)"]),
  ("when: *x\n", ["1:7 error yaml/reserved: *x"]),
  ("when: *x > 3\n", ["1:7 error yaml/reserved: *x > 3"]),
  ("when: &x 1\n", ["1:7 error yaml/reserved: &x 1"]),
  ("when: && x\n", ["1:7 error yaml/reserved: && x"]),
  ("when: %x\n", ["1:7 error yaml/reserved: %x"]),
  ("when: @x\n", ["1:7 error yaml/reserved: @x"]),
  ("when: `x`\n", ["1:7 error yaml/reserved: `x`"]),
  ("when: > 5\n", ["1:7 error yaml/reserved: > 5"]),
  // A value that ends before its end.
  ("when: \"GB\" in order.tags\n", ["1:7 error yaml/quote: \"GB\" in order.tags"]),
  ("when:\n  - 'GB' in order.tags\n", ["2:5 error yaml/quote: 'GB' in order.tags"]),
  ("when: [1,2].exists(x, x > 1)\n", ["1:7 error yaml/bracket: [1,2].exists(x, x > 1)"]),
  ("when: {1: 2}[x]\n", ["1:7 error yaml/bracket: {1: 2}[x]"]),
  ("when: \"a\" + order.x + \"b\"\n", ["1:7 error yaml/quote: \"a\" + order.x + \"b\""]),
  // Flow collections split at commas.
  ("each: {line: order.lines.filter(l, l.open)}\n", ["1:36 error yaml/flow-null: l.open)"]),
  ("{a: 1, b}\n", ["1:8 error yaml/flow-null: b"]),
  ("{a: 1, b: }\n", ["1:8 error yaml/flow-null: b"]),
  ("when: [xs.all(x, x > 1), y]\n", ["1:8 error yaml/flow-split: xs.all(x"]),
  ("m: {a: f(x, y: 3)}\n", ["1:8 error yaml/flow-split: f(x"]),
  // The rest.
  ("a: 1\nb: 2\na: 3\n", ["3:1 error yaml/duplicate-key: a"]),
  ("a: {é: 1, é: 2, e: 3}\n", ["1:11 error yaml/duplicate-key: é"]),
  ("a:\n\tb: 1\n", ["2:1 error yaml/tab: \t"]),
  ("a:\tb\n", ["1:3 error yaml/tab: \t"]),
  ("a:\n  - b\n \t- c\n", ["3:2 error yaml/tab: \t"]),
  (
    "base: &x {a: 1}\nb: *x\n",
    ["1:7 error yaml/reserved: &x {a: 1}", "2:4 error yaml/reserved: *x"]
  ),
  ("b:\n  <<: {a: 1}\n  c: 2\n", ["2:3 error yaml/merge: <<"]),
  ("a: 1\n---\nb: 2\n", ["2:1 error yaml/documents: ---"]),
  ("%YAML 1.1\n---\na: 1\n", ["1:1 error yaml/directive: %YAML 1.1\n---"]),
  ("? [a]\n: 1\n", ["1:3 error yaml/key: [a]"]),
  (": 1\n", ["1:1 error yaml/key: :"]),
  ("a: \"open\nb: 1\n", ["1:4 error yaml/unclosed: \""]),
  ("a: [1, 2\nb: 1\n", ["1:4 error yaml/unclosed: ["]),
  ("a: {b: 1\n", ["1:4 error yaml/unclosed: {"]),
  ("a: \"\\d\"\n", ["1:5 error yaml/escape: \\"]),
  ("a: 1\n b: 2\n", ["2:2 error yaml/indentation: b: 2"]),
  ("a:\n    b: 1\n  c: 2\n", ["3:3 error yaml/indentation: c: 2"]),
  ("a:\n  - b\n  c: 2\n", ["3:3 error yaml/indentation: c: 2"]),
  ("a: 1\nname:x\nb: 2\n", ["2:1 error yaml/no-colon: name:x"]),
  ("a: 1\njust words\nb: 2\n", ["2:1 error yaml/no-colon: just words"]),
  ("a: - b\n", ["1:4 error yaml/list: -"]),
  ("a: x\u{7}y\n", ["1:5 error yaml/character: \u{7}"]),
])
func `a trap of YAML is reported where it stands`(_ text: String, _ expected: [String]) {
  #expect(findings(text) == expected)
}

@Test func `one reading finds the mistakes of the whole file`() {
  let text = """
    when: !order.paid
    message: Low stock: bolts
    then: "GB" in order.tags
    größe: {line: order.lines.filter(l, l.open)}
    a: 1
    a: 2
    """
  #expect(
    findings(text) == [
      "1:7 error yaml/reserved: !order.paid", "2:19 error yaml/colon: :",
      "3:7 error yaml/quote: \"GB\" in order.tags", "4:37 error yaml/flow-null: l.open)",
      "6:1 error yaml/duplicate-key: a",
    ])
}

@Test func `a message says what to write`() {
  #expect(messages("when: !order.paid\n")[0].contains("write `(!order.paid)`"))
  #expect(messages("when: 'GB' in order.tags\n")[0].contains("write `('GB' in order.tags)`"))
  #expect(messages("name:x\nb: 1\n")[0].contains("write `name: x`"))
  #expect(messages("each: {line: f(l, l.open)}\n")[0].contains("cut off from the value of `line`"))
}

@Test func `a duplicate names its first`() {
  let file = SourceFile(name: "t.yaml", text: "a: 1\na: 2\n")
  do {
    _ = try YAMLReader.read(file)
    Issue.record("no error")
  } catch {
    #expect(error.items[0].notes[0].span.range == 0..<1)
  }
}

@Test func `deep nesting is an error, not a crash`() {
  #expect(findings(String(repeating: "[", count: 5000))[0].contains("error yaml/depth"))
  #expect(findings(String(repeating: "[", count: 500))[0].contains("error yaml/depth"))
  let blocks = (0..<400).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
  #expect(findings(blocks)[0].contains("yaml/depth"))
}

@Test func `broken files never crash the reader`() {
  let seed = """
    - rule: "a \\u00e9"
      when: |2-
          x > 1
        y
      each: {l: [1, 'b', "c"], m: >+ }
      # comment ü
      &a *b !c : ? - [ ] %
    """
  let bytes = Array(seed.utf8)
  var state: UInt64 = 42
  func random(_ limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % limit
  }
  for _ in 0..<3000 {
    var broken = bytes
    for _ in 0..<(1 + random(4)) {
      let place = random(broken.count)
      switch random(3) {
      case 0: broken.remove(at: place)
      case 1: broken.insert(bytes[random(bytes.count)], at: place)
      default: broken.swapAt(place, random(broken.count))
      }
    }
    let file = SourceFile(name: "t.yaml", text: String(decoding: broken, as: UTF8.self))
    let items: [Diagnostic]
    do { items = try YAMLReader.read(file).warnings } catch { items = error.items }
    for item in items {
      #expect(item.span.range.upperBound <= file.bytes.count)
      #expect(item.severity == .warning || !item.message.isEmpty)
    }
  }
}
