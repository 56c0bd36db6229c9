import Testing

@testable import QuartermasterCEL

/// Random expressions give the same checked and unchecked, with constants computed beforehand and without, observed and
/// not, wherever the checker accepts.
@Suite struct AgreementTests {
  static let environment: CELEnvironment = {
    var environment = CELEnvironment(libraries: CELLibrary.all)
    environment.checksNull = false
    environment.adaptsLiterals = false
    for variable in ExprMaker.variables { environment.declare(variable.declaration) }
    return environment
  }()

  static let bindings = Dictionary(
    uniqueKeysWithValues: ExprMaker.variables.map { ($0.declaration.name, $0.value) })

  @Test func `all ways of evaluation agree`() throws {
    var accepted = 0
    var random: UInt64 = 7
    for _ in 0..<4000 {
      let bytes = (0..<120).map { _ -> UInt8 in
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: random >> 33)
      }
      var maker = ExprMaker(bytes)
      let text = maker.expression()
      let parsed = try Self.environment.parse(ExprSource(text))
      if (try? Self.environment.check(parsed)) != nil { accepted += 1 }
      let difference = Agreement.difference(parsed, Self.environment, Self.bindings)
      #expect(difference == nil, "\(text): \(difference ?? "")")
      // The same tree once more from its text.
      let again = try Self.environment.parse(ExprSource(parsed.root.text))
      #expect(again.root.shape == parsed.root.shape, "\(text)")
    }
    #expect(accepted > 2000, "only \(accepted) were well typed")
  }

  /// What fuzzing found: each was once a difference, a crash or a hang.
  static let found: [String] = [
    // Literals took the type of what they stood beside, in environments that know nothing of that.
    "15.75 / 020", "-(-(-9223372036854775808)) + decimal('1')",
    // The standard library has no sign for durations; only unchecked it had.
    "-duration('1s')",
    // The table of letters that are one without their case took long to make.
    "'grey'.matches('gr(?i)nn(-y|k)')",
    // A level of the checker took more of the stack than was made for it, with an address sanitizer.
    "1u <=\(String(repeating: "!", count: 115)) 0u",
  ]

  @Test(arguments: found) func `what was found stays mended`(text: String) throws {
    let parsed = try Self.environment.parse(ExprSource(text))
    #expect(Agreement.difference(parsed, Self.environment, Self.bindings) == nil)
  }

  @Test func `literals take no other type where decimals are not there`() throws {
    let environment = CELEnvironment.standard
    #expect(!environment.adaptsLiterals)
    for text in ["1 + 1.5", "1.5 < 2", "1.5 == 2", "2.0 in [1, 2]"] {
      let parsed = try environment.parse(ExprSource(text))
      #expect(throws: DiagnosticList.self, "\(text)") { try environment.check(parsed) }
    }
  }
}
