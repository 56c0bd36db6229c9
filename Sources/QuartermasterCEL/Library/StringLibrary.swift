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

  private static func index(_ place: Int?) -> Value { .int(place.map(Int64.init) ?? -1) }

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
          index(UTF8Text.firstPlace(of: try b.text("indexOf()"), in: try a.text("indexOf()")))
        }.method(),
        .many("string_index_of_string_int", [.string, .string, .int], .int) {
          values throws(EvaluationError) in
          let text = try values[0].text("indexOf()")
          let start = try position(values[2], text.unicodeScalars.count, "indexOf()")
          return index(
            UTF8Text.firstPlace(of: try values[1].text("indexOf()"), in: text, from: start))
        }.method(),
      ],
      examples: ["'hello mellow'.indexOf('ello') == 1", "'hello mellow'.indexOf('ello', 2) == 7"]),
    FunctionDeclaration(
      "lastIndexOf", "Where a text is last found in another, or -1.",
      overloads: [
        .two("string_last_index_of_string", .string, .string, .int) {
          a, b throws(EvaluationError) in
          index(
            UTF8Text.lastPlace(of: try b.text("lastIndexOf()"), in: try a.text("lastIndexOf()")))
        }.method(),
        .many("string_last_index_of_string_int", [.string, .string, .int], .int) {
          values throws(EvaluationError) in
          let text = try values[0].text("lastIndexOf()")
          let start = try position(values[2], text.unicodeScalars.count, "lastIndexOf()")
          return index(
            UTF8Text.lastPlace(of: try values[1].text("lastIndexOf()"), in: text, upTo: start))
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
    let text = try values[0].text("replace()")
    let part = try values[1].text("replace()")
    let by = try values[2].text("replace()")
    // An empty text is found before each character and at the end.
    let places = UTF8Text.offsets(
      of: part, in: text, atMost: limit < 0 ? Int.max : Int(clamping: limit))
    let (size, over) = (by.utf8.count - part.utf8.count)
      .multipliedReportingOverflow(by: places.count)
    try Value.checkSize(over ? Int.max : text.utf8.count + size, "replace()")
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count + size)
    UTF8Text.bytes(text) { all in
      var start = 0
      for place in places {
        result += all[start..<place]
        result += by.utf8
        start = place + part.utf8.count
      }
      result += all[start...]
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
    let (text, separator) = (try whole.text("split()"), try by.text("split()"))
    if limit == 0 { return .list([]) }
    let most = limit < 0 ? Int.max : Int(clamping: limit)
    var places = UTF8Text.offsets(of: separator, in: text, atMost: most == .max ? most : most + 1)
    if separator.isEmpty {
      // Between the characters, but not at the ends.
      if text.isEmpty { return .list([]) }
      places.removeFirst()
      if places.last == text.utf8.count { places.removeLast() }
    }
    var result: [Value] = []
    UTF8Text.bytes(text) { all in
      var start = 0
      for place in places.prefix(most - 1) {
        result.append(.string(String(decoding: all[start..<place], as: UTF8.self)))
        start = place + separator.utf8.count
      }
      result.append(.string(String(decoding: all[start...], as: UTF8.self)))
    }
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
