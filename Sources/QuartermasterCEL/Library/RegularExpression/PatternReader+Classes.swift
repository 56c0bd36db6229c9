/// Sets of characters: escapes such as `\d` and `\pL`, and classes in brackets.
extension PatternReader {
  /// A set that a backslash stands for, before case is taken into account.
  struct ClassEscape {
    let set: CharacterSet
    /// What was written, where the other cases of its letters count.
    var folded: ArraySlice<Unicode.Scalar>?
  }

  /// Reads what follows a backslash and stands for a set of characters.
  mutating func classEscape() throws(EvaluationError) -> ClassEscape? {
    guard let scalar = next else { return nil }
    let set: CharacterSet
    switch scalar {
    case "d": set = .digit
    case "D": set = CharacterSet.digit.inverted
    case "w": set = .word
    case "W": set = CharacterSet.word.inverted
    case "s": set = .space
    case "S": set = CharacterSet.space.inverted
    case "p", "P":
      let start = place
      place += 1
      let category = try UnicodeCategories.read(&place, scalars, bad)
      return ClassEscape(
        set: scalar == "P" ? category.inverted : category, folded: scalars[start..<place])
    default: return nil
    }
    place += 1
    return ClassEscape(set: set)
  }

  /// Returns the set of an escape, with the other cases of its letters where they count.
  mutating func set(of escape: ClassEscape) throws(EvaluationError) -> CharacterSet {
    guard let written = escape.folded else { return escape.set }
    let key = ClassKey(written: written, ignoresCase: flags.ignoresCase)
    if let set = known[key] { return set }
    let set = flags.ignoresCase ? escape.set.ignoringCase : escape.set
    try budget.take(ranges: set.ranges.count)
    known[key] = set
    return set
  }

  /// Reads what follows a `[`, which stands at `start`.
  mutating func characterClass(from start: Int) throws(EvaluationError) -> CharacterSet {
    let isInverted = take("^")
    // Put together once at the end: a union for each part would take time quadratic in their number.
    var parts = ClassParts()
    var isFirst = true
    while true {
      guard let scalar = next else { throw bad("a `[` is not closed") }
      if scalar == "]", !isFirst {
        place += 1
        break
      }
      isFirst = false
      try budget.take(parts: 1)
      try budget.gather(ranges: try classPart(scalar, &parts))
    }
    let key = ClassKey(written: scalars[start..<place], ignoresCase: flags.ignoresCase)
    if let set = known[key] { return set }
    let set = parts.set(ignoresCase: flags.ignoresCase)
    try budget.take(ranges: set.ranges.count)
    known[key] = isInverted ? set.inverted : set
    return isInverted ? set.inverted : set
  }

  /// What stands between brackets.
  private struct ClassParts {
    /// Sets in which case is taken into account already.
    var exact: [ClosedRange<UInt32>] = []
    /// Characters and ranges, which have other cases where these count.
    var folding: [ClosedRange<UInt32>] = []

    func set(ignoresCase: Bool) -> CharacterSet {
      let folding = CharacterSet(folding)
      return CharacterSet(exact).union(ignoresCase ? folding.ignoringCase : folding)
    }
  }

  /// Reads a part of a class; returns how many runs of code points it added.
  private mutating func classPart(
    _ scalar: Unicode.Scalar, _ parts: inout ClassParts
  ) throws(EvaluationError) -> Int {
    if scalar == "[", place + 1 < scalars.count, scalars[place + 1] == ":" {
      let start = place
      let set = try namedClass(from: start)
      parts.exact += set.ranges
      return set.ranges.count
    }
    if scalar == "\\" {
      place += 1
      if let inner = try classEscape() {
        let set = try set(of: inner)
        parts.exact += set.ranges
        return set.ranges.count
      }
      place -= 1
    }
    let low = try classCharacter()
    var high = low
    if next == "-", place + 1 < scalars.count, scalars[place + 1] != "]" {
      place += 1
      high = try classCharacter()
    }
    guard low <= high else { throw bad("a range such as \(low)-\(high) runs backwards") }
    parts.folding.append(low.value...high.value)
    return 1
  }

  private mutating func classCharacter() throws(EvaluationError) -> Unicode.Scalar {
    guard let scalar = next else { throw bad("a `[` is not closed") }
    place += 1
    return scalar == "\\" ? try characterEscape() : scalar
  }

  private static let named: [String: [ClosedRange<UInt32>]] = [
    "alnum": [48...57, 65...90, 97...122], "alpha": [65...90, 97...122], "ascii": [0...127],
    "blank": [9...9, 32...32], "cntrl": [0...31, 127...127], "digit": [48...57],
    "graph": [33...126], "lower": [97...122], "print": [32...126],
    "punct": [33...47, 58...64, 91...96, 123...126], "space": [9...13, 32...32],
    "upper": [65...90], "word": [48...57, 65...90, 95...95, 97...122],
    "xdigit": [48...57, 65...70, 97...102],
  ]

  /// Reads `[:name:]`, which stands at `start`.
  private mutating func namedClass(from start: Int) throws(EvaluationError) -> CharacterSet {
    place += 2
    let isInverted = take("^")
    var name = ""
    while let scalar = next, scalar != ":", scalar != "]" {
      name.unicodeScalars.append(scalar)
      place += 1
    }
    guard take(":"), take("]"), let ranges = Self.named[name] else {
      throw bad("[:\(name):] is no class of characters")
    }
    let key = ClassKey(
      written: scalars[start..<place], ignoresCase: flags.ignoresCase, isNamed: true)
    if let set = known[key] { return set }
    let set = CharacterSet(ranges)
    let all = flags.ignoresCase ? set.ignoringCase : set
    known[key] = isInverted ? all.inverted : all
    return isInverted ? all.inverted : all
  }
}
