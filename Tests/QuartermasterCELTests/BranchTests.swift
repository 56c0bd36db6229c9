import Testing

@testable import QuartermasterCEL

/// What an observed program says of the parts that are true or false.
struct BranchTests {
  /// Evaluates a text for several numbers and returns, for each part that is watched, `text T`, `text F`, `text TF` or
  /// `text -`.
  private func seen(_ text: String, _ numbers: [Int64]) throws -> [String] {
    var environment = CELEnvironment.quartermaster
    environment.declare(VariableDeclaration("n", .int))
    environment.declare(VariableDeclaration("flag", .bool))
    let checked = try environment.check(try environment.parse(ExprSource(text)))
    var texts: [String] = []
    var layout = FrameLayout()
    let program = environment.plan(checked, layout: &layout) { source, range in
      texts.append(source.slice(range).text)
      return texts.count - 1
    }
    let log = BranchLog(count: texts.count)
    let frame = Frame(program.layout)
    frame.branches = log
    for number in numbers {
      frame.activation = ["n": .int(number), "flag": .bool(number > 5)]
      _ = try? program.root.eval(frame)
    }
    return zip(texts, log.seen).map { text, seen in
      let marks = (seen.contains(.isTrue) ? "T" : "") + (seen.contains(.isFalse) ? "F" : "")
      return "\(text) \(marks.isEmpty ? "-" : marks)"
    }.sorted()
  }

  @Test func `each part of a condition is seen by itself, as far as it is evaluated`() throws {
    #expect(
      try seen("n > 1 && n < 9", [5]) == ["n < 9 T", "n > 1 && n < 9 T", "n > 1 T"])
    #expect(
      try seen("n > 1 && n < 9", [0]) == ["n < 9 -", "n > 1 && n < 9 F", "n > 1 F"])
    #expect(
      try seen("n > 1 && n < 9", [0, 5, 12]) == ["n < 9 TF", "n > 1 && n < 9 TF", "n > 1 TF"])
    #expect(try seen("n == 1 || n == 2", [1]) == ["n == 1 T", "n == 1 || n == 2 T", "n == 2 -"])
  }

  @Test func `a negation is the same branch as what it negates, and a literal is none`() throws {
    #expect(try seen("!flag", [7]) == ["flag T"])
    #expect(try seen("flag == true", [7, 1]) == ["flag == true TF", "flag TF"])
    #expect(try seen("true", [1]).isEmpty)
    #expect(try seen("n + 1", [1]).isEmpty)
  }

  @Test func `macros and choices have branches inside`() throws {
    #expect(
      try seen("[1, 2, 3].exists(x, x == n)", [2]) == [
        "[1, 2, 3].exists(x, x == n) T", "x == n TF",
      ])
    #expect(
      try seen("[1, 2].filter(x, x > n).size()", [5]) == ["x > n F"])
    #expect(
      try seen("(n > 3 ? n : 0) == 4", [4]) == ["(n > 3 ? n : 0) == 4 T", "n > 3 T"])
  }

  @Test func `what fails is neither true nor false`() throws {
    #expect(try seen("1 / n == 1", [0]) == ["1 / n == 1 -"])
    #expect(
      try seen("1 / n == 1 || n == 0", [0])
        == ["1 / n == 1 -", "1 / n == 1 || n == 0 T", "n == 0 T"])
  }

  @Test func `a log that is paused notes nothing`() throws {
    let log = BranchLog(count: 1)
    log.isPaused = true
    log.note(0, true)
    #expect(log.seen == [[]])
    log.isPaused = false
    log.note(0, true)
    log.note(0, false)
    #expect(log.seen == [.both])
  }

  @Test func `a program that nobody watches is planned without branches`() throws {
    var environment = CELEnvironment.quartermaster
    environment.declare(VariableDeclaration("n", .int))
    let checked = try environment.check(try environment.parse(ExprSource("n > 1 && n < 9")))
    #expect(environment.program(checked).root is AndNode)
    var layout = FrameLayout()
    let watched = environment.plan(checked, layout: &layout) { _, _ in 0 }
    #expect(watched.root is BranchNode)
  }
}
