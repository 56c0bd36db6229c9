/// A pattern as a tree.
indirect enum PatternNode {
  case empty
  /// Flags, which stand for no part of the text.
  case nothing
  case set(CharacterSet)
  case position(RegularExpression.Position)
  case sequence([PatternNode])
  case either([PatternNode])
  /// At least `least` times, at most `most` times where it is given.
  case `repeat`(PatternNode, least: Int, most: Int?)
}

/// Reads the syntax of RE2: literals, classes, anchors, groups, alternation, repetition, flags.
struct PatternReader {
  struct Flags {
    var ignoresCase = false
    var isMultiline = false
    var dotTakesNewline = false
    var isUngreedy = false
  }

  let pattern: String
  let scalars: [Unicode.Scalar]
  var place = 0
  var flags = Flags()
  private var depth = 0
  /// What bounds the time of reading and the memory of what is read.
  var budget: PatternBudget
  /// The sets of classes that were read, by what was written: a class that comes again is the same set.
  var known: [ClassKey: CharacterSet] = [:]

  init(_ pattern: String) {
    self.pattern = pattern
    scalars = Array(pattern.unicodeScalars.prefix(PatternBudget.longestPattern + 1))
    budget = PatternBudget(pattern)
  }

  /// How a class was written, and whether letters of either case are meant.
  struct ClassKey: Hashable {
    let written: ArraySlice<Unicode.Scalar>
    let ignoresCase: Bool
    /// Whether it is `[:name:]` inside brackets; alone, the same is a class of these letters.
    var isNamed = false
  }

  /// How many runs of code points the sets have together.
  var rangeCount: Int { budget.ranges }

  /// RE2's own limit of a counted repetition.
  private static let mostRepeats = 1000

  var next: Unicode.Scalar? { place < scalars.count ? scalars[place] : nil }

  func bad(_ message: String) -> EvaluationError {
    EvaluationError(
      .invalidArgument,
      "\(PatternBudget.excerpt(pattern)) is no regular expression: \(message)")
  }

  mutating func take(_ wanted: Unicode.Scalar) -> Bool {
    guard next == wanted else { return false }
    place += 1
    return true
  }

  /// Reads the whole pattern.
  mutating func read() throws(EvaluationError) -> PatternNode {
    try budget.checkLength(scalars.count)
    let result = try alternatives()
    if next == ")" { throw bad("`)` closes no group") }
    return result
  }

  private mutating func alternatives() throws(EvaluationError) -> PatternNode {
    depth += 1
    defer { depth -= 1 }
    guard depth <= 200 else { throw bad("groups are nested too deep") }
    var branches = [try branch()]
    while take("|") { branches.append(try branch()) }
    return branches.count == 1 ? branches[0] : .either(branches)
  }

  private mutating func branch() throws(EvaluationError) -> PatternNode {
    var parts: [PatternNode] = []
    while let scalar = next, scalar != "|", scalar != ")" {
      let isQuoted = scalar == "\\" && place + 1 < scalars.count && scalars[place + 1] == "Q"
      let isFlags = scalar == "("
      let atom = try atom()
      if isQuoted || (isFlags && atom.isNothing) {
        parts.append(atom)
        if let sign = next, "*+?".unicodeScalars.contains(sign), atom.isNothing {
          throw bad("`\(sign)` has nothing before it to repeat")
        }
      } else {
        parts.append(try repeated(atom))
      }
    }
    return parts.count == 1 ? parts[0] : parts.isEmpty ? .empty : .sequence(parts)
  }

  private mutating func repeated(_ atom: PatternNode) throws(EvaluationError) -> PatternNode {
    var result = atom
    var count = 0
    while let bounds = try bounds() {
      count += 1
      if count > 1 { throw bad("a repetition follows a repetition; put the first in ( )") }
      result = .repeat(result, least: bounds.least, most: bounds.most)
      guard result.repeats <= Self.mostRepeats else {
        throw bad("repetitions inside each other count up to \(Self.mostRepeats) in all")
      }
      // Lazy or not makes no difference to whether there is a match.
      _ = take("?")
    }
    return result
  }

  private mutating func bounds() throws(EvaluationError) -> (least: Int, most: Int?)? {
    if take("*") { return (0, nil) }
    if take("+") { return (1, nil) }
    if take("?") { return (0, 1) }
    guard next == "{" else { return nil }
    let start = place
    place += 1
    let least = number()
    var most = least
    if take(",") { most = next == "}" ? nil : number() ?? -1 }
    // A brace that is no repetition is a brace.
    guard let least, most != -1, take("}") else {
      place = start
      return nil
    }
    guard least <= Self.mostRepeats, (most ?? least) <= Self.mostRepeats, (most ?? least) >= least
    else { throw bad("a repetition counts up to \(Self.mostRepeats), the larger number last") }
    return (least, most)
  }

  private mutating func number() -> Int? {
    var value: Int?
    while let scalar = next, ("0"..."9").contains(scalar) {
      value = min((value ?? 0) * 10 + Int(scalar.value - 48), 1_000_000)
      place += 1
    }
    return value
  }

