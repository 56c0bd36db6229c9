import Foundation
import Testing

/// The prompt on a terminal, as a person uses it; the screens are golden files.
@Suite(.serialized, .enabled(if: Tmux.program != nil, Tmux.absence))
struct TerminalTests {
  /// A project in a terminal, at its prompt.
  private struct Session {
    let fixture: Fixture
    let tmux: Tmux
    /// Where the history is kept.
    let state: String

    init(columns: Int = 80, environment: String = "NO_COLOR=1", state: String? = nil) throws {
      fixture = try Fixture()
      fixture.applyDay()
      self.state = state ?? fixture.path("state")
      let program = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0])
        .deletingLastPathComponent().appendingPathComponent("quartermaster").path
      tmux = try Tmux(
        // Ctrl-C reaches the shell as well, which must outlive it to say how the program ended.
        "trap : INT; cd '\(fixture.folder)'; export XDG_STATE_HOME='\(self.state)' \(environment); "
          + "'\(program)' repl; echo \"left with $?\"; exec sleep 1000",
        columns: columns)
      try tmux.waitForPrompt()
    }

    /// Enters a line and waits for the next prompt.
    func enter(_ line: String, bringing text: String, prompt: String = ">") throws {
      try tmux.enter(line)
      try tmux.wait(for: text)
      try tmux.waitForPrompt(prompt)
    }
  }

  @Test func `typing, completion, a mistake, the history`() throws {
    let session = try Session()
    let tmux = session.tmux
    try tmux.type("Product.filter(p, p.onH")
    try tmux.press("Tab")
    try tmux.wait(for: "p.onHand")
    try tmux.enter(" < 30)")
    try tmux.wait(for: "not shown for lack of room")
    try tmux.waitForPrompt()
    try tmux.type("set bolts quan")
    try tmux.press("Tab")
    try tmux.wait(for: "bolts quantity:")
    try tmux.enter("3")
    try tmux.wait(for: "quantity 18 -> 3")
    try tmux.waitForPrompt()
    try session.enter("set bolts quanity: 4", bringing: "did you mean `quantity`?")
    try expectGolden(tmux.screen(), "screen-typing")

    // The arrow up brings the line back; it is mended in place.
    try tmux.press("Up")
    try tmux.wait(for: "> set bolts quanity: 4", times: 2)
    for _ in 0..<6 { try tmux.press("Left") }
    try tmux.type("t")
    try tmux.wait(for: "> set bolts quantity: 4")
    try tmux.press("Enter")
    try tmux.wait(for: "quantity 3 -> 4")
    try tmux.waitForPrompt()
    // Ctrl-R looks for what was typed before.
    try tmux.press("C-r")
    try tmux.type("filter")
    try tmux.wait(for: "bck:filter")
    try tmux.press("Enter")
    try tmux.wait(for: "not shown for lack of room", times: 1)
    try tmux.waitForPrompt()
    try expectGolden(tmux.screen(), "screen-history")

    // What was typed is there the next time, but no secret, and nothing behind a space.
    try session.enter("set ann password: \"hush, hush\"", bringing: "~ User/ann")
    try session.enter(" 1 + 41", bringing: "42")
    try tmux.press("C-d")
    try tmux.wait(for: "left with 0")
    let again = try Session(state: session.state)
    try again.tmux.press("Up")
    try again.tmux.wait(for: "> Product.filter(p, p.onHand < 30)")
    let kept = try String(
      contentsOfFile: session.state + "/quartermaster/history", encoding: .utf8)
    #expect(!kept.contains("hush"))
    #expect(!kept.contains("41"))
  }

  @Test func `candidates are listed`() throws {
    let session = try Session()
    let tmux = session.tmux
    try tmux.type("advance PurchaseOrder.first() to: ")
    // The first Tab completes as far as all agree, the second lists what fits.
    try tmux.press("Tab", "Tab")
    try tmux.wait(for: "received")
    try tmux.type("rec")
    try tmux.press("Tab")
    try tmux.wait(for: "to: received")
    try tmux.press("Enter")
    try tmux.wait(for: "status sent -> received")
    try tmux.waitForPrompt()
    try tmux.type(":why-not reo")
    try tmux.press("Tab")
    try tmux.wait(for: ":why-not reorder-low-stock")
    try tmux.type("Product/n")
    try tmux.press("Tab")
    try tmux.wait(for: ":why-not reorder-low-stock Product/nut")
    try tmux.press("Enter")
    try tmux.waitForPrompt()
    // A quote that was begun is closed.
    try tmux.type("PurchaseOrder.filter(p, p.status == \"dr")
    try tmux.press("Tab")
    try tmux.wait(for: "\"draft\"")
    try tmux.enter(").size()")
    try tmux.waitForPrompt()
    try expectGolden(tmux.screen(), "screen-completion")
  }

  @Test func `a rule of several lines, with a mistake that is mended`() throws {
    let session = try Session()
    let tmux = session.tmux
    try tmux.enter(":rule")
    for line in [
      "- rule: tell-low", "  trigger:", "    changed: Inventory.quantity",
      "  when: inventory.quantity < 5", "  action:", "    - notify: managers",
      "      message: Only ${inventory.quantty} left.",
    ] {
      try tmux.enter(line)
      try tmux.wait(for: line)
    }
    try tmux.press("Enter")
    try tmux.wait(for: "`inventory.quantty` does not exist")
    try tmux.waitForPrompt()
    try expectGolden(tmux.screen(), "screen-rule-mistake")
    // All its lines come back, and the cursor stands at the end.
    try tmux.press("Up")
    try tmux.wait(for: ":rule", times: 2)
    for _ in 0..<9 { try tmux.press("Left") }
    try tmux.type("i")
    try tmux.wait(for: "${inventory.quantity} left.")
    try tmux.press("Enter")
    try tmux.wait(for: "tell-low is in force in this sandbox")
    try tmux.waitForPrompt("sandbox>")
    try tmux.enter("set bolts quantity: 4")
    try tmux.wait(for: "Only 4 left.")
    try tmux.waitForPrompt("sandbox>")
    try expectGolden(tmux.screen(), "screen-rule")
  }

  @Test func `Ctrl-C ends a query, and at the prompt drops the line`() throws {
    let session = try Session()
    let tmux = session.tmux
    try tmux.type("set bolts quantity: 1")
    try tmux.wait(for: "> set bolts quantity: 1")
    try tmux.press("C-c")
    try tmux.waitForPrompt()
    try tmux.enter("Product.filter(p,")
    try tmux.wait(for: "   ...")
    try tmux.press("C-c")
    try tmux.waitForPrompt()
    try tmux.enter("lists.range(100000).all(a, lists.range(100000).all(b, a + b >= 0))")
    try tmux.waitUntilTaken()
    try tmux.wait("interrupted") { screen in
      if screen.contains("\ninterrupted\n") { return true }
      try tmux.press("C-c")
      return false
    }
    try tmux.waitForPrompt()
    // How often Ctrl-C was pressed is not the same each time.
    try tmux.press("C-l")
    try tmux.wait("a clear screen") { $0.split(separator: "\n").count == 1 }
    try session.enter("bolts.quantity", bringing: "18")
    try expectGolden(tmux.screen(), "screen-interrupt")
    try tmux.press("C-d")
    try tmux.wait(for: "left with 0")
  }

  @Test(arguments: [44, 130]) func `a narrow and a wide window`(columns: Int) throws {
    let session = try Session()
    let tmux = session.tmux
    // The window changes while the prompt is open.
    try tmux.resize(columns: columns)
    try tmux.press("C-l")
    try tmux.waitForPrompt()
    try tmux.enter("create Product name: \"数量 Größe 6mm\" supplier: acme as: wide")
    try tmux.wait(for: "supplier Supplier/acme")
    try tmux.waitForPrompt()
    try tmux.enter(
      "Product.map(p, {'name': p.name, 'onHand': p.onHand, 'supplier': p.supplier.name})")
    try tmux.wait(for: "(3 rows)")
    try tmux.waitForPrompt()
    try tmux.enter(":tables")
    try tmux.wait(for: "PurchaseOrderLi")
    try tmux.waitForPrompt()
    try expectGolden(tmux.screen(), "screen-\(columns)")
  }

  @Test func `colours are for terminals that want them`() throws {
    let plain = try Session()
    try plain.enter("set bolts quantity: 3", bringing: "did not fire")
    try plain.enter("set bolts quanity: 3", bringing: "did you mean")
    #expect(try !plain.tmux.screen(colors: true).contains("\u{1B}["))
    let colored = try Session(environment: "NO_COLOR=")
    try colored.enter("set bolts quantity: 3", bringing: "did not fire")
    try colored.enter("set bolts quanity: 3", bringing: "did you mean")
    let screen = try colored.tmux.screen(colors: true)
    #expect(screen.contains("\u{1B}[33m~"))
    #expect(screen.contains("\u{1B}[36m*"))
    // The same words, coloured or not.
    #expect(try colored.tmux.screen() == plain.tmux.screen())
  }

  @Test func `a terminal that is closed leaves no sandbox behind`() throws {
    let session = try Session()
    let temporary = session.fixture.path("temporary")
    try FileManager.default.createDirectory(
      atPath: temporary, withIntermediateDirectories: true)
    let program = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0])
      .deletingLastPathComponent().appendingPathComponent("quartermaster").path
    let tmux = try Tmux(
      "cd '\(session.fixture.folder)'; export TMPDIR='\(temporary)' XDG_STATE_HOME='\(session.state)'; "
        + "exec '\(program)' repl --sandbox")
    try tmux.waitForPrompt("sandbox>")
    #expect(try FileManager.default.contentsOfDirectory(atPath: temporary).count == 1)
    try tmux.closeWindow()
    let end = Date().addingTimeInterval(120)
    while Date() < end,
      try !FileManager.default.contentsOfDirectory(atPath: temporary).isEmpty
    {
      Thread.sleep(forTimeInterval: 0.03)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: temporary).isEmpty)
  }
}
