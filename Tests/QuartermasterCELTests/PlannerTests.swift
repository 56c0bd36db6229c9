import Testing

@testable import QuartermasterCEL

/// Queries, lazy variables, explanations, limits, and what the planner makes of a tree.
@Suite struct PlannerTests {
  /// A host's query: a fixed value, counted.
  final class FixedBody: QueryNodeBody, @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
    func evaluate(_ frame: Frame) throws(EvaluationError) -> Value { value }
  }

  /// Takes what its closure takes; notes all that it was offered.
  final class Offers: QueryPlanner, @unchecked Sendable {
    var texts: [String] = []
    let answer: (String) -> QueryPlan?
    init(_ answer: @escaping (String) -> QueryPlan?) { self.answer = answer }
    func plan(
      _ expr: Expr, in checked: CheckedExpr, parameter: (Expr) -> Node, inMemory: () -> Node
    ) -> QueryPlan? {
      let utf8 = Array(checked.parsed.source.text.utf8)
      texts.append(String(decoding: utf8[expr.range], as: UTF8.self))
      return answer(texts[texts.count - 1])
    }
  }

  @Test func `chains over classes and relations are offered, the outermost first`() throws {
    let offers = Offers { _ in nil }
    let fixture = try RecordFixture()
    defer { withExtendedLifetime(fixture) {} }
    let (program, frame) = try fixture.prepare(
      "Order.filter(o, o.lines.size() > 1).sortBy(o, o.createdAt).first() == order && [1].exists(x, x == 1)",
      queries: offers)
    #expect(
      offers.texts == [
        "Order.filter(o, o.lines.size() > 1).sortBy(o, o.createdAt).first()",
        "Order.filter(o, o.lines.size() > 1).sortBy(o, o.createdAt)",
        "Order.filter(o, o.lines.size() > 1)", "o.lines.size()",
      ])
    #expect(try program.root.evalBool(frame))
  }

  @Test func `a query that gives the whole replaces the chain`() throws {
    let offers = Offers { $0.hasSuffix("size()") ? .whole(FixedBody(.int(7))) : nil }
    let fixture = try RecordFixture()
    defer { withExtendedLifetime(fixture) {} }
    let (program, frame) = try fixture.prepare(
      "Order.filter(o, o.status == 'x').size()", queries: offers)
    #expect(try program.root.evalInt(frame) == 7)
    #expect(offers.texts.count == 1)
    #expect(fixture.scans == 0)
  }

  @Test func `a query that narrows replaces the class, and the chain runs over it`() throws {
    let fixture = try RecordFixture()
    defer { withExtendedLifetime(fixture) {} }
    let some = Value.list([.record(fixture.record(fixture.order, "o2"))])
    let offers = Offers { $0.hasPrefix("Order") ? .narrowed(FixedBody(some)) : nil }
    let (program, frame) = try fixture.prepare(
      "Order.filter(o, o.status == 'pending').map(o, o.lines.size())", queries: offers)
    let value = try program.root.eval(frame)
    #expect(Value.equal(value, .list([.int(1)])))
    #expect(
      offers.texts == [
        "Order.filter(o, o.status == 'pending').map(o, o.lines.size())", "o.lines.size()",
      ])
  }

  @Test func `what the host does not take is offered once`() throws {
    let offers = Offers { _ in nil }
    let fixture = try RecordFixture()
    defer { withExtendedLifetime(fixture) {} }
    let (program, frame) = try fixture.prepare(
      "Order.map(o, o.status).size() == 2 && size(Order.filter(o, true)) == 2", queries: offers)
    #expect(try program.root.evalBool(frame))
    #expect(
      offers.texts == [
        "Order.map(o, o.status).size()", "Order.map(o, o.status)", "size(Order.filter(o, true))",
        "Order.filter(o, true)",
      ])
  }

  @Test func `a parameter of a query is planned in the scope around it`() throws {
    final class Parameters: QueryPlanner, @unchecked Sendable {
      var nodes: [Node] = []
      func plan(
        _ expr: Expr, in checked: CheckedExpr, parameter: (Expr) -> Node, inMemory: () -> Node
      ) -> QueryPlan? {
        guard case .comprehension(let loop) = expr.kind, case .call(let call) = loop.body.kind
        else {
          return nil
        }
        nodes.append(parameter(call.arguments[1]))
        return nil
      }
    }
    let parameters = Parameters()
    let fixture = try RecordFixture()
    defer { withExtendedLifetime(fixture) {} }
    let (_, frame) = try fixture.prepare(
      "Product.exists(p, p.onHand == product.onHand + threshold)", queries: parameters)
    #expect(try parameters.nodes.map { try $0.evalInt(frame) } == [8])
  }

  @Test func `a lazy variable is computed once, and so is its error`() throws {
    let fixture = try RecordFixture()
    defer { withExtendedLifetime(fixture) {} }
    var environment = fixture.environment
    for (name, text) in [("lines", "order.lines"), ("bad", "product.broken")] {
      var layout = FrameLayout()
      layout.cover(slot: 7, record: 4)
      let checked = try environment.check(try environment.parse(ExprSource(text)))
      let program = environment.plan(checked, layout: &layout)
      let slot = name == "lines" ? 4 : 6
      environment.declare(
        VariableDeclaration(
          name, checked.type, storage: .lazy(value: slot, state: slot + 1, program)))
    }
    let (program, frame) = try fixture.prepare(
      "lines.size() == 2 && lines.exists(l, l.quantity == 20)", in: environment)
    #expect(try program.root.evalBool(frame))
    #expect(try program.root.evalBool(frame))
    #expect(fixture.scans == 1)
    frame.slots[5] = .null
    #expect(try program.root.evalBool(frame))
    #expect(fixture.scans == 2)
    let (failing, other) = try fixture.prepare("bad > 1 || bad < 1", in: environment)
    let first = #expect(throws: EvaluationError.self) { try failing.root.evalBool(other) }
    let second = #expect(throws: EvaluationError.self) { try failing.root.evalBool(other) }
    #expect(first === second)
    #expect(first?.source?.text == "product.broken")
  }

  @Test func `an observed program tells the values that decided`() throws {
    let text =
      "product.onHand <= product.reorderPoint && order.lines.exists(l, l.quantity > threshold)"
    let fixture = try RecordFixture()
    defer { withExtendedLifetime(fixture) {} }
    let (program, frame) = try fixture.prepare(text, observed: true)
    let utf8 = Array(text.utf8)
    let notes = program.explain(frame).map {
      "\(String(decoding: utf8[$0.range], as: UTF8.self)) = \($0.value)"
    }
    #expect(
      notes == [
        "product.onHand = 3", "product.reorderPoint = 5",
        "product.onHand <= product.reorderPoint = true", "l.quantity = 2", "threshold = 5",
        "l.quantity = 20", "threshold = 5", "l = OrderLine/l2",
        "order.lines.exists(l, l.quantity > threshold) = true",
      ])
    let (plain, other) = try fixture.prepare(text)
    #expect(try plain.root.evalBool(other))
    #expect(plain.explain(other).map(\.value.description) == ["OrderLine/l2"])
  }

  @Test func `an evaluation that goes on too long is stopped, and nothing absorbs that`() throws {
    let fixture = try RecordFixture()
    defer { withExtendedLifetime(fixture) {} }
    let (program, frame) = try fixture.prepare(
      "[1, 2, 3].all(a, [1, 2, 3].all(b, [1, 2, 3].all(c, a + b + c > 0))) || true")
    frame.stepLimit = 20
    let error = #expect(throws: EvaluationError.self) { try program.root.evalBool(frame) }
    #expect(error?.code == .limit)
    #expect(error?.range == 34..<65)
    frame.stepLimit = 39
    #expect(try program.root.evalBool(frame))
  }

  @Test func `constants are folded, and what fails is left to fail`() throws {
    let environment = CELEnvironment.quartermaster
    func root(_ text: String) throws -> Node { try environment.compile(text).root }
    #expect(try root("1 + 2 * 3").constant?.description == "7")
    #expect(try root("['a', 'b' + 'c']").constant?.description == "[\"a\", \"bc\"]")
    #expect(try root("duration('1h') + minutes(5)").constant?.description == "65m")
    #expect(try root("1 / 0").constant == nil)
    let error = #expect(throws: EvaluationError.self) {
      try environment.compile("2 + 1 / 0").evaluate()
    }
    #expect(error?.range == 4..<9)
  }

  @Test func `a variable without a place is given by name`() throws {
    var environment = CELEnvironment.quartermaster
    environment.declare(VariableDeclaration("quantity", .int))
    environment.declare(VariableDeclaration("a.b", .string))
    let program = try environment.compile("quantity <= 5 && a.b == 'x'")
    #expect(
      try program.evaluate(["quantity": .int(3), "a.b": .string("x")]).description == "true")
    let error = #expect(throws: EvaluationError.self) {
      try program.evaluate(["a.b": .string("x")])
    }
    #expect(error?.code == .unknownName)
  }
}
