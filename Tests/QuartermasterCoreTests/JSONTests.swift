import Testing

@testable import QuartermasterCore

private func roundTrip(_ text: String) throws -> String {
  JSONWriter.text(try JSONReader.read(text))
}

@Test(arguments: [
  "null", "true", "false", "0", "-0", "12.50", "1e+30", "0.10000000000000000000000001", "\"\"",
  "\"äöü €\"", "[]", "{}", "[1,[2,{\"a\":null}],\"x\"]", "{\"b\":1,\"a\":2}",
  "\"\\\"\\\\\\n\\r\\t\\u0001\"",
])
func `JSON comes back as it was`(_ text: String) throws {
  #expect(try roundTrip(text) == text)
}

@Test(arguments: [
  (" [ 1 , 2 ]\n", "[1,2]"), ("\"\\u00e4\\/\\b\\f\"", "\"ä/\\u0008\\u000c\""),
  ("\"\\ud83d\\ude00\"", "\"😀\""), ("{\"a\" : {\"b\" : [ ] } }", "{\"a\":{\"b\":[]}}"),
])
func `JSON is read in all its spellings`(_ text: String, _ expected: String) throws {
  #expect(try roundTrip(text) == expected)
}

@Test(arguments: [
  ("", 0), ("  ", 2), ("nul", 0), ("01", 1), ("1.", 2), (".5", 0), ("+1", 0), ("1e", 2),
  ("--1", 1), ("NaN", 0), ("[1,]", 3), ("[1 2]", 3), ("[1", 2), ("{\"a\":1,}", 7),
  ("{a:1}", 1), ("{\"a\" 1}", 5), ("{\"a\":1,\"a\":2}", 7), ("\"abc", 0), ("\"a\nb\"", 2),
  ("\"\\x\"", 1), ("\"\\u12\"", 5), ("\"\\ud800\"", 1), ("\"\\udc00x\"", 1),
  ("\"\\ud800\\u0041\"", 1), ("1 2", 2), ("'a'", 0), ("// x\n1", 0),
])
func `an error of JSON knows its byte`(_ text: String, _ offset: Int) {
  #expect {
    try JSONReader.read(text)
  } throws: {
    ($0 as? JSONError)?.offset == offset
  }
}

@Test func `bytes that are no UTF-8 are refused`() {
  #expect(throws: JSONError.self) { try JSONReader.read([0x22, 0xC3, 0x28, 0x22]) }
  #expect(throws: JSONError.self) { try JSONReader.read([0x22, 0x5C, 0x6E, 0xFF, 0x22]) }
  #expect(throws: JSONError.self) { try JSONReader.read([0x22, 0xED, 0xA0, 0x80, 0x22]) }
}

@Test func `nesting has a limit`() throws {
  let depth = JSONReader.maximumDepth
  let allowed = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
  #expect(try roundTrip(allowed) == allowed)
  #expect(throws: JSONError.self) {
    try JSONReader.read(String(repeating: "[", count: 1_000_000))
  }
  #expect(throws: JSONError.self) {
    try JSONReader.read(String(repeating: "{\"a\":", count: depth + 1))
  }
}

@Test func `many names in an object are told apart`() throws {
  let members = (0..<100).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
  #expect(try roundTrip("{\(members)}") == "{\(members)}")
  #expect(throws: JSONError.self) { try JSONReader.read("{\(members),\"k57\":1}") }
  #expect(try JSONReader.read("{\(members)}")["k99"]?.kindText == "a number")
}

@Test func `broken JSON never crashes the reader`() {
  let seed = Array(#"{"a":[1,-2.5e3,"x\u00e9\n😀",null,true],"b":{"c":{}}}"#.utf8)
  var state: UInt64 = 7
  func random(_ limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % limit
  }
  for _ in 0..<20_000 {
    var broken = seed
    for _ in 0..<(1 + random(4)) {
      let place = random(broken.count)
      switch random(3) {
      case 0: broken.remove(at: place)
      case 1: broken.insert(UInt8(random(256)), at: place)
      default: broken.swapAt(place, random(broken.count))
      }
    }
    do { _ = try JSONReader.read(broken) } catch {
      #expect(error.offset >= 0 && error.offset <= broken.count)
    }
  }
}
