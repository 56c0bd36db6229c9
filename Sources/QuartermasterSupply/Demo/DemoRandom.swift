/// Numbers that look random and are the same for the same seed on any machine: SplitMix64, by Sebastiano Vigna.
struct DemoRandom {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  private mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Returns a number of a range.
  ///
  /// The bias of the remainder is below 2^-40 for the ranges that a demo has.
  mutating func number(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next() % UInt64(range.count))
  }

  /// Returns true in so many of a hundred cases.
  mutating func chance(percent: Int) -> Bool { number(1...100) <= percent }

  /// Returns the place of an item, each as often as its weight says.
  mutating func place(weights: [Int]) -> Int {
    var left = number(1...max(1, weights.reduce(0, +)))
    for (place, weight) in weights.enumerated() {
      left -= weight
      if left <= 0 { return place }
    }
    return 0
  }
}
