/// Finds the name that somebody meant to write.
public enum Suggestion {
  /// Returns the candidate that is closest to a name, or nil when none is close.
  ///
  /// Close means: the same but for case and underscores, or at most a third of the letters wrong (one for short
  /// names), where two swapped neighbours count as one. Of equally close ones, the one with which it begins alike
  /// for longer, then the first in the order of bytes: a message does not depend on the order of a dictionary.
  public static func closest(to name: String, among candidates: some Sequence<String>) -> String? {
    close(to: name, among: candidates).best
  }

  /// Returns the candidate that is close when no other is, and nil when there are several or none.
  ///
  /// One that is the same but for case and underscores stands before all that are not.
  public static func only(to name: String, among candidates: some Sequence<String>) -> String? {
    let (best, others) = close(to: name, among: candidates)
    return others ? nil : best
  }

  /// Returns the closest candidate, and whether another one could be meant as well.
  private static func close(
    to name: String, among candidates: some Sequence<String>
  ) -> (best: String?, others: Bool) {
    let wanted = Array(name.utf8)
    guard !wanted.isEmpty, wanted.count <= 64 else { return (nil, false) }
    let plain = folded(wanted)
    let limit = max(1, (wanted.count + 1) / 3)
    var best: (name: String, distance: Int, alike: Int)?
    var distances: [String: Int] = [:]
    for candidate in candidates {
      let bytes = Array(candidate.utf8)
      if bytes == wanted { continue }
      let distance: Int
      if folded(bytes) == plain {
        distance = 0
      } else if abs(bytes.count - wanted.count) <= limit {
        distance = self.distance(wanted, bytes)
        if distance > limit || distance >= max(wanted.count, bytes.count) { continue }
      } else {
        continue
      }
      distances[candidate] = distance
      let alike = zip(wanted, bytes).prefix { $0 == $1 }.count
      if let best {
        if distance > best.distance { continue }
        if distance == best.distance {
          if alike < best.alike { continue }
          if alike == best.alike, !bytes.lexicographicallyPrecedes(best.name.utf8) { continue }
        }
      }
      best = (candidate, distance, alike)
    }
    let least = best?.distance ?? 0
    let rivals = distances.values.count { least == 0 ? $0 == 0 : true }
    return (best?.name, rivals > 1)
  }

  private static func folded(_ bytes: [UInt8]) -> [UInt8] {
    bytes.compactMap { byte in
      if byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") { return nil }
      return byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
    }
  }

  /// Returns how many letters have to be put in, left out, replaced or swapped with their neighbour.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var before: [Int] = []
    var last = Array(0...b.count)
    for i in 0..<a.count {
      var row = [i + 1]
      row.reserveCapacity(b.count + 1)
      for j in 0..<b.count {
        var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
        row.append(cost)
      }
      (before, last) = (last, row)
    }
    return last[b.count]
  }
}
