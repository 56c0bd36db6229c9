import QuartermasterCEL
import QuartermasterCore
import Testing

@testable import QuartermasterShell

/// Completion, as a function of text and cursor: no terminal, no file.
struct CompletionTests {
  private let source: CompletionSource

  init() throws {
    let (schema, _) = try Schema.load(
      SourceFile(
        name: "schema.yaml",
        text: """
          domain: test
          classes:
            User:
              username: {type: String, required: true}
              password: {type: String, secret: true}
            Supplier:
              name: {type: String}
              since: {type: Date}
            Product:
              name: {type: String}
              supplier: {type: Supplier, inverse: products}
              active: {type: Boolean, default: true}
              onHand: {type: Integer, default: 0}
              kind: {type: String, in: [screw, bolt, nut]}
            Order:
              number: {type: String}
              status: {type: String, default: draft, flow: {draft: [sent], sent: [done], done: []}}
              lines: {type: Array, of: String}
            Line:
              order: {type: Order, inverse: parts}
              product: {type: Product}
              quantity: {type: Integer, default: 1}
          signals:
            close-day: {supplier: Supplier}
          verbs:
            receive:
              target: [Order, Line]
              arguments: {quantity: Integer, at: Date}
              result: Line
          """))
    var source = CompletionSource(
      schema: schema, settings: ProjectSettings(),
      verbs: [
        "set", "create", "ensure", "delete", "advance", "notify", "signal", "call", "receive",
      ])
    source.rules = ["close-orders", "reorder-low-stock", "reorder-weekly"]
    source.names = ["mine": "Order", "screws": "Product"]
    let ids = [("Order", "o1"), ("Order", "o2"), ("Product", "bolt"), ("Product", "brass-nut")]
    source.records = { classes, prefix, limit in
      ids.filter { id in classes.contains { $0.name == id.0 } && id.1.hasPrefix(prefix) }
        .prefix(limit).map { .init(className: $0.0, id: $0.1) }
    }
    source.className = { id in ids.first { $0.1 == id }?.0 }
    source.files = { prefix in ["rules/", "morning.txt"].filter { $0.hasPrefix(prefix) } }
    self.source = source
  }

  /// Completes a text at the mark `|`, or at its end, and returns the candidates.
  private func candidates(_ marked: String) -> [String] {
    let parts = marked.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
    return LineCompleter(source: source)
      .complete(parts.joined(), at: parts[0].utf8.count).candidates
  }

  @Test(arguments: [
    // By the type of what stands before the dot.
    ("Product.filter(p, p.na", ["name"]),
    (
      "Product.filter(p, p.supplier.",
      ["createdAt", "name", "objectId", "products", "since", "updatedAt"]
    ),
    ("Product.filter(p, p.supplier.products.exists(q, q.onH", ["onHand"]),
    ("Order.map(o, o.parts.filter(l, l.qu", ["quantity"]),
    ("Order.first().parts[0].pro", ["product"]),
    ("mine.sta", ["status"]),
    ("bolt.acti", ["active"]),
    ("Product/bolt.supplier.si", ["since"]),
    ("(Product.first()).onH", ["onHand"]),
    ("1 + Product.first().onH", ["onHand"]),
    ("Product.filter(p, p.onHand > 3).sor", ["sortBy("]),
    ("Product.first().name.starts", ["startsWith("]),
    ("Product.filter(p, p.nothing.", []),
    ("math.ab", ["abs("]),
    // A secret is not offered, nor is anything behind what has no type.
    ("User.first().pass", []),
    ("nobody.na", []),
  ]) func `fields and methods`(_ text: String, _ wanted: [String]) {
    #expect(candidates(text) == wanted)
  }

  @Test(arguments: [
    ("Order.filter(o, o.status == \"", ["done", "draft", "sent"]),
    ("Order.filter(o, o.status != 'd", ["done", "draft"]),
    ("Order.filter(o, o.status in [\"draft\", \"se", ["sent"]),
    ("Product.exists(p, p.kind == \"b", ["bolt"]),
    ("Product.exists(p, p.name == \"b", []),
    ("Product[\"b", ["bolt", "brass-nut"]),
  ]) func `texts in quotes`(_ text: String, _ wanted: [String]) {
    #expect(candidates(text) == wanted)
  }