  private mutating func atom() throws(EvaluationError) -> PatternNode {
    guard let scalar = next else { return .empty }
    try budget.take(parts: 1)
    let start = place
    place += 1
    switch scalar {
    case "(": return try group()
    case "[": return .set(try characterClass(from: start))
    case ".": return .set(flags.dotTakesNewline ? .any : .anyButNewline)
    case "^": return .position(flags.isMultiline ? .lineStart : .textStart)
    case "$": return .position(flags.isMultiline ? .lineEnd : .textEnd)
    case "\\": return try escape()
    case "*", "+", "?": throw bad("`\(scalar)` has nothing before it to repeat")
    case "{":
      place = start
      if try bounds() != nil { throw bad("`{` has nothing before it to repeat") }
      place = start + 1
      return literal(scalar)
    default: return literal(scalar)
    }
  }

  private func literal(_ scalar: Unicode.Scalar) -> PatternNode {
    let letters = flags.ignoresCase ? CaseFolding.letters(like: scalar) : [scalar]
    return .set(CharacterSet(letters.map { $0.value...$0.value }))
  }

  private mutating func group() throws(EvaluationError) -> PatternNode {
    let outer = flags
    if take("?") {
      if take("P") || next == "<" {
        guard take("<") else { throw bad("after (?P there must be <name>") }
        if next == "=" || next == "!" { throw bad("there is no look-behind") }
        while let scalar = next, scalar != ">" {
          guard CharacterSet.word.contains(scalar) else { throw bad("a group's name is a word") }
          place += 1
        }
        guard take(">") else { throw bad("a group's name ends with >") }
      } else if next == "=" || next == "!" {
        throw bad("there is no look-ahead")
      } else if try readFlags() {
        return .nothing
      }
    }
    let inner = try alternatives()
    guard take(")") else { throw bad("a `(` is not closed") }
    flags = outer
    return inner
  }

  /// Reads `i-s:` or `i)`; returns whether the flags are for the rest of the enclosing group.
  private mutating func readFlags() throws(EvaluationError) -> Bool {
    var value = true
    while let scalar = next {
      place += 1
      switch scalar {
      case "i": flags.ignoresCase = value
      case "m": flags.isMultiline = value
      case "s": flags.dotTakesNewline = value
      case "U": flags.isUngreedy = value
      case "-": value = false
      case ":": return false
      case ")": return true
      default: throw bad("(?\(scalar) is no flag; there are i m s U")
      }
    }
    throw bad("a `(?` is not closed")
  }

  private mutating func escape() throws(EvaluationError) -> PatternNode {
    guard let scalar = next else { throw bad("it ends with a backslash") }
    switch scalar {
    case "A":
      place += 1
      return .position(.textStart)
    case "z":
      place += 1
      return .position(.textEnd)
    case "b":
      place += 1
      return .position(.wordBoundary)
    case "B":
      place += 1
      return .position(.noWordBoundary)
    case "Q":
      place += 1
      return try quoted()
    default:
      if let escape = try classEscape() { return .set(try set(of: escape)) }
      return literal(try characterEscape())
    }
  }

  /// Reads up to `\E`; a repetition that follows is about the last character alone.
  private mutating func quoted() throws(EvaluationError) -> PatternNode {
    var parts: [PatternNode] = []
    while let scalar = next {
      place += 1
      if scalar == "\\", next == "E" {
        place += 1
        break
      }
      try budget.take(parts: 1)
      parts.append(literal(scalar))
    }
    if let last = parts.popLast() { parts.append(try repeated(last)) }
    return .sequence(parts)
  }

  /// Reads what follows a backslash and stands for one character.
  mutating func characterEscape() throws(EvaluationError) -> Unicode.Scalar {
    guard let scalar = next else { throw bad("it ends with a backslash") }
    place += 1
    switch scalar {
    case "n": return "\n"
    case "t": return "\t"
    case "r": return "\r"
    case "f": return "\u{0C}"
    case "v": return "\u{0B}"
    case "a": return "\u{07}"
    case "x": return try hexadecimal()
    case "0"..."7":
      // One digit other than 0 would be a back-reference, more are the code of a character.
      let isCode = scalar == "0" || next.map { ("0"..."7").contains($0) } ?? false
      if !isCode { throw bad("there are no back-references") }
      var value = scalar.value - 48
      for _ in 0..<2 {
        guard let digit = next, ("0"..."7").contains(digit) else { break }
        value = value * 8 + digit.value - 48
        place += 1
      }
      return Unicode.Scalar(value) ?? scalar
    default:
      let isWord = CharacterSet.word.contains(scalar)
      if isWord || scalar.value > 127 { throw bad("\\\(scalar) is not known") }
      return scalar
    }
  }

  mutating func hexadecimal() throws(EvaluationError) -> Unicode.Scalar {
    var digits = ""
    if take("{") {
      while let scalar = next, scalar != "}" {
        digits.unicodeScalars.append(scalar)
        place += 1
      }
      guard take("}") else { throw bad("\\x{ is not closed") }
    } else {
      while digits.utf8.count < 2, let scalar = next {
        digits.unicodeScalars.append(scalar)
        place += 1
      }
      guard digits.utf8.count == 2 else { throw bad("\\x needs two digits") }
    }
    guard let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value) else {
      throw bad("\\x\(digits) is no character")
    }
    return scalar
  }
}
