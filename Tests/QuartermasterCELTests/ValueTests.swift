import Testing

@testable import QuartermasterCEL

@Suite struct ValueTests {
  static func decimal(_ text: String) -> Value { ExactDecimal(text).map(Value.decimal) ?? .null }

  static let texts = [
    "", "a", "é", "e\u{301}", "abcdefghijklmno", "abcdefghijklmnop", "ß", "🐱", "a\0", "\u{FFFD}",
    "z", "\u{10000}", "\u{FFFF}",
  ]

  @Test func `texts are compared by their bytes`() {
    for a in Self.texts {
      // A text that was made another way, so that it may be kept another way.
      let copy = String(decoding: Array(a.utf8) + [], as: UTF8.self)
      var grown = a + String(repeating: "x", count: 40)
      grown.unicodeScalars.removeLast(40)
      #expect(UTF8Text.equal(a, copy) && UTF8Text.equal(a, grown) && UTF8Text.equal(grown, copy))
      for b in Self.texts {
        let (x, y) = (Array(a.utf8), Array(b.utf8))
        #expect(UTF8Text.equal(a, b) == (x == y), "\(a) \(b)")
        #expect(UTF8Text.less(a, b) == x.lexicographicallyPrecedes(y), "\(a) \(b)")
        #expect(UTF8Text.starts(a, with: b) == x.starts(with: y))
        #expect(UTF8Text.ends(a, with: b) == (x.suffix(y.count) == y[...]))
        #expect(
          (UTF8Text.find(b, in: a) != nil)
            == (y.isEmpty || (0...x.count).contains { x[$0...].starts(with: y) }))
      }
    }
    #expect("é" == "e\u{301}" && !Value.equal(.string("é"), .string("e\u{301}")))
  }

  static let equal: [(Value, Value)] = [
    (.int(2), .double(2)), (.uint(2), .double(2)), (.int(2), .uint(2)), (.int(2), decimal("2.00")),
    (decimal("1.5"), .double(1.5)), (decimal("0.1"), .double(0.1)), (.null, .null),
    (.double(0), .double(-0.0)), (.list([.int(1)]), .list([.double(1)])),
    (.type(TypeValue("int")), .type(TypeValue("int"))),
    (.optional(OptionalValue(.int(1))), .optional(OptionalValue(.uint(1)))),
  ]

  @Test(arguments: equal) func `these are equal`(a: Value, b: Value) {
    #expect(Value.equal(a, b) && Value.equal(b, a))
    #expect(MapValue.key(a) == MapValue.key(b))
  }

  static let different: [(Value, Value)] = [
    (.int(1), .bool(true)), (.null, .int(0)), (.double(.nan), .double(.nan)),
    (.string("1"), .int(1)),
    (.list([.double(.nan)]), .list([.double(.nan)])), (.int(1), .double(1.5)), (.null, .string("")),
    (.int(-1), .uint(.max)), (.bytes([97]), .string("a")),
    (.optional(OptionalValue(nil)), .optional(OptionalValue(.null))),
    (.duration(TimeSpan(nanoseconds: 1)), .int(1)),
  ]

  @Test(arguments: different) func `these differ`(a: Value, b: Value) {
    #expect(!Value.equal(a, b) && !Value.equal(b, a))
  }

  @Test func `order is that of the definition`() throws {
    #expect(try Value.less(.int(-1), .uint(0)))
    #expect(try Value.less(.int(1), Self.decimal("1.5")))
    #expect(try !Value.less(.double(.nan), .int(1)) && !Value.lessOrEqual(.double(.nan), .int(1)))
    #expect(throws: EvaluationError.self) { try Value.less(Self.decimal("1"), .double(2)) }
    #expect(throws: EvaluationError.self) { try Value.less(.null, .int(2)) }
    #expect(throws: EvaluationError.self) { try Value.less(.list([]), .list([])) }
  }

  static let printed: [(Value, String, String)] = [
    (.null, "", "null"), (.bool(true), "true", "true"), (.int(-5), "-5", "-5"),
    (.uint(5), "5", "5u"),
    (.double(1), "1", "1.0"), (.double(0.1), "0.1", "0.1"), (.double(1e100), "1e+100", "1e+100"),
    (.double(-2.5), "-2.5", "-2.5"), (decimal("12.50"), "12.50", "12.50"),
    (.string("a \"b\"\n"), "a \"b\"\n", "\"a \\\"b\\\"\\n\""),
    (
      .timestamp(Timestamp(milliseconds: 1_772_442_000_000)), "2026-03-02T09:00:00Z",
      "2026-03-02T09:00:00Z"
    ),
    (.duration(TimeSpan(nanoseconds: 259_200_000_000_000)), "3d", "3d"),
    (.duration(TimeSpan(nanoseconds: 5_400_000_000_000)), "90m", "90m"),
    (.duration(TimeSpan(nanoseconds: -1_500_000_000)), "-1500ms", "-1500ms"),
    (.duration(TimeSpan(nanoseconds: 0)), "0s", "0s"),
  ]

  @Test(arguments: printed) func `values print as in texts, and as in expressions`(
    value: Value, text: String, description: String
  ) throws {
    #expect(try value.printed() == text)
    #expect(value.description == description)
  }

  @Test func `a record prints its id, a list is an error`() throws {
    let fixture = try RecordFixture()
    #expect(try Value.record(fixture.record(fixture.product, "bolt")).printed() == "bolt")
    #expect(throws: EvaluationError.self) { try Value.list([.int(1)]).printed() }
    let map = try #require(MapValue([(.string("a"), .list([.int(1), .null]))]))
    #expect(Value.map(map).description == "{\"a\": [1, null]}")
  }

  @Test func `a map finds its keys whatever its size`() throws {
    for size in [0, 1, 8, 9, 100] {
      let entries = (0..<size).map { (key: Value.string("k\($0)"), value: Value.int(Int64($0))) }
      let map = try #require(MapValue(entries))
      for (key, value) in entries { #expect(Value.equal(try #require(map[key]), value)) }
      #expect(map["none"] == nil && map[.int(1)] == nil && map.count == size)
      #expect(size == 0 || MapValue(entries + [entries[0]]) == nil)
      #expect(map.entries.map(\.key.description) == entries.map(\.key.description))
    }
    let numbers = try #require(
      MapValue([(.int(1), .int(1)), (.uint(2), .int(2)), (.bool(true), .int(3))]))
    #expect(numbers[.double(2)] != nil && numbers[.uint(1)] != nil && numbers[.double(1.5)] == nil)
    #expect(MapValue([(.int(1), .null), (.uint(1), .null)]) == nil)
    #expect(MapValue([(.null, .null)]) == nil && MapValue([(.double(1), .null)]) == nil)
  }
}