  @Test(arguments: [
    ("adv", ["advance"]),
    ("Prod", ["Product"]),
    ("o", ["o1", "o2"]),
    ("screws.onHand > 3 && sc", ["screws"]),
    (
      "Product.filter(p, p.onHand > 3 && ",
      ["Line", "Message", "Order", "Product", "Supplier", "User", "mine", "now", "p", "screws"]
    ),
    ("Product/b", ["bolt", "brass-nut"]),
    ("Product/brass-", ["brass-nut"]),
    ("1 + 2", []),
    ("Product ", []),
    ("start", []),
    ("siz", ["size("]),
    ("Product.fi|lter(p, true)", ["filter(", "first("]),
    // Bytes, not characters.
    ("\"Größe\" + Prod", ["Product"]),
  ]) func `names`(_ text: String, _ wanted: [String]) {
    #expect(candidates(text) == wanted)
  }

  @Test(arguments: [
    ("set ", ["Line", "Message", "Order", "Product", "Supplier", "User", "mine", "now", "screws"]),
    ("set bolt ", ["active:", "each:", "kind:", "name:", "onHand:", "supplier:", "when:"]),
    ("set bolt on", ["onHand:"]),
    ("set bolt onHand: 3 ", ["active:", "each:", "kind:", "name:", "supplier:", "when:"]),
    ("set bolt onHand: bolt.onH", ["onHand"]),
    (
      "set bolt onHand: bolt.onHand + ",
      ["Line", "Message", "Order", "Product", "Supplier", "User", "mine", "now", "screws"]
    ),
    ("set bolt onHand:", []),
    ("set bolt active: ", ["false", "true"]),
    ("set bolt kind: ", ["bolt", "nut", "screw"]),
    ("set bolt name: a ki", ["kind:"]),
    ("set bolt name: half ${bolt.na", ["name"]),
    ("create Pro", ["Product"]),
    ("create Line order: ", ["Order", "mine", "o1", "o2"]),
    ("create Line product: b", ["bolt"]),
    ("create ", ["Line", "Order", "Product", "Supplier", "User"]),
    ("create Line product: bolt as", ["as:"]),
    ("create Line as: ", []),
    ("ensure Order match: {sta", ["status:"]),
    ("ensure Order match: {status: dr", ["draft"]),
    ("ensure Order match: {number: n, sta", ["status:"]),
    ("advance ", ["Order", "mine", "o1", "o2"]),
    ("advance o1 ", ["each:", "to:", "when:"]),
    ("advance o1 to: ", ["done", "draft", "sent"]),
    ("advance Order/o1 to: s", ["sent"]),
    ("receive o", ["o1", "o2"]),
    ("receive o1 qu", ["quantity:"]),
    ("signal ", ["close-day"]),
    ("signal close-day sup", ["supplier:"]),
    ("signal close-day supplier: ", ["Supplier"]),
    ("notify mine by: ", ["inbox", "log"]),
    ("notify mine mess", ["message:"]),
  ]) func `verbs and their keys`(_ text: String, _ wanted: [String]) {
    #expect(candidates(text) == wanted)
  }

  @Test(arguments: [
    (":wh", ["why", "why-not"]),
    (":rules re", ["reorder-low-stock", "reorder-weekly"]),
    (":why-not clo", ["close-orders"]),
    (":why-not close-orders Ord", ["Order/"]),
    (":why-not close-orders Order/o", ["o1", "o2"]),
    (":why bol", ["bolt"]),
    (":why Product/bolt.on", ["onHand"]),
    (":as Us", ["User/"]),
    (":schema Or", ["Order"]),
    (":load mor", ["morning.txt"]),
    (":help starts", ["startsWith"]),
    (":help adv", ["advance"]),
    (":help und", ["undo"]),
    (":explain Product.filter(p, p.onH", ["onHand"]),
    (":time set bolt on", ["onHand:"]),
    (":sandbox o", ["off"]),
    (":nothing ", []),
    (":undo ", []),
  ]) func `commands`(_ text: String, _ wanted: [String]) {
    #expect(candidates(text) == wanted)
  }

  @Test func `a candidate takes the place of the word that was begun`() {
    let completer = LineCompleter(source: source)
    let field = completer.complete("set bolt on")
    #expect(field == Completion(start: 9, candidates: ["onHand:"], ending: " "))
    let quoted = completer.complete("Order.exists(o, o.status == \"dr")
    #expect(quoted.start == 29)
    #expect(quoted.ending == "\"")
    let word = completer.complete("Größe + Prod")
    #expect(word.start == "Größe + ".utf8.count)
  }

  @Test func `no text makes it fail`() {
    let text = "set Order/o1 status: \"a${mine.x} {b: [1, 'c'" + ":why-not a B/c.d"
    for count in 0...text.utf8.count {
      let completer = LineCompleter(source: source)
      let found = completer.complete(text, at: count)
      #expect(found.start <= count)
      _ = completer.complete(String(text.utf8.suffix(count)) ?? "")
    }
  }
}
