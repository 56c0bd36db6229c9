extension CELLibrary {
  /// The string functions of the published extensions: positions, cutting, replacing, joining, `format()`.
  public static let strings = CELLibrary(
    name: "strings",
    functions: StringLibrary.positions + StringLibrary.changes + StringLibrary.lists
      + StringLibrary.formatting)
}

/// The declarations of ``CELLibrary/strings``, whose positions count code points.
enum StringLibrary {
  private static func position(
    _ value: Value, _ count: Int, _ function: String
  ) throws(EvaluationError) -> Int {
    let number = try value.integer(function)
    guard number >= 0, number <= Int64(count) else {
      throw EvaluationError(
        .indexOutOfRange,
        "\(function): position \(number) is outside the text, which has \(count) characters")
    }
    return Int(number)
  }

  private static func scalars(
    _ value: Value, _ function: String
  ) throws(EvaluationError) -> [Unicode.Scalar] {
    Array(try value.text(function).unicodeScalars)
  }

  private static func text(_ scalars: some Sequence<Unicode.Scalar>) -> Value {
    var result = String.UnicodeScalarView()
    result.append(contentsOf: scalars)
    return .string(String(result))
  }

  private static func found(
    _ part: [Unicode.Scalar], in text: [Unicode.Scalar], at places: some Sequence<Int>
  ) -> Value {
    for place in places where place + part.count <= text.count {
      if text[place...].starts(with: part) { return .int(Int64(place)) }
    }
    return .int(-1)
  }

  /// `charAt indexOf lastIndexOf substring`.
  static let positions: [FunctionDeclaration] = [
    FunctionDeclaration(
      "charAt", "The character at a position; empty at the end of the text.",
      overloads: [
        .two("string_char_at_int", .string, .int, .string) { a, b throws(EvaluationError) in
          let all = try scalars(a, "charAt()")
          let place = try position(b, all.count, "charAt()")
          return text(all[place...].prefix(1))
        }.method()
      ],
      examples: ["'hello'.charAt(4) == 'o'", "'hello'.charAt(5) == ''"]),
    FunctionDeclaration(
      "indexOf", "Where a text is first found in another, or -1.",
      overloads: [
        .two("string_index_of_string", .string, .string, .int) { a, b throws(EvaluationError) in
          let (all, part) = (try scalars(a, "indexOf()"), try scalars(b, "indexOf()"))
          return found(part, in: all, at: 0...all.count)
        }.method(),
        .many("string_index_of_string_int", [.string, .string, .int], .int) {
          values throws(EvaluationError) in
          let (all, part) = (
            try scalars(values[0], "indexOf()"), try scalars(values[1], "indexOf()")
          )
          let start = try position(values[2], all.count, "indexOf()")
          return found(part, in: all, at: start...all.count)
        }.method(),
      ],
      examples: ["'hello mellow'.indexOf('ello') == 1", "'hello mellow'.indexOf('ello', 2) == 7"]),
    FunctionDeclaration(
      "lastIndexOf", "Where a text is last found in another, or -1.",
      overloads: [
        .two("string_last_index_of_string", .string, .string, .int) {
          a, b throws(EvaluationError) in
          let (all, part) = (try scalars(a, "lastIndexOf()"), try scalars(b, "lastIndexOf()"))
          return found(part, in: all, at: (0...all.count).reversed())
        }.method(),
        .many("string_last_index_of_string_int", [.string, .string, .int], .int) {
          values throws(EvaluationError) in
          let (all, part) = (
            try scalars(values[0], "lastIndexOf()"), try scalars(values[1], "lastIndexOf()")
          )
          let start = try position(values[2], all.count, "lastIndexOf()")
          return found(part, in: all, at: (0...start).reversed())
        }.method(),
      ],
      examples: ["'hello mellow'.lastIndexOf('ello') == 7"]),
    FunctionDeclaration(
      "substring", "The text from a position to the end, or up to another position.",
      overloads: [
        .two("string_substring_int", .string, .int, .string) { a, b throws(EvaluationError) in
          let all = try scalars(a, "substring()")
          return text(all[(try position(b, all.count, "substring()"))...])
        }.method(),
        .many("string_substring_int_int", [.string, .int, .int], .string) {
          values throws(EvaluationError) in
          let all = try scalars(values[0], "substring()")
          let start = try position(values[1], all.count, "substring()")
          let end = try position(values[2], all.count, "substring()")
          guard start <= end else {
            throw EvaluationError(
              .indexOutOfRange, "substring(): the start \(start) is after the end \(end)")
          }
          return text(all[start..<end])
        }.method(),
      ],
      examples: ["'tacocat'.substring(4) == 'cat'", "'tacocat'.substring(0, 4) == 'taco'"]),
  ]

  private static func mapped(
    _ name: String, _ id: String, _ documentation: String, _ example: String,
    _ body: @escaping @Sendable (String) -> Value
  ) -> FunctionDeclaration {
    FunctionDeclaration(
      name, documentation,
      overloads: [
        .one(id, .string, .string) { value throws(EvaluationError) in
          body(try value.text("\(name)()"))
        }.method()
      ], examples: [example])
  }