@Suite struct TimeTests {
  @Test(arguments: [
    ("2026-03-02T09:00:00Z", "2026-03-02T09:00:00Z"),
    ("2026-03-02T09:00:00.500+01:00", "2026-03-02T08:00:00.5Z"),
    ("2024-02-29t00:00:00z", "2024-02-29T00:00:00Z"),
    ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
    ("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"),
    ("1969-12-31T23:59:59.25-00:00", "1969-12-31T23:59:59.25Z"),
  ]) func `timestamps are read and printed`(text: String, printed: String) throws {
    #expect(try #require(Timestamp(text)).description == printed)
  }

  @Test(arguments: [
    "", "2026-03-02", "2026-03-02T09:00:00", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
    "2026-03-02T24:00:00Z", "2026-03-02T09:60:00Z", "2026-03-02 09:00:00Z", "2026-03-02T09:00:00.Z",
    "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00",
    "2026-03-02T09:00:00ZZ",
    "1900-02-29T00:00:00Z", "2026-3-2T09:00:00Z",
  ]) func `what is no timestamp is refused`(text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test func `days and dates agree over all years`() {
    var expected: Int64 = -719_162
    for year in Int64(1)...2500 {
      #expect(Timestamp.daysSinceEpoch(year: year, month: 1, day: 1) == expected)
      let date = Timestamp.date(daysSinceEpoch: expected)
      #expect(date == (year, 1, 1))
      expected += year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 366 : 365
    }
  }

  @Test func `milliseconds are rounded down`() {
    #expect(Timestamp(milliseconds: -1).description == "1969-12-31T23:59:59.999Z")
    #expect(Timestamp(milliseconds: -1).milliseconds == -1)
    #expect(Timestamp(milliseconds: .min).seconds == Timestamp.secondRange.lowerBound)
    #expect(Timestamp(seconds: -1, nanoseconds: 999_999_999)?.milliseconds == -1)
  }

  @Test func `a span between times is exact to its limits`() throws {
    let start = try #require(Timestamp(seconds: 0, nanoseconds: 999_999_999))
    let end = try #require(start.adding(TimeSpan(nanoseconds: .max)))
    #expect(end.since(start)?.nanoseconds == .max)
    #expect(start.since(end)?.nanoseconds == -.max)
    #expect(start.adding(TimeSpan(nanoseconds: .min))?.since(start)?.nanoseconds == .min)
    #expect(Timestamp(seconds: 0)?.adding(TimeSpan(nanoseconds: -1))?.nanoseconds == 999_999_999)
  }

  @Test(arguments: [
    ("24h", false, "1d"), ("1h30m", false, "90m"), ("-1.5s", false, "-1500ms"), ("0", false, "0s"),
    ("3d", true, "3d"), ("1d12h", true, "36h"), ("10ms", false, "10ms"), ("1us", false, "1us"),
    ("+2m", false, "2m"), (".5h", false, "30m"),
  ]) func `spans are read and printed`(text: String, days: Bool, printed: String) throws {
    #expect(try #require(TimeSpan(text, allowsDays: days)).description == printed)
  }

  @Test(arguments: ["", "1", "3d", "h", "1x", "1h 2m", "--1h", "1h-2m", "999999999h", "1.h"])
  func `what is no span is refused`(text: String) {
    #expect(TimeSpan(text, allowsDays: false) == nil)
  }

  @Test func `zones know their offsets`() throws {
    let paris = try #require(Zone.named("Europe/Paris"))
    #expect(paris.offset(at: try #require(Timestamp("2026-01-15T00:00:00Z")).seconds) == 3600)
    #expect(paris.offset(at: try #require(Timestamp("2026-07-15T00:00:00Z")).seconds) == 7200)
    #expect(Zone.named("-09:30")?.offset(at: 0) == -34_200)
    #expect(Zone.named("02:00")?.offset(at: 0) == 7200)
    for name in ["", "Nowhere/Town", "+2:00", "+25:00", "é"] { #expect(Zone.named(name) == nil) }
  }
}
