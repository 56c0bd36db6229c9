import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Reads `key: …` and checks that each byte of the value's text that was written as it is maps to that byte.
private func scalar(
  _ text: String, key: String = "k", location: SourceLocation = #_sourceLocation
) throws -> (text: String, source: ExprSource, node: YAMLNode) {
  let file = SourceFile(name: "t.yaml", text: text)
  let root = try YAMLReader.read(file).root
  let node = try #require(root[key], sourceLocation: location)
  guard case .scalar(let source, _) = node.kind else {
    Issue.record("no scalar", sourceLocation: location)
    throw CancellationError()
  }
  return (source.text, source, node)
}

/// Whether every letter and digit of the text stands in the file where its offset says.
private func lettersAgree(_ source: ExprSource) -> Bool {
  Array(source.text.utf8).enumerated().allSatisfy { offset, byte in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...:
      source.file.bytes[source.fileOffset(offset)] == byte
    default: true
    }
  }
}

/// The UTF-8 offset of a piece of text.
private func offset(of piece: String, in text: String) -> Int? {
  let (piece, text) = (Array(piece.utf8), Array(text.utf8))
  return text.indices.first { text[$0...].starts(with: piece) }
}

@Test(arguments: [
  ("k: a <= b\n", "a <= b"),
  ("ä: ö\nk: größe <= b\n", "größe <= b"),
  ("k: one\n  two\n\n  three   \n", "one two\nthree"),
  ("k:   one  # comment\nj: 1\n", "one"),
  ("k: 'it''s \"so\" x'\n", "it's \"so\" x"),
  ("k: 'one\n  two\n\n  three'\n", "one two\nthree"),
  ("k: \"a\\tb \\u00e9 c \\x41 \\\"d\\\" e\"\n", "a\tb é c A \"d\" e"),
  ("k: \"one \\\n  two\n  three\\\n\n   four\"\n", "one two three\nfour"),
  ("k: |\n  one\n    two\n\n  three\nj: 1\n", "one\n  two\n\nthree\n"),
  ("k: |-\n  one\n  two\n\n", "one\ntwo"),
  ("k: |+\n  one\n\n\nj: 1\n", "one\n\n\n"),
  ("k: |2-\n    one\n  two\n", "  one\ntwo"),
  ("k: | # comment\n\n\n  one\n", "\n\none\n"),
  ("k: >\n  one\n  two\n\n  three\n", "one two\nthree\n"),
  ("k: >-\n  one\n    more\n    still\n  two\n\n\n  end", "one\n  more\n  still\ntwo\n\nend"),
  ("k: >+\n\n  one\n  two\n\nj: 2\n", "\none two\n\n"),
  ("k: |\r\n  one\r\n  two\r\nj: 2\r\n", "one\ntwo\n"),
  ("k: one\r\n  two\r\n", "one two"),
  ("k: |\n  ünï\n  two", "ünï\ntwo"),
  ("\u{FEFF}k: one\n", "one"),
])
func `every byte of a scalar knows its place`(_ yaml: String, _ expected: String) throws {
  let (text, source, _) = try scalar(yaml)
  #expect(Array(text.utf8) == Array(expected.utf8))
  // Escapes give letters that the file has not.
  if !yaml.contains("\\x") { #expect(lettersAgree(source)) }
  // Without the fallback to one place, words after the first line are where they are written.
  for word in ["two", "three", "four", "end", "still"] {
    if let inText = offset(of: word, in: text), let inFile = offset(of: word, in: yaml) {
      #expect(source.fileOffset(inText) == inFile)
    }
  }
}

@Test func `an escape points at its backslash`() throws {
  let yaml = #"k: "a \u00e9 == b""#
  let (text, source, _) = try scalar(yaml)
  #expect(text == "a é == b")
  #expect(source.fileOffset(2) == offset(of: #"\u"#, in: yaml))
  #expect(source.fileOffset(3) == offset(of: #"\u"#, in: yaml))
  #expect(source.fileOffset(5) == offset(of: "== b", in: yaml))
}

@Test func `a span in a block text shows the line of the file`() throws {
  let yaml = "a: 1\nk: |\n    order.total >\n      order.limit\n"
  let (text, source, node) = try scalar(yaml)
  let start = try #require(offset(of: "order.limit", in: text))
  let span = source.span(start..<(start + 11))
  #expect(span.file.position(of: span.range.lowerBound) == (4, 7))
  #expect(span.range.count == 11)
  #expect(node.span.file.position(of: node.span.range.lowerBound) == (2, 4))
  #expect(node.span.range.upperBound == yaml.utf8.count - 1)
}

@Test func `a piece of a quoted text keeps its places`() throws {
  let yaml = "k: 'it''s ${order.number} here'\n"
  let (text, source, _) = try scalar(yaml)
  let start = try #require(offset(of: "order.number", in: text))
  let hole = source.slice(start..<(start + 12))
  #expect(hole.text == "order.number")
  #expect(hole.fileOffset(0) == offset(of: "order.number", in: yaml))
}

@Test func `scalars are text`() throws {
  let file = SourceFile(
    name: "t.yaml", text: "a: NO\nb: 0123\nc: 12:30\nd: ~\ne: true\nf: ''\ng:\nh: 1_000\n")
  let root = try YAMLReader.read(file).root
  #expect(
    root.pairs?.map { $0.value.text } == ["NO", "0123", "12:30", "~", "true", "", nil, "1_000"])
  guard case .empty? = root["g"]?.kind else {
    Issue.record("g is not empty")
    return
  }
  #expect(root["g"]?.items.isEmpty == true)
}

@Test func `collections span their nodes and keep their order`() throws {
  let text = "list:\n  - a\n  - {b: 1, a: [x, y]}\nend: z\n"
  let root = try YAMLReader.read(SourceFile(name: "t.yaml", text: text)).root
  #expect(root.pairs?.map { $0.key.text } == ["list", "end"])
  let list = try #require(root["list"])
  #expect(list.items.count == 2)
  #expect(list.span.range == 8..<33)
  #expect(list.items[1].pairs?.map { $0.key.text } == ["b", "a"])
  #expect(list.items[1].span.range == 16..<33)
  #expect(list.items[1]["a"]?.items.map(\.text) == ["x", "y"])
}

@Test(arguments: ["", "\n\n", "# only a comment\n", "---\n"])
func `a file without content is empty`(_ text: String) throws {
  let root = try YAMLReader.read(SourceFile(name: "t.yaml", text: text)).root
  guard case .empty = root.kind else {
    Issue.record("not empty: \(root.kind)")
    return
  }
}
