extension PatternNode {
  /// How often the innermost part is written out at most, where counted repetitions are unfolded.
  var repeats: Int {
    switch self {
    case .empty, .set, .position, .nothing: return 1
    case .sequence(let parts), .either(let parts): return parts.map(\.repeats).max() ?? 1
    case .repeat(let part, let least, let most):
      return min(part.repeats, 1_000_000) * max(least, most ?? least, 1)
    }
  }

  /// Whether it is no part of the text at all, as flags are.
  var isNothing: Bool {
    if case .nothing = self { true } else { false }
  }
}

/// Makes the automaton of a pattern.
struct PatternAssembler {
  let pattern: String
  /// The steps so far.
  var program: [RegularExpression.Instruction] = []

  init(pattern: String) { self.pattern = pattern }

  /// The largest automaton: what nested counted repetitions can grow to is bounded here.
  private static let mostInstructions = 20_000

  /// Appends the steps of a part of the pattern.
  mutating func emit(_ node: PatternNode) throws(EvaluationError) {
    guard program.count < Self.mostInstructions else {
      throw PatternBudget.tooLarge(pattern)
    }
    switch node {
    case .empty, .nothing: break
    case .set(let set): program.append(.take(set))
    case .position(let position): program.append(.check(position))
    case .sequence(let parts):
      for part in parts { try emit(part) }
    case .either(let branches): try emit(either: branches)
    case .repeat(let part, let least, let most): try emit(part, least: least, most: most)
    }
  }

  private mutating func emit(either branches: [PatternNode]) throws(EvaluationError) {
    var ends: [Int] = []
    for (place, branch) in branches.enumerated() {
      if place == branches.count - 1 {
        try emit(branch)
      } else {
        let split = program.count
        program.append(.split(split + 1, 0))
        try emit(branch)
        ends.append(program.count)
        program.append(.jump(0))
        program[split] = .split(split + 1, program.count)
      }
    }
    for end in ends { program[end] = .jump(program.count) }
  }

  private mutating func emit(
    _ part: PatternNode, least: Int, most: Int?
  ) throws(EvaluationError) {
    for _ in 0..<least { try emit(part) }
    guard let most else {
      let split = program.count
      program.append(.split(split + 1, 0))
      try emit(part)
      program.append(.jump(split))
      program[split] = .split(split + 1, program.count)
      return
    }
    var splits: [Int] = []
    for _ in least..<max(most, least) {
      splits.append(program.count)
      program.append(.split(program.count + 1, 0))
      try emit(part)
    }
    for split in splits { program[split] = .split(split + 1, program.count) }
  }
}