  /// `lowerAscii upperAscii trim reverse replace`.
  static let changes: [FunctionDeclaration] = [
    mapped(
      "lowerAscii", "string_lower_ascii", "The text with A to Z in lower case.",
      "'TacoCÆt'.lowerAscii() == 'tacocÆt'"
    ) { text in
      .string(
        String(decoding: text.utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }, as: UTF8.self))
    },
    mapped(
      "upperAscii", "string_upper_ascii", "The text with a to z in upper case.",
      "'tacoCαt'.upperAscii() == 'TACOCαT'"
    ) { text in
      .string(
        String(decoding: text.utf8.map { (97...122).contains($0) ? $0 - 32 : $0 }, as: UTF8.self))
    },
    mapped(
      "trim", "string_trim", "The text without white space at its ends.", "' a b '.trim() == 'a b'"
    ) {
      let all = Array($0.unicodeScalars)
      guard let first = all.firstIndex(where: { !$0.properties.isWhitespace }),
        let last = all.lastIndex(where: { !$0.properties.isWhitespace })
      else { return .string("") }
      return text(all[first...last])
    },
    mapped(
      "reverse", "string_reverse", "The characters in the opposite order.",
      "'abc'.reverse() == 'cba'"
    ) {
      text($0.unicodeScalars.reversed())
    },
    FunctionDeclaration(
      "replace", "The text with each place where one text is found replaced by another.",
      overloads: [
        .many("string_replace_string_string", [.string, .string, .string], .string) {
          values throws(EvaluationError) in try replaced(values, limit: -1)
        }.method(),
        .many("string_replace_string_string_int", [.string, .string, .string, .int], .string) {
          values throws(EvaluationError) in
          try replaced(values, limit: try values[3].integer("replace()"))
        }.method(),
      ],
      examples: ["'hello'.replace('l', 'w') == 'hewwo'", "'hello'.replace('l', 'w', 1) == 'hewlo'"]),
  ]

  private static func replaced(
    _ values: [Value], limit: Int64
  ) throws(EvaluationError) -> Value {
    let all = Array(try values[0].text("replace()").utf8)
    let part = Array(try values[1].text("replace()").utf8)
    let by = try values[2].text("replace()")
    var left = limit < 0 ? Int64.max : limit
    var result: [UInt8] = []
    var place = 0
    while place <= all.count {
      // An empty text is found before each character and at the end.
      let fits = left > 0 && all.count - place >= part.count && all[place...].starts(with: part)
      let isBoundary = place == all.count || all[place] & 0xC0 != 0x80
      if fits, isBoundary {
        try Value.checkSize(result.count + by.utf8.count, "replace()")
        result += by.utf8
        left -= 1
        place += part.count
        if !part.isEmpty { continue }
      }
      if place < all.count { result.append(all[place]) }
      place += 1
    }
    return .string(String(decoding: result, as: UTF8.self))
  }

  /// `split join`.
  static let lists: [FunctionDeclaration] = [
    FunctionDeclaration(
      "split", "The parts of a text between separators.",
      overloads: [
        .two("string_split_string", .string, .string, .list(.string)) {
          a, b throws(EvaluationError) in
          try parts(a, b, limit: -1)
        }.method(),
        .many("string_split_string_int", [.string, .string, .int], .list(.string)) {
          values throws(EvaluationError) in
          try parts(values[0], values[1], limit: try values[2].integer("split()"))
        }.method(),
      ],
      examples: ["'a,b,c'.split(',') == ['a', 'b', 'c']", "'a,b,c'.split(',', 2) == ['a', 'b,c']"]),
    FunctionDeclaration(
      "join", "The texts of a list one after the other, with a separator between them.",
      overloads: [
        .one("list_join", .list(.string), .string) { list throws(EvaluationError) in
          try joined(list, "")
        }.method(),
        .two("list_join_string", .list(.string), .string, .string) {
          list, separator throws(EvaluationError) in
          try joined(list, try separator.text("join()"))
        }.method(),
      ],
      examples: ["['a', 'b'].join() == 'ab'", "['a', 'b'].join(', ') == 'a, b'"]),
  ]

  private static func parts(
    _ whole: Value, _ by: Value, limit: Int64
  ) throws(EvaluationError) -> Value {
    let all = Array(try whole.text("split()").unicodeScalars)
    let separator = Array(try by.text("split()").unicodeScalars)
    if limit == 0 { return .list([]) }
    let most = limit < 0 ? Int.max : Int(clamping: limit)
    var result: [Value] = []
    var start = 0
    var place = separator.isEmpty ? 1 : 0
    while result.count + 1 < most {
      if separator.isEmpty {
        guard place < all.count else { break }
      } else {
        while place + separator.count <= all.count, !all[place...].starts(with: separator) {
          place += 1
        }
        guard place + separator.count <= all.count else { break }
      }
      result.append(text(all[start..<place]))
      start = place + separator.count
      place = separator.isEmpty ? place + 1 : start
    }
    if !(separator.isEmpty && all.isEmpty) { result.append(text(all[start...])) }
    return .list(result)
  }

  private static func joined(_ list: Value, _ separator: String) throws(EvaluationError) -> Value {
    var result = ""
    for (place, item) in try list.items("join()").enumerated() {
      if place > 0 { result += separator }
      result += try item.text("join()")
      try Value.checkSize(result.utf8.count, "join()")
    }
    return .string(result)
  }
}
