import Testing

@testable import QuartermasterCEL

private func mayBeNull(_ text: String) -> String {
  "`\(text)` may be null here; guard it: \(text) != null && ..."
}

private let nullIsRefusedWhereItHas: [String] = [
  "‹order.customer›.name == 'x'",
  "‹order.paidAt› < now",
  "now - ‹order.paidAt› > days(1)",
  "‹order.reference›.startsWith('SO')",
  "‹order.reference› + 'x' == ''",
  "‹limit› + 1 > 2",
  "-‹limit› > 2",
  "‹product.discontinued› && true",
  "!‹product.discontinued›",
  "‹product.discontinued› ? 1 : 2",
  "size(‹order.reference›) > 2",
  "order.customer != null || ‹order.customer›.name == ''",
  "order.customer == null && ‹order.customer›.name == ''",
  "‹order.customer›.name == '' && order.customer != null",
  "(order.customer != null && true) || ‹order.customer›.name == ''",
  "order.customer == null ? ‹order.customer›.name : ''",
  "order.bin != null && ‹order.customer›.name == ''",
  "order.customer != null && ‹order.customer.email›.size() > 2",
  "order.customer != null && ‹order.customer.bin›.code == ''",
  "order.lines.exists(l, ‹l.price› > 3)",
  "order.lines.filter(l, l.price != null || l.quantity > 1).exists(l, ‹l.price› > 3)",
  "order.lines.all(l, l.price == null || l.price > 3) && ‹orderLine.price› > 3",
  "order.lines.sortBy(l, ‹l.price›).size() > 0",
  "‹old›.totalAmount > 3",
  "has(‹order.customer›.email)",
  "‹signal.bin›.code == ''",
  "limit in [1, 2] || ‹limit› > 1",
  "‹order.customer›.name == '' || order.customer.email == ''",
]

@Test(arguments: nullIsRefusedWhereItHas)
func `null is refused where it has no place`(_ marked: String) {
  let found = Marked(marked)
  expectDiagnostics(
    marked,
    found.ranges.map { range in
      ("cel/nullable", mayBeNull(String(decoding: Array(found.text.utf8)[range], as: UTF8.self)))
    })
}

private let aGuardLetsWhatMayBe: [String] = [
  "order.customer == null",
  "null != order.reference",
  "order.customer != null && order.customer.name == 'x'",
  "null != order.customer && order.customer.name == 'x'",
  "!(order.customer == null) && order.customer.name == 'x'",
  "order.customer == null || order.customer.name == 'x'",
  "!(order.customer != null) || order.customer.name == 'x'",
  "order.customer == null ? false : order.customer.name == 'x'",
  "order.customer != null ? order.customer.name == 'x' : true",
  "(order.customer != null ? order.bin != null : false) && order.customer.name == order.bin.code",
  "(order.customer == null ? false : true) && order.customer.name == ''",
  "order.customer != null && order.bin != null && order.customer.name == order.bin.code",
  "!(order.customer == null || order.bin == null) && order.customer.name == order.bin.code",
  "(order.customer == null || order.bin == null) || order.customer.name == order.bin.code",
  "order.customer != null && order.customer.bin != null && order.customer.bin.code == ''",
  "has(order.reference) && order.reference.size() > 2",
  "order.customer != null && has(order.customer.email) && order.customer.email.size() > 1",
  "has(signal.bin) && true",
  "signal.bin != null && signal.bin.code == ''",
  "order.reference == 'x' && order.reference.size() > 2",
  "order.reference in ['x'] && order.reference.size() > 2",
  "order.reference != 'x' || order.reference.size() > 2",
  "limit != null && limit > 3 && -limit < 4 && math.abs(limit) > 0",
  "order.lines.exists(l, l.price != null && l.price > 3)",
  "order.lines.filter(l, l.price != null).exists(x, x.price > 3)",
  "order.lines.filter(l, l.price != null).sortBy(l, l.price).all(l, l.price > 1)",
  "order.lines.filter(l, l.price != null).map(l, l.price).sum() > 3",
  "order.lines.map(l, l.price).filter(p, p != null).sum() > 3",
  "order.lines.map(l, l.price != null, l.price).sum() > 3",
  "order.lines.exists(l, order.customer != null && l.quantity > 1) && order.customer.name == ''",
  "order.customer != null && order.lines.all(l, order.customer.name == l.product.name)",
  "product.discontinued != null && product.discontinued",
  "product.discontinued == true",
  "cel.bind(c, order.customer, c != null && c.name == '')",
  "old == null || old.totalAmount < order.totalAmount",
  "old != null && old.customer != null && old.customer.name == ''",
  "anything.a.b > 3",
]

