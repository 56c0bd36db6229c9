/// The general categories and scripts of Unicode, as `\pL`, `\p{Lu}` and `\p{Greek}` name them.
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
      throw bad(
        "\\p{\(name)} is not known; there are categories such as L, Lu, Nd, and scripts such as Greek"
      )
    }
    return isInverted ? set.inverted : set
  }

  /// Returns the code points of a category by its short name, such as `Lu`, or of all that begin with a letter.
  private static func sets(_ name: String) -> CharacterSet? {
    if name == "Any" { return .any }
    if let script = UnicodeScripts.set(name) { return script }
    return groups[name]
  }

  /// The code points of each category, and of all whose names begin with one letter.
  private static let groups: [String: CharacterSet] = {
    var letters: [String: [ClosedRange<UInt32>]] = [:]
    for (name, ranges) in runs { letters[String(name.prefix(1)), default: []] += ranges }
    return runs.merging(letters) { one, _ in one }.mapValues(CharacterSet.init)
  }()

  /// Where characters are assigned: beyond, there are only planes for private use.
  private static let assigned: [ClosedRange<UInt32>] = [0...0x3FFFF, 0xE0000...0xE0FFF]

  /// The runs of each category: found once, by going through all code points that may have one.
  private static let runs: [String: [ClosedRange<UInt32>]] = {
    var runs: [String: [ClosedRange<UInt32>]] = [:]
    for part in assigned {
      var (start, current): (UInt32, String?) = (part.lowerBound, nil)
      for value in part.lowerBound...(part.upperBound + 1) {
        let scalar = value > part.upperBound ? nil : Unicode.Scalar(value)
        let category = scalar.flatMap { short[$0.properties.generalCategory] }
        guard category != current else { continue }
        if let current { runs[current, default: []].append(start...(value - 1)) }
        (start, current) = (value, category)
      }
    }
    runs["Co", default: []] += [0xF0000...0xFFFFD, 0x100000...0x10FFFD]
    return runs
  }()

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
