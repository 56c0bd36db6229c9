import Testing

@testable import QuartermasterCEL

private let anExpressionHasItsType: [(String, CELType)] = [
  ("order.number", CELType.string), ("order.customer", .nullable(.record("Customer"))),
  ("order.lines", .list(.record("OrderLine"))), ("order.lines.size()", .int),
  ("orderLine.order.number", .string), ("orderLine.product.price * orderLine.quantity", .decimal),
  ("now - order.createdAt", .duration), ("now + days(1)", .timestamp),
  ("'a' + order.number", .string),
  ("[1, 2]", .list(.int)), ("[1, 'a']", .list(.dyn)), ("[1, null]", .list(.nullable(.int))),
  ("[]", .list(.dyn)), ("{}", .map(key: .dyn, value: .dyn)),
  ("{'a': [1]}", .map(key: .string, value: .list(.int))),
  ("[[], [1]]", .list(.list(.int))), ("{'a': 1}.a", .int), ("{'a': 1}['a']", .int),
  ("[1][0]", .int),
  ("Order", .list(.record("Order"))), ("Order['x']", .nullable(.record("Order"))),
  ("Order[0]", .record("Order")),
  ("Order.first()", .nullable(.record("Order"))),
  ("Order.filter(o, o.status == 'paid')", .list(.record("Order"))),
  ("Order.exists(o, o.customer == order.customer)", .bool),
  ("Order.all(o, o.totalAmount > 3)", .bool),
  ("Order.exists_one(o, true)", .bool),
  ("order.lines.map(l, l.product)", .list(.record("Product"))),
  ("order.lines.map(l, l.quantity).sum()", .int),
  ("order.lines.map(l, l.quantity > 1, l.product.price)", .list(.decimal)),
  ("order.lines.sortBy(l, l.product.price)", .list(.record("OrderLine"))),
  ("order.lines.groupBy(l, l.product.sku)", .map(key: .string, value: .list(.record("OrderLine")))),
  ("{'a': 1}.map(k, k)", .list(.string)), ("{'a': 1}.exists(k, k == 'a')", .bool),
  ("{'a': 1}.filter(k, true)", .list(.string)),
  ("count > 1 ? order.bin : null", .nullable(.record("Bin"))), ("true ? 1 : 2", .int),
  ("true ? anything : 2", .dyn),
  ("anything.a[0].b", .dyn), ("anything + 1", .dyn), ("anything == 1", .bool),
  ("anything && true", .bool),
  ("anything.map(x, x)", .list(.dyn)), ("dyn(1)", .dyn), ("type(1)", .type(.int)),
  ("type(1) == int", .bool), ("int", .type(.int)),
  ("type(now) == google.protobuf.Timestamp", .bool), ("signal.note", .string),
  ("signal.bin == null", .bool),
  ("math.abs(count)", .int), ("math.abs(product.price)", .decimal),
  ("math.greatest(1, count, 3)", .int),
  ("has(order.reference)", .bool), ("has(anything.x)", .bool), ("order.tags.join(',')", .string),
  ("'x' in order.tags", .bool), ("order in Order", .bool),
  ("order.customer in [order.customer]", .bool), ("'a' in {'a': 1}", .bool),
  ("order == orderLine.order", .bool), ("order.reference == order.number", .bool),
  ("null == null", .bool),
  ("size(order.number) + order.number.size()", .int), ("-count", .int), ("!true", .bool),
  ("count < 3 && count >= 1 || count != 2", .bool), ("1u + 2u", .uint), ("b'a' + b'b'", .bytes),
]

@Test(arguments: anExpressionHasItsType)
func `an expression has its type`(_ text: String, _ type: CELType) {
  expectType(text, type)
}

private let extended: CELEnvironment = {
  var environment = CELEnvironment.shop
  let t = CELType.parameter("T")
  environment.libraries.append(
    CELLibrary(
      name: "more",
      functions: [
        FunctionDeclaration(
          "optional.of", "", overloads: [Overload("of", [t], returns: .optional(t), .intrinsic)]),
        FunctionDeclaration(
          "optional.none", "", overloads: [Overload("none", [], returns: .optional(t), .intrinsic)]),
        FunctionDeclaration(
          "orValue", "",
          overloads: [Overload("or", isMember: true, [.optional(t), t], returns: t, .intrinsic)]),
        FunctionDeclaration(
          "pair", "",
          overloads: [
            Overload(
              "pair", [t, .parameter("U")], returns: .abstract("pair", [t, .parameter("U")]),
              .intrinsic)
          ]),
        FunctionDeclaration(
          "same", "", overloads: [Overload("same", [t, t], returns: t, .intrinsic)]),
        FunctionDeclaration(
          "a.b.f", "", overloads: [Overload("f", [.int], returns: .string, .intrinsic)]),
      ], macros: everyMacro))
  environment.declare(VariableDeclaration("a.b", .int))
  environment.declare(VariableDeclaration("a", .map(key: .string, value: .string)))
  return environment
}()