@Test(arguments: aGuardLetsWhatMayBe)
func `a guard lets what may be null be used`(_ text: String) {
  var environment = CELEnvironment.shop
  environment.libraries.append(CELLibrary(name: "bind", functions: [], macros: ["cel.bind"]))
  expectType(text, .bool, in: environment)
}

@Test func `a narrowed name has the type without null`() throws {
  let environment = CELEnvironment.shop
  let checked = try environment.checked(ExprSource("order.bin != null && order.bin.load == 1"))
  let bins = checked.types.filter { $0 == .record("Bin") || $0 == .nullable(.record("Bin")) }
  #expect(bins == [.nullable(.record("Bin")), .record("Bin")])
}

@Test func `a value that is no name is bound to be guarded`() {
  expectDiagnostic(
    "‹Order.first()›.number == ''", "cel/nullable",
    "`Order.first()` may be null here; give it a name and guard that: cel.bind(x, Order.first(), x != null && ...)"
  )
}

@Test func `null inside a list is refused where a sum is taken`() {
  expectDiagnostic(
    "‹order.lines.map(l, l.price)›.sum() > 3", "cel/nullable",
    "`order.lines.map(l, l.price)` may hold null, which has no place here; leave it out first: filter(x, x != null)"
  )
}

@Test func `without null checks a nullable type is its inner type`() {
  var environment = CELEnvironment.shop
  environment.checksNull = false
  expectType("order.customer.name.startsWith('x') && limit + 1 > 2", .bool, in: environment)
  expectType("order.lines.map(l, l.price).sum()", .decimal, in: environment)
}

@Test func `what a condition excludes holds in the conditions after it`() throws {
  let environment = CELEnvironment.shop
  let first = try environment.checked(
    ExprSource("order.customer != null && (order.bin != null || count > 3)"))
  expectType("order.customer.name == ''", .bool, narrowed: first.facts())
  expectDiagnostic(
    "‹order.bin›.code == ''", "cel/nullable", mayBeNull("order.bin"), narrowed: first.facts())
  let second = try environment.checked(ExprSource("order.bin != null"), narrowed: first.facts())
  let both = first.facts().union(second.facts())
  expectType("order.bin.code == order.customer.name", .bool, narrowed: both)
  let refused = try environment.checked(ExprSource("order.customer == null || old == null"))
  expectType(
    "order.customer.name == '' && old.number == ''", .bool, narrowed: refused.facts(whenTrue: false)
  )
  #expect(refused.facts().isEmpty)
  expectType("old.number", .string, narrowed: NarrowedPaths(variable: "old"))
}

@Test func `a macro variable does not inherit what is known of a name that it hides`() {
  var environment = CELEnvironment.shop
  environment.forbidsShadowing = false
  expectDiagnostic(
    "old != null && order.lines.map(l, l.price).exists(old, ‹old› > 3)", "cel/nullable",
    mayBeNull("old"), in: environment)
  expectDiagnostic(
    "order.lines.map(l, l.price).exists(p, p != null && order.lines.map(l, l.price).exists(p, ‹p› > 3))",
    "cel/nullable", mayBeNull("p"), in: environment)
}
