/// Which letters are one when case does not matter.
enum CaseFolding {
  /// Each letter that has more than one form, in order, with all its forms: `k`, `K` and the sign of Kelvin.
  private static let forms: [(value: UInt32, all: [Unicode.Scalar])] = groups.values
    .flatMap { group in group.map { (value: $0.value, all: group) } }
    .sorted { $0.value < $1.value }

  /// Returns the letters that differ only in case from one of a run of code points.
  static func letters(like run: ClosedRange<UInt32>) -> [Unicode.Scalar] {
    var (low, high) = (0, forms.count)
    while low < high {
      let middle = (low + high) / 2
      if forms[middle].value < run.lowerBound { low = middle + 1 } else { high = middle }
    }
    var result: [Unicode.Scalar] = []
    while low < forms.count, forms[low].value <= run.upperBound {
      result += forms[low].all
      low += 1
    }
    return result
  }

  /// Returns a letter and all that differ from it only in case.
  static func letters(like scalar: Unicode.Scalar) -> [Unicode.Scalar] {
    groups[fold(scalar)] ?? [scalar]
  }

  /// The letters that have more than one form, by the form that stands for all.
  private static let groups: [Unicode.Scalar: [Unicode.Scalar]] = {
    var groups: [Unicode.Scalar: [Unicode.Scalar]] = [:]
    // No letter above this has a case.
    for value in UInt32(0x41)...0x1_E943 {
      guard let scalar = Unicode.Scalar(value), scalar.properties.isCased else { continue }
      let folded = fold(scalar)
      if folded != scalar { groups[folded, default: [folded]].append(scalar) }
    }
    return groups
  }()

  /// Returns the letter that stands for all that differ from it only in case.
  private static func fold(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    // To upper case and back: so that the final sigma and the sigma inside a word meet.
    let upper = single(scalar.properties.uppercaseMapping) ?? scalar
    return single(upper.properties.lowercaseMapping) ?? upper
  }

  private static func single(_ text: String) -> Unicode.Scalar? {
    let scalars = text.unicodeScalars
    return scalars.count == 1 ? scalars.first : nil
  }
}
