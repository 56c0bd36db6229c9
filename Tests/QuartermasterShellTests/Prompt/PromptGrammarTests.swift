import QuartermasterCEL
import QuartermasterCore
import Testing

@testable import QuartermasterShell

struct PromptGrammarTests {
  private let verbs: Set<String> = ["set", "create", "advance", "notify", "ensure"]

  /// Returns an action as `key=value` pairs.
  private func pairs(_ line: String) -> [String] {
    guard case .action(let node) = PromptGrammar.read(line, verbs: verbs) else { return [] }
    return (node.pairs ?? []).map { "\($0.key.text ?? "?")=\(shown($0.value))" }
  }

  private func shown(_ node: YAMLNode) -> String {
    switch node.kind {
    case .scalar(_, .block): "'\(node.text ?? "")'"
    case .scalar: node.text ?? ""
    case .sequence(let items): "[" + items.map(shown).joined(separator: "|") + "]"
    case .mapping(let pairs):
      "{" + pairs.map { "\($0.key.text ?? ""):\(shown($0.value))" }.joined(separator: "|") + "}"
    case .empty: "-"
    }
  }

  @Test(arguments: [
    ("set bolts quantity: 20", ["set=bolts", "quantity=20"]),
    ("set bolts quantity: 20, reserved: 3", ["set=bolts", "quantity=20", "reserved=3"]),
    (
      "set Order.filter(o, o.id == \"a: b\").first() x: 1",
      ["set=Order.filter(o, o.id == \"a: b\").first()", "x=1"]
    ),
    ("create Product name: \"M8: long\" sku: x", ["create=Product", "name='M8: long'", "sku=x"]),
    ("create Product name: M8 bolt, long", ["create=Product", "name=M8 bolt, long"]),
    ("advance order to: paid", ["advance=order", "to=paid"]),
    ("set a b: c ? d: e f: g", ["set=a", "b=c ? d: e", "f=g"]),
    ("set a b: c ? d : e f: g", ["set=a", "b=c ? d : e", "f=g"]),
    (
      "notify [managers, buyers] message: Don't worry title: Hm",
      ["notify=[managers|buyers]", "message=Don't worry", "title=Hm"]
    ),
    (
      "ensure Order match: {customer: bob, status: draft} total: {\"a\": 1}.a",
      ["ensure=Order", "match={customer:bob|status:draft}", "total={\"a\": 1}.a"]
    ),
    ("set a b:", ["set=a", "b=-"]),
    ("set", ["set=-"]),
  ]) func `keys stand behind each other`(line: String, wanted: [String]) {
    #expect(pairs(line) == wanted)
  }

  @Test func `other lines`() {
    if case .expression("set.size()") = PromptGrammar.read(" set.size() ", verbs: verbs) {
    } else {
      Issue.record("a method of something called set is an expression")
    }
    if case .command("clock", rest: "+2d") = PromptGrammar.read(":clock +2d ", verbs: verbs) {
    } else {
      Issue.record("a colon begins a command")
    }
    if case .empty = PromptGrammar.read("  # nothing", verbs: verbs) {
    } else {
      Issue.record("a comment is nothing")
    }
  }

  @Test func `unfinished lines`() {
    #expect(PromptGrammar.isUnfinished("Product.filter(p,", verbs: ["set", "notify"]))
    #expect(PromptGrammar.isUnfinished("1 + \\", verbs: ["set", "notify"]))
    #expect(!PromptGrammar.isUnfinished("\"(\" + a", verbs: ["set", "notify"]))
    #expect(!PromptGrammar.isUnfinished("notify x message: don't", verbs: ["set", "notify"]))
    #expect(!PromptGrammar.isUnfinished(":why (a", verbs: ["set", "notify"]))
  }
}
