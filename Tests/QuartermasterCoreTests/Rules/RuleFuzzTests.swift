import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Rule files that are broken at random give diagnostics, never a crash.
@Suite struct RuleFuzzTests {
  private struct Draw: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  private static let pieces = [
    ":", ": ", "- ", "\n", "  ", "{", "}", "[", "]", "${", "}", "\"", "'", "null", "old", "new.",
    "each: x in y", "when: ", "as: a", "set: ", "order", "é", "\u{301}", "\t", "#", "|", "&a", "*a",
    "99999999999999999999", "0", "-1", ".", "..", "in", "exists(o, o)", "\\", "%", "now", "3d",
  ]

  @Test(arguments: 0..<40) func `broken files are judged`(seed: Int) {
    var draw = Draw(state: UInt64(seed) &* 7919)
    for _ in 0..<8 {
      var bytes = Array(SupplyFixture.rules.utf8)
      for _ in 0..<Int.random(in: 1...6, using: &draw) {
        let place = Int.random(in: 0..<bytes.count, using: &draw)
        let end = min(bytes.count, place + Int.random(in: 0...12, using: &draw))
        switch Int.random(in: 0..<4, using: &draw) {
        case 0: bytes.removeSubrange(place..<end)
        case 1: bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
        case 2: bytes[place] = UInt8.random(in: 0...255, using: &draw)
        default:
          let piece = Self.pieces[Int.random(in: 0..<Self.pieces.count, using: &draw)]
          bytes.insert(contentsOf: Array(piece.utf8), at: place)
        }
      }
      let loaded = load(String(decoding: bytes, as: UTF8.self))
      let hasErrors = loaded.diagnostics.contains { $0.severity == .error }
      #expect((loaded.rules == nil) == hasErrors)
      #expect(!loaded.rendered.isEmpty || loaded.diagnostics.isEmpty)
    }
  }
}
