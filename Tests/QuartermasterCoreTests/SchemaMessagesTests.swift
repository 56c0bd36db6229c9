import QuartermasterCEL
import Testing

@testable import QuartermasterCore

private let mistakes = #"""
  domain: shop
  clases: {}
  classes:
    Supplier:
      name: {type: Strng, required: true}
      mail: {type: String, pattern: "^[^@"}
    Größe:
      n: Integer
    Product:
      sku: {type: String, requird: true}
      supplier: {type: Suplier, inverse: products}
      price: {type: Decimal, scale: 2, default: 1.999}
      status:
        type: String
        default: pending
        flow:
          pending: [payed, cancelled]
          paid: []
          cancelled: []
      onHand: {sum: inventry.quantity}
      projected: {computed: product.onHnd - 1}
      late: {computed: "product.supplier.name == 'Ümlaut'"}
      total: {computed: product.total}
      ObjectID: {type: String}
      index: [[sku, suplier]]
    Inventory:
      product: {type: Product, inverse: inventory}
      bin: {type: Bin, inverse: contents}
      quantity: {type: Integer, default: many}
    Signal:
      text: String
  """#

@Test func `messages show the place and say what to do`() throws {
  let file = SourceFile(name: "schema.yaml", text: mistakes)
  do {
    _ = try Schema.load(file)
    Issue.record("no mistake was found")
  } catch {
    let rendered = DiagnosticRenderer().render(error)
    #expect(rendered == expected, "\(rendered)")
  }
}

private let expected = #"""
  schema.yaml:2:1: error: a schema has no `clases`; did you mean `classes`? [schema/unknown-key]
    |
  2 | clases: {}
    | ^^^^^^
  schema.yaml:5:18: error: there is no type `Strng`; did you mean `String`? [schema/unknown-type]
    |
  5 |     name: {type: Strng, required: true}
    |                  ^^^^^
  schema.yaml:6:35: error: "^[^@" is no regular expression: a `[` is not closed [schema/pattern]
    |
  6 |     mail: {type: String, pattern: "^[^@"}
    |                                   ^^^^^^
  schema.yaml:7:3: error: `Größe` cannot name a class; use letters, digits and underscores, a letter first [schema/name]
    |
  7 |   Größe:
    |   ^^^^^
  schema.yaml:10:25: error: a field has no `requird`; did you mean `required`? [schema/unknown-key]
     |
  10 |     sku: {type: String, requird: true}
     |                         ^^^^^^^
  schema.yaml:11:22: error: there is no type `Suplier`; did you mean `Supplier`? [schema/unknown-type]
     |
  11 |     supplier: {type: Suplier, inverse: products}
     |                      ^^^^^^^
  schema.yaml:12:47: error: needs a number with at most 2 digits after the point, not `1.999` [schema/value]
     |
  12 |     price: {type: Decimal, scale: 2, default: 1.999}
     |                                               ^^^^^
  schema.yaml:17:19: error: `payed` is not a status of this flow (pending, paid, cancelled); did you mean `paid`? [schema/unknown-status]
     |
  17 |         pending: [payed, cancelled]
     |                   ^^^^^
  schema.yaml:18:9: warning: no move leads to `paid`, and it is not the default; add a move to it, or delete it [schema/unreachable-status]
     |
  18 |         paid: []
     |         ^^^^
  schema.yaml:20:19: error: Product has no relation `inventry`; did you mean `inventory`? [schema/unknown-relation]
     |
  20 |     onHand: {sum: inventry.quantity}
     |                   ^^^^^^^^
  schema.yaml:21:27: error: `product.onHnd` does not exist; did you mean `onHand`? [cel/unknown-field]
     |
  21 |     projected: {computed: product.onHnd - 1}
     |                           ^^^^^^^^^^^^^
  schema.yaml:23:5: error: these fields are made from each other: Product.total -> Product.total; take one step out [schema/ring]
     |
  23 |     total: {computed: product.total}
     |     ^^^^^
  schema.yaml:24:5: error: every class has `objectId` already; delete `ObjectID` or call it something else [schema/name]
     |
  24 |     ObjectID: {type: String}
     |     ^^^^^^^^
  schema.yaml:25:19: error: Product has no field `suplier`; did you mean `supplier`? [schema/unknown-field]
     |
  25 |     index: [[sku, suplier]]
     |                   ^^^^^^^
  schema.yaml:28:17: error: there is no type `Bin`; it is neither a type nor a class of this schema [schema/unknown-type]
     |
  28 |     bin: {type: Bin, inverse: contents}
     |                 ^^^
  schema.yaml:29:40: error: needs a whole number, not `many` [schema/value]
     |
  29 |     quantity: {type: Integer, default: many}
     |                                        ^^^^
  schema.yaml:30:3: error: a record of Signal would be called `signal`, which is a word of the language; give it another name, as in `record: theSignal` [schema/record-name]
     |
  30 |   Signal:
     |   ^^^^^^

  """#
