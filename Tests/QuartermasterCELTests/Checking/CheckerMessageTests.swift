import Testing

@testable import QuartermasterCEL

private let aMistakeGivesItsMessage: [(String, String, String)] = [
  // Names.
  (
    "‹inventory.treshold› > 1", "cel/unknown-field",
    "`inventory.treshold` does not exist; did you mean `threshold`?"
  ),
  (
    "‹inventory.colour› > 1", "cel/unknown-field",
    "`inventory.colour` does not exist; Inventory has no such field"
  ),
  (
    "‹orderLine.product.nam› == ''", "cel/unknown-field",
    "`orderLine.product.nam` does not exist; did you mean `name`?"
  ),
  (
    "has(‹order.refrence›)", "cel/unknown-field",
    "`order.refrence` does not exist; did you mean `reference`?"
  ),
  (
    "‹threshold› > 1", "cel/unknown-name",
    "`threshold` is not defined; did you mean `inventory.threshold`?"
  ),
  (
    "‹totalAmount› > 1", "cel/unknown-name",
    "`totalAmount` is not defined; did you mean `order.totalAmount`?"
  ),
  ("‹ordr›.number == ''", "cel/unknown-name", "`ordr` is not defined; did you mean `order`?"),
  ("‹Orders›.size() == 1", "cel/unknown-name", "`Orders` is not defined; did you mean `Order`?"),
  (
    "‹tresholds› > 1", "cel/unknown-name",
    "`tresholds` is not defined; did you mean `inventory.threshold`?"
  ),
  ("‹xyz› > 1", "cel/unknown-name", "`xyz` is not defined"),
  (
    "order.lines.exists(line, ‹lin›.quantity > 1)", "cel/unknown-name",
    "`lin` is not defined; did you mean `line`?"
  ),
  (
    "order.lines.exists(‹order›, true)", "cel/shadow",
    "`order` is already the name of something here; choose another one"
  ),
  (
    "order.lines.exists(‹Order›, true)", "cel/shadow",
    "`Order` is already the name of something here; choose another one"
  ),
  ("count.‹x›", "cel/unknown-field", "`count` is an integer and has no field `x`"),
  (
    "order.lines.‹quantity› > 1", "cel/unknown-field",
    "`order.lines` is a list of OrderLine records and has no field `quantity`; take it of each: order.lines.map(x, x.quantity)"
  ),
  (
    "order.lines.‹size› > 1", "cel/unknown-field",
    "`order.lines` is a list of OrderLine records and has no field `size`; write order.lines.size() to call the method"
  ),
  ("{1: 2}.‹a›", "cel/unknown-field", "`{1: 2}` is a map and has no field `a`"),
  (
    "‹signal.bni› == null", "cel/unknown-field",
    "`signal.bni` does not exist; did you mean `bin`?"
  ),
  (
    "‹signal.quantity› == 1", "cel/unknown-field",
    "`signal.quantity` does not exist; signal has no such field"
  ),
  (
    "order.lines.groupBy(l, ‹l.product›)", "cel/type",
    "`groupBy` needs a key that can be one of a map; `l.product` is a Product; take its id: l.product.objectId"
  ),
  // Functions.
  ("‹siz›(order.number)", "cel/unknown-function", "`siz` is not a function; did you mean `size`?"),
  (
    "order.number.‹startWith›('x')", "cel/unknown-function",
    "`startWith` is not a function; did you mean `startsWith`?"
  ),
  (
    "‹startsWith›(order.number, 'x')", "cel/unknown-function",
    "`startsWith` is not a function; it is a method: write order.number.startsWith('x')"
  ),
  (
    "count.‹dyn›()", "cel/unknown-function",
    "`dyn` is not a function; it is no method: write dyn(count)"
  ),
  (
    "‹math.abz›(1)", "cel/unknown-function",
    "`math.abz` is not a function; did you mean `math.abs`?"
  ),
  (
    "order.lines.‹exists›(true)", "cel/unknown-function",
    "`exists` is not a function; it is written list.exists(x, condition)"
  ),
  ("‹has›()", "cel/unknown-function", "`has` is not a function; it is written has(record.field)"),
  ("‹frobnicate›()", "cel/unknown-function", "`frobnicate` is not a function"),
  (
    "‹count.startsWith›('x')", "cel/type",
    "`count` is an integer and has no method `startsWith`; it is one of a text"
  ),
  (
    "‹order.number.startsWith›(1)", "cel/type",
    "`startsWith` does not take (string, int); it is string.startsWith(string)"
  ),
  ("‹days›('a')", "cel/type", "`days` does not take (string); it is days(int)"),
  ("days(‹null›)", "cel/nullable", "`days` cannot take null"),
  (
    "‹Order.first()›.reference.startsWith('x')", "cel/nullable",
    "`Order.first()` may be null here; give it a name and guard that: cel.bind(x, Order.first(), x != null && ...)"
  ),
  // Operators.
  (
    "count ‹+› order.number", "cel/type",
    "`+` does not go with `count`, an integer, and `order.number`, a text; write string(count) for its text"
  ),
  (
    "count ‹+› rate", "cel/type",
    "`+` does not go with `count`, an integer, and `rate`, a double; write double(count)"
  ),
  ("count ‹+› now", "cel/type", "`+` does not go with `count`, an integer, and `now`, a timestamp"),
  ("count + ‹null›", "cel/nullable", "`+` cannot take null"),
  (
    "‹count == order.number›", "cel/type",
    "`count` is an integer and `order.number` is a text; they cannot be compared; write string(count) for its text"
  ),
  (
    "‹now > count›", "cel/type",
    "`now` is a timestamp and `count` is an integer; they cannot be compared"
  ),
  (
    "‹order.tags < order.tags›", "cel/type",
    "a list of texts has no order: `order.tags` and `order.tags`"
  ),
  (
    "‹orderLine.product == 'bolt'›", "cel/type",
    "`orderLine.product` is a Product, not a text; compare its id: orderLine.product.objectId == 'bolt'"
  ),
  (
    "‹'c1' != order.customer›", "cel/type",
    "`order.customer` is a Customer, not a text; compare its id: order.customer.objectId != 'c1'"
  ),
  (
    "‹order == product›", "cel/type",
    "`order` is an Order and `product` is a Product; they cannot be compared"
  ),
  ("‹1› in order.tags", "cel/type", "`1` is an integer, but what is in `order.tags` is a text"),
  ("‹'x'› in Order", "cel/type", "`'x'` is a text, but what is in `Order` is an Order"),
  ("1 in ‹count›", "cel/type", "`in` needs a list or a map; `count` is an integer"),
  ("‹count› && true", "cel/type", "`&&` needs true or false; `count` is an integer"),
  ("true || ‹order.number›", "cel/type", "`||` needs true or false; `order.number` is a text"),
  ("!‹count›", "cel/type", "`!` needs true or false; `count` is an integer"),
  ("‹count› ? 1 : 2", "cel/type", "`?:` needs true or false; `count` is an integer"),
  (
    "true ? 1 : ‹'a'›", "cel/type",
    "both branches of `?:` need one type; `1` is an integer, `'a'` is a text"
  ),
  ("-‹order.number›", "cel/type", "`-` needs a number; `order.number` is a text"),
  (
    "order.tags[‹'a'›]", "cel/type",
    "`order.tags` is a list of texts and has no element for `'a'`, a text: a list is indexed by an integer"
  ),
  (
    "{'a': 1}[‹1›]", "cel/type",
    "`{'a': 1}` is a map and has no element for `1`, an integer: its keys are a text"
  ),
  (
    "count[‹0›]", "cel/type",
    "`count` is an integer and has no element for `0`, an integer: only lists and maps have elements"
  ),
  // Macros and literals.
  ("‹count›.exists(x, true)", "cel/type", "`exists` needs a list or a map; `count` is an integer"),
  (
    "order.lines.filter(l, ‹l.quantity›)", "cel/type",
    "the condition of `filter` needs true or false; `l.quantity` is an integer"
  ),
  (
    "order.lines.exists(l, ‹l.product›)", "cel/type",
    "the condition of `exists` needs true or false; `l.product` is a Product"
  ),
  (
    "order.lines.sortBy(l, ‹l.product›)", "cel/type",
    "`sortBy` needs a key that has an order; `l.product` is a Product; take its id: l.product.objectId"
  ),
  (
    "order.lines.groupBy(l, ‹[1]›)", "cel/type",
    "`groupBy` needs a key that can be one of a map; `[1]` is a list of integers"
  ),
  (
    "{‹1.5›: 2}", "cel/type",
    "a key of a map is a text, an integer, or true or false; `1.5` is a double"
  ),
  ("[?‹count›]", "cel/type", "an optional value is needed here; `count` is an integer"),
]

@Test(arguments: aMistakeGivesItsMessage)
func `a mistake gives its message`(_ marked: String, _ code: String, _ message: String) {
  expectDiagnostic(marked, code, message)
}

@Test func `one mistake gives one message`() {
  expectDiagnostic(
    "‹order.totl› * 2 > 3 && order.lines.exists(l, l.quantity > 1)", "cel/unknown-field",
    "`order.totl` does not exist; Order has no such field")
}

@Test func `several mistakes are told together, in order`() {
  expectDiagnostics(
    "‹ordr›.x == 1 && ‹count + order.number› == 2 || product.price * ‹rate› > 1".replacing(
      "‹count + order.number›", with: "count ‹+› order.number"),
    [
      ("cel/unknown-name", "`ordr` is not defined; did you mean `order`?"),
      (
        "cel/type",
        "`+` does not go with `count`, an integer, and `order.number`, a text; write string(count) for its text"
      ),
      (
        "cel/type",
        "product.price is money; `rate` is a double; write decimal(rate) to say you accept rounding"
      ),
    ])
}

@Test func `a text that goes over lines is shown on one`() {
  expectDiagnostic(
    "‹order\n  .totals›", "cel/unknown-field",
    "`order.totals` does not exist; Order has no such field")
}
