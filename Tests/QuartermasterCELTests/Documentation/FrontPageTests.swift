import Foundation
import QuartermasterCEL
import Testing

// The program of the front page, word for word.
func lowStock() throws -> [String] {
  var environment = CELEnvironment(libraries: [.standard, .strings])
  environment.declare(VariableDeclaration("name", .string))
  environment.declare(VariableDeclaration("quantity", .int))
  environment.declare(VariableDeclaration("threshold", .int))
  let program = try environment.compile("quantity <= threshold && !name.startsWith('test')")

  // One evaluation.
  let first = try program.evaluate(
    ["name": .string("bolts"), "quantity": .int(12), "threshold": .int(20)])

  // Many: a scope keeps the places of the variables.
  let scope = ProgramScope(program)
  var low = ["\(first)"]
  for (name, quantity) in [("nuts", 12), ("gears", 90), ("test-1", 0)] as [(String, Int64)] {
    scope["name"] = .string(name)
    scope["quantity"] = .int(quantity)
    scope["threshold"] = .int(20)
    if try program.isTrue(scope) { low.append(name) }
  }
  return low  // ["true", "nuts"]
}

@Suite struct FrontPageTests {
  @Test func `the program of the front page does what it says`() throws {
    #expect(try lowStock() == ["true", "nuts"])
  }

  @Test func `the front page shows this program`() throws {
    let page = try String(contentsOf: Catalogue.page("QuartermasterCEL"), encoding: .utf8)
    let own = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
    let start = try #require(own.range(of: "func lowStock"))
    let end = try #require(own.range(of: "\n}\n", range: start.lowerBound..<own.endIndex))
    #expect(
      page.contains(
        "```swift\nimport QuartermasterCEL\n\n\(own[start.lowerBound..<end.upperBound])```"))
  }
}
