import Testing

@testable import QuartermasterCEL

@Test func `a column counts Unicode scalars, not bytes`() {
  let file = SourceFile(name: "a.yaml", text: "ä: ö\nsecond")
  #expect(file.position(of: 0) == (1, 1))
  #expect(file.position(of: 2) == (1, 2))
  #expect(file.position(of: 7) == (2, 1))
  #expect(file.line(2) == "second")
}
