import Testing

@testable import QuartermasterCEL

/// What is planned for known types gives what is found when types are known only at run time.
@Suite struct TypedNodeTests {
  // Written as calls, because a number that is written plainly takes the type of its neighbour where it is checked.
  static let operands = [
    "product.onHand", "product.reorderPoint", "product.maximum", "product.price", "product.short",
    "product.weight", "product.category", "product.active", "threshold", "int('5')",
    "int('9223372036854775807')", "decimal('12.5')", "'tools'", "double('NaN')", "null",
    "order.createdAt", "orderLine.product", "product", "old", "orderLine.product.onHand",
    "['tools', 'toys']", "product.broken",
  ]
  static let operators = ["==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "in"]

  private func outcome(_ program: Program, _ frame: Frame, _ typed: Bool) -> String {
    do throws(EvaluationError) {
      guard typed else { return try program.root.eval(frame).description }
      switch program.type {
      case .bool: return Value.bool(try program.root.evalBool(frame)).description
      case .int: return Value.int(try program.root.evalInt(frame)).description
      case .double: return Value.double(try program.root.evalDouble(frame)).description
      case .decimal: return Value.decimal(try program.root.evalDecimal(frame)).description
      default: return try program.root.eval(frame).description
      }
    } catch {
      // Which of two errors comes first is not said.
      return "failed"
    }
  }

  @Test(arguments: operators) func `checked and unchecked programs agree`(symbol: String) throws {
    let fixture = try RecordFixture()
    defer { withExtendedLifetime(fixture) {} }
    var environment = fixture.environment
    environment.checksNull = false
    var count = 0
    for left in Self.operands {
      for right in Self.operands {
        let text = "\(left) \(symbol) \(right)"
        let parsed = try environment.parse(ExprSource(text))
        guard let checked = try? environment.check(parsed) else { continue }
        var results: [String] = []
        for product in ["bolt", "nut"] {
          for (program, isObserved) in [
            (environment.uncheckedProgram(parsed), false), (nil, false), (nil, true),
          ] {
            var layout = FrameLayout()
            layout.cover(slot: 3, record: 4)
            let plan =
              program ?? environment.plan(checked, layout: &layout, observed: isObserved)
            layout.cover(plan.layout)
            let frame = Frame(layout, host: fixture)
            for (slot, (type, id)) in [
              (fixture.product, product), (fixture.line, "l1"), (fixture.order, "o1"),
              (fixture.customer, "ann"),
            ].enumerated() {
              frame.records[slot] = fixture.record(type, id)
            }
            frame.slots[0] = .int(5)
            results.append(outcome(plan, frame, false))
            if program == nil { results.append(outcome(plan, frame, true)) }
          }
          let same = results.allSatisfy { $0 == results[0] }
          #expect(same, "\(text) of \(product): \(results)")
          results = []
          count += 1
        }
      }
    }
    #expect(count > 20)
  }
}
