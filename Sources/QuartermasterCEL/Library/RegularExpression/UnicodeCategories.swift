/// The general categories of Unicode, as `\pL` and `\p{Lu}` name them.
enum UnicodeCategories {
  /// Reads the name after `\p`.
  static func read(
    _ place: inout Int, _ scalars: [Unicode.Scalar], _ bad: (String) -> EvaluationError
  ) throws(EvaluationError) -> CharacterSet {
    guard place < scalars.count else { throw bad("\\p needs the name of a category") }
    var name = ""
    if scalars[place] == "{" {
      place += 1
      while place < scalars.count, scalars[place] != "}" {
        name.unicodeScalars.append(scalars[place])
        place += 1
      }
      guard place < scalars.count else { throw bad("\\p{ is not closed") }
      place += 1
    } else {
      name.unicodeScalars.append(scalars[place])
      place += 1
    }
    let isInverted = name.hasPrefix("^")
    if isInverted { name.removeFirst() }
    guard let set = sets(name) else {
      throw bad("\\p{\(name)} is not known; there are categories such as L, Lu, N, Nd, P, S, Z")
    }
    return isInverted ? set.inverted : set
  }

  /// Returns the code points of a category by its short name.
  private static func sets(_ name: String) -> CharacterSet? {
    let wanted = short.filter { $0.value.hasPrefix(name) }.map(\.key)
    if name == "Any" { return .any }
    guard !name.isEmpty, !wanted.isEmpty else { return nil }
    var ranges: [ClosedRange<UInt32>] = []
    var start: UInt32?
    for value in 0...CharacterSet.maximum {
      let isIn =
        Unicode.Scalar(value).map { wanted.contains($0.properties.generalCategory) } ?? false
      if isIn {
        if start == nil { start = value }
      } else if let first = start {
        ranges.append(first...(value - 1))
        start = nil
      }
    }
    if let start { ranges.append(start...CharacterSet.maximum) }
    return CharacterSet(ranges)
  }

  private static let short: [Unicode.GeneralCategory: String] = [
    .uppercaseLetter: "Lu", .lowercaseLetter: "Ll", .titlecaseLetter: "Lt", .modifierLetter: "Lm",
    .otherLetter: "Lo", .nonspacingMark: "Mn", .spacingMark: "Mc", .enclosingMark: "Me",
    .decimalNumber: "Nd", .letterNumber: "Nl", .otherNumber: "No", .connectorPunctuation: "Pc",
    .dashPunctuation: "Pd", .openPunctuation: "Ps", .closePunctuation: "Pe",
    .initialPunctuation: "Pi", .finalPunctuation: "Pf", .otherPunctuation: "Po",
    .mathSymbol: "Sm", .currencySymbol: "Sc", .modifierSymbol: "Sk", .otherSymbol: "So",
    .spaceSeparator: "Zs", .lineSeparator: "Zl", .paragraphSeparator: "Zp", .control: "Cc",
    .format: "Cf", .surrogate: "Cs", .privateUse: "Co",
  ]
}