private let optionalValuesTypeParametersNamespaces: [(String, CELType)] = [
  ("optional.of(1)", CELType.optional(.int)),
  ("[optional.none(), optional.of(1)]", .list(.optional(.int))),
  ("optional.of({'a': 1}).a", .optional(.int)), ("{'a': {'b': 1}}.?a.b", .optional(.int)),
  ("{'a': 1}[?'a'].orValue(2)", .int), ("[1][?0]", .optional(.int)),
  ("optional.of([1])[0]", .optional(.int)),
  ("[?optional.of(1), 2]", .list(.int)),
  ("{?'a': optional.of(1)}", .map(key: .string, value: .int)),
  ("optional.of(1).optMap(x, string(x))", .optional(.string)),
  ("optional.of(1).optFlatMap(x, optional.of('a'))", .optional(.string)),
  ("order.?number", .optional(.string)), ("has(order.?number.x) || true", .bool),
  ("pair(1, 'a')", .abstract("pair", [.int, .string])), ("same([], [1])", .list(.int)),
  ("same(1, dyn(1))", .dyn),
  ("same(limit, 1)", .nullable(.int)), ("same(null, 1)", .nullable(.int)),
  ("[pair(1, 'a'), pair(dyn(1), 'a')]", .list(.abstract("pair", [.dyn, .string]))),
  // The longest name wins; a function of that name as well.
  ("a.b", .int), ("a.c", .string), ("a.b.f(1)", .string), (".a.b", .int),
  ("[{'b': 'x'}].map(v, v.b)", .list(.string)),
  ("[1, 2].transformList(i, v, i + v)", .list(.int)),
  ("{'a': 1}.transformMap(k, v, k)", .map(key: .string, value: .string)),
  ("{'a': 1}.transformMapEntry(k, v, {v: k})", .map(key: .int, value: .string)),
  ("['a'].exists(i, v, i > 0 && v == 'a')", .bool),
  ("cel.bind(x, 1, [x])", .list(.int)), ("cel.block([1, cel.index(0) + 1], cel.index(1))", .int),
]

@Test(arguments: optionalValuesTypeParametersNamespaces)
func `optional values, type parameters, namespaces`(_ text: String, _ type: CELType) throws {
  if text.contains("has(") {
    #expect(throws: DiagnosticList.self) { try extended.checked(ExprSource(text)) }
  } else {
    expectType(text, type, in: extended)
  }
}

@Test func `names are looked up in the container first`() {
  var environment = CELEnvironment.standard
  environment.container = "com.example"
  for (name, type) in [
    ("com.example.x", CELType.int), ("com.x", .string), ("x", .bool), ("com.y", .string),
    ("y.z", .bool),
    ("com.example.y.z", .int),
  ] {
    environment.declare(VariableDeclaration(name, type))
  }
  expectType("x", .int, in: environment)
  expectType(".x", .bool, in: environment)
  expectType("y", .string, in: environment)
  expectType("y.z", .int, in: environment)
  expectType(".y.z", .bool, in: environment)
  expectType("com.x", .string, in: environment)
  expectType("[{'z': 'a'}].map(y, y.z)", .list(.string), in: environment)
  expectType("['a'].map(y, .y.z)", .list(.bool), in: environment)
}

@Test func `references say what each node means`() throws {
  let checked = try CELEnvironment.shop.checked(
    ExprSource("Order.exists(o, o.totalAmount > 10 && math.abs(count) > 1)"))
  var found: [String] = []
  for reference in checked.references {
    switch reference {
    case .variable(let variable)?: found.append(variable.name)
    case .local(let name)?: found.append("local \(name)")
    case .field(let field)?: found.append("field \(field.name)")
    case .constant(let value)?:
      if case .decimal(let number) = value { found.append("decimal \(number)") }
    case .overloads(let overloads)?: found.append(overloads.map(\.id).joined(separator: "|"))
    case nil: break
    }
  }
  #expect(
    Set(found) == [
      "Order", "local o", "field totalAmount", "decimal 10", "greater_decimal", "logical_and",
      "count",
      "math_abs_int", "greater_int64",
    ])
}

@Test func `a wanted type is demanded of the whole`() {
  expectType("order.number", .string, expecting: .string)
  expectType("order.reference", .nullable(.string), expecting: .nullable(.string))
  expectType("null", .null, expecting: .nullable(.int))
  expectType("count", .int, expecting: .decimal)
  expectType("anything", .dyn, expecting: .bool)
  expectType("10", .decimal, expecting: .decimal)
  expectType("10", .double, expecting: .nullable(.double))
  expectType("[1, 2.5]", .list(.decimal), expecting: .list(.decimal))
  expectType("true ? 1 : 2", .decimal, expecting: .decimal)
  expectDiagnostic(
    "‹count›", "cel/type", "true or false is needed here; `count` is an integer", expecting: .bool)
  expectDiagnostic(
    "‹order.reference›", "cel/nullable",
    "`order.reference` may be null here; guard it: order.reference != null && ...",
    expecting: .string)
  expectDiagnostic(
    "‹null›", "cel/type", "an integer is needed here; `null` is null", expecting: .int)
  expectDiagnostic(
    "‹rate›", "cel/type",
    "a decimal is needed here; `rate` is a double; write decimal(rate) to say you accept rounding",
    expecting: .decimal)
}
