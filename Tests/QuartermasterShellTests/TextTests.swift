import QuartermasterCEL
import Testing

@testable import QuartermasterShell

struct TextTests {
  @Test func `a table takes from the widest column first`() {
    var table = TextTable([
      .init(title: "id"), .init(title: "text"), .init(title: "n", isRight: true),
    ])
    table.add(["a", "words that go on and on", "1"])
    table.add(["b", "short\nline", "-12"])
    #expect(
      table.text(width: 24) == """
        id  text               n
        --  ---------------  ---
        a   words that go …    1
        b   short line       -12

        """)
  }

  @Test func `columns without room are named`() {
    var table = TextTable(["first", "second", "third", "empty"].map { .init(title: $0) })
    table.add(["aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc", ""])
    #expect(
      table.text(width: 20) == """
        first      second
        ---------  ---------
        aaaaaaaa…  bbbbbbbb…
        (not shown for lack
        of room: third,
        empty)

        """)
  }

  @Test func `wide characters take two columns`() {
    #expect(DisplayText.width("東京") == 4)
    #expect(DisplayText.width("e\u{301}") == 1)
    #expect(DisplayText.clipped("東京都", to: 5) == "東京…")
    #expect(DisplayText.oneLine("a\u{1B}[31mb") == "a\u{FFFD}[31mb")
  }

  @Test func `numbers and times as sentences show them`() {
    #expect(Plain.count(1_234_567) == "1,234,567")
    #expect(Plain.count(-1000) == "-1,000")
    #expect(Plain.count(1, "entry", "entries") == "1 entry")
    #expect(Plain.fixed(0.045, 2) == "0.05")
    #expect(Plain.fixed(12.3456, 3) == "12.346")
    #expect(Plain.fixed(-0.5, 1) == "-0.5")
    #expect(Plain.seconds(0.0123) == "0.012 s")
    let instant = Timestamp(milliseconds: 1_772_439_243_000)
    #expect(Plain.instant(instant) == "Mon 2 Mar 2026, 08:14:03")
    #expect(Plain.stamp(instant) == "2026-03-02 08:14:03")
  }
}
