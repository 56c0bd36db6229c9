import Foundation
import QuartermasterCEL
import Testing

// The programs of the front page, word for word.
func lowStock() throws -> [String] {
  var environment = CELEnvironment(libraries: [.standard, .strings])
  environment.declare(VariableDeclaration("name", .string))
  environment.declare(VariableDeclaration("quantity", .int))
  environment.declare(VariableDeclaration("threshold", .int))
  let program = try environment.compile("quantity <= threshold && !name.startsWith('test')")

  // One evaluation.
  let first = try program.evaluate(["name": "bolts", "quantity": 12, "threshold": 20])

  // Many: a scope keeps the places of the variables.
  let scope = ProgramScope(program)
  var low = ["\(first)"]
  for (name, quantity) in [("nuts", 12), ("gears", 90), ("test-1", 0)] as [(String, Int64)] {
    scope["name"] = .string(name)
    scope["quantity"] = .int(quantity)
    scope["threshold"] = 20
    if try program.isTrue(scope) { low.append(name) }
  }
  return low  // ["true", "nuts"]
}

func greeting() throws -> String {
  let shop = CELLibrary(
    name: "shop",
    functions: [
      FunctionDeclaration(
        "shout", "The text with a mark behind it.",
        overloads: [
          Overload(
            "string_shout", isMember: true, [.string], returns: .string,
            .unary { value throws(EvaluationError) in
              guard case .string(let text) = value else {
                throw EvaluationError(.noSuchOverload, "shout() needs a text")
              }
              return .string(text + "!")
            })
        ], examples: ["'hi'.shout() == 'hi!'"])
    ])
  var environment = CELEnvironment(libraries: CELLibrary.all + [shop])
  environment.declare(VariableDeclaration("customer", .map(key: .string, value: .dyn)))
  let program = try environment.compile(
    "customer.tier in ['gold', 'silver'] ? 'Dear ' + customer.name.shout() : 'Hello'")
  guard
    case .string(let text) = try program.evaluate(["customer": ["name": "Ada", "tier": "gold"]])
  else { return "" }
  return text  // "Dear Ada!"
}

@Suite struct FrontPageTests {
  @Test func `the programs of the front page do what they say`() throws {
    #expect(try lowStock() == ["true", "nuts"])
    #expect(try greeting() == "Dear Ada!")
  }

  @Test(arguments: ["func lowStock", "func greeting"])
  func `the front page shows these programs`(name: String) throws {
    let page = try String(contentsOf: Catalogue.page("QuartermasterCEL"), encoding: .utf8)
    let own = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
    let start = try #require(own.range(of: name))
    let end = try #require(own.range(of: "\n}\n", range: start.lowerBound..<own.endIndex))
    #expect(
      page.contains(
        "```swift\nimport QuartermasterCEL\n\n\(own[start.lowerBound..<end.upperBound])```"))
  }
}
