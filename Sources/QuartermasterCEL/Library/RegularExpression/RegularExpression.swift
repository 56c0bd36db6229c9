import Synchronization

/// A regular expression in the syntax of RE2, matched in time linear in the text: an automaton that follows all
/// possibilities at once, so that no pattern can take exponential time.
package final class RegularExpression: Sendable {
  /// A step of the automaton.
  enum Instruction: Sendable {
    /// Takes one code point of a set.
    case take(CharacterSet)
    /// Goes on at two places.
    case split(Int, Int)
    case jump(Int)
    /// Goes on where a condition on the position holds.
    case check(Position)
    case match
  }

  /// A condition on a position.
  enum Position: Sendable {
    case textStart, textEnd, lineStart, lineEnd, wordBoundary, noWordBoundary
  }

  private let program: [Instruction]

  /// How many runs of code points its sets have together.
  private let rangeCount: Int

  /// How many steps the automaton has.
  var size: Int { program.count }

  /// How many bytes it takes, about.
  var weight: Int {
    program.count * MemoryLayout<Instruction>.stride
      + rangeCount * MemoryLayout<ClosedRange<UInt32>>.stride
  }

  /// Reads a pattern.
  ///
  /// - Throws: ``EvaluationError`` for a pattern that is wrong, or has what cannot be matched in linear time.
  package init(_ pattern: String) throws(EvaluationError) {
    var reader = PatternReader(pattern)
    let tree = try reader.read()
    var assembler = PatternAssembler(pattern: pattern)
    try assembler.emit(tree)
    assembler.program.append(.match)
    program = assembler.program
    rangeCount = reader.rangeCount
  }

  /// The expressions that were read last.
  private struct Cache {
    // By the bytes of the pattern: Swift's own equality of strings is canonical, that of patterns is not.
    var table: [MapValue.TextKey: RegularExpression] = [:]
    var weight = 0
  }

  private static let known = Mutex(Cache())
  /// Patterns may come from data: a table with more than this starts again.
  private static let (mostKnown, mostBytesKnown) = (256, 16_000_000)

  /// How much the table of known expressions holds.
  static var cached: (count: Int, bytes: Int) { known.withLock { ($0.table.count, $0.weight) } }

  /// Returns the expression of a pattern, read once.
  static func cached(_ pattern: String) throws(EvaluationError) -> RegularExpression {
    let key = MapValue.TextKey(pattern)
    if let found = known.withLock({ $0.table[key] }) { return found }
    let made = try RegularExpression(pattern)
    let weight = made.weight + pattern.utf8.count
    known.withLock { cache in
      if cache.table.count >= mostKnown || cache.weight + weight > mostBytesKnown {
        cache = Cache()
      }
      cache.table[key] = made
      cache.weight += weight
    }
    return made
  }

  /// Returns whether some part of a text fits.
  package func matches(_ text: String) -> Bool {
    var run = Run(program: program)
    var previous: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      if run.step(previous: previous, next: scalar) { return true }
      previous = scalar
    }
    return run.step(previous: previous, next: nil)
  }

  /// The places of the program that are possible at one position of the text.
  private struct Run {
    let program: [Instruction]
    /// Where the code points taken so far lead; their conditions are checked at the next step, which knows what follows.
    var reached: [Int] = []
    /// The sets that may take the next code point.
    var waiting: [Int] = []
    /// Places still to be followed; kept for its memory.
    var open: [Int] = []
    /// The position at which a place was last added, so that none is added twice.
    var added: [Int]
    var position = 0

    init(program: [Instruction]) {
      self.program = program
      added = Array(repeating: -1, count: program.count)
    }

    /// Moves over one code point, or the end; returns whether a match was found before it.
    mutating func step(previous: Unicode.Scalar?, next: Unicode.Scalar?) -> Bool {
      waiting.removeAll(keepingCapacity: true)
      for place in reached where follow(place, previous, next) { return true }
      // A match may begin anywhere.
      if follow(0, previous, next) { return true }
      reached.removeAll(keepingCapacity: true)
      guard let next else { return false }
      for place in waiting {
        if case .take(let set) = program[place], set.contains(next) { reached.append(place + 1) }
      }
      position += 1
      return false
    }

    /// Follows a place to the sets behind it; returns whether it leads to a match.
    private mutating func follow(
      _ start: Int, _ previous: Unicode.Scalar?, _ next: Unicode.Scalar?
    ) -> Bool {
      open.append(start)
      while let place = open.popLast() {
        guard added[place] != position else { continue }
        added[place] = position
        switch program[place] {
        case .take: waiting.append(place)
        case .jump(let target): open.append(target)
        case .split(let first, let second):
          open.append(second)
          open.append(first)
        case .check(let condition):
          if Self.holds(condition, previous, next) { open.append(place + 1) }
        case .match:
          open.removeAll(keepingCapacity: true)
          return true
        }
      }
      return false
    }

    private static func holds(
      _ condition: Position, _ previous: Unicode.Scalar?, _ next: Unicode.Scalar?
    ) -> Bool {
      switch condition {
      case .textStart: previous == nil
      case .textEnd: next == nil
      case .lineStart: previous == nil || previous == "\n"
      case .lineEnd: next == nil || next == "\n"
      case .wordBoundary: isWord(previous) != isWord(next)
      case .noWordBoundary: isWord(previous) == isWord(next)
      }
    }

    private static func isWord(_ scalar: Unicode.Scalar?) -> Bool {
      scalar.map { CharacterSet.word.contains($0) } ?? false
    }
  }
}

/// A set of code points.
struct CharacterSet: Sendable {
  /// The runs of the set, in order, without gaps between neighbours.
  private(set) var ranges: [ClosedRange<UInt32>]

  init(_ ranges: [ClosedRange<UInt32>]) {
    var merged: [ClosedRange<UInt32>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, range.lowerBound <= last.upperBound &+ 1 {
        merged[merged.count - 1] =
          last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    self.ranges = merged
  }

  static let maximum: UInt32 = 0x10FFFF
  static let any = CharacterSet([0...maximum])
  static let anyButNewline = CharacterSet([10...10]).inverted
  static let digit = CharacterSet([48...57])
  static let word = CharacterSet([48...57, 65...90, 95...95, 97...122])
  /// RE2's `\s`: no vertical tab.
  static let space = CharacterSet([9...10, 12...13, 32...32])

  func contains(_ scalar: Unicode.Scalar) -> Bool {
    let value = scalar.value
    if ranges.count < 8 { return ranges.contains { $0.contains(value) } }
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < value { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].contains(value)
  }

  /// The code points that are not in the set.
  var inverted: CharacterSet {
    var result: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    for range in ranges {
      if range.lowerBound > next { result.append(next...(range.lowerBound - 1)) }
      next = range.upperBound + 1
    }
    if next <= Self.maximum { result.append(next...Self.maximum) }
    return CharacterSet(result)
  }

  func union(_ other: CharacterSet) -> CharacterSet { CharacterSet(ranges + other.ranges) }

  /// The set with the other cases of its letters: by Unicode's simple mappings of one code point to one.
  var ignoringCase: CharacterSet {
    let extra = ranges.flatMap { run in CaseFolding.letters(like: run) }
    return CharacterSet(ranges + extra.map { $0.value...$0.value })
  }
}
