import Testing

@testable import QuartermasterCore

@Test func `a sequence fills its number with zeros`() {
  let format = SequenceFormat(prefix: "SO-", suffix: "", width: 5)
  #expect(format.text(7) == "SO-00007")
  #expect(format.text(123_456) == "SO-123456")
}
