import Foundation
import Testing

@testable import QuartermasterShell

struct PromptGoldenTests {
  /// Runs lines at the prompt and returns them with what they gave.
  private func session(
    _ fixture: Fixture, isSandbox: Bool = false, _ lines: String, width: Int = 80
  ) throws -> String {
    var context = ShellContext()
    context.width = width
    let repl = try Repl.open(fixture.folder, isSandbox: isSandbox, context).get()
    var text = ""
    for line in lines.split(separator: "\n", omittingEmptySubsequences: false) {
      text += repl.prompt + line + "\n"
      let reply = repl.submit(String(line))
      text += reply.output + reply.errors
      if repl.hasEnded { break }
    }
    let end = repl.finish()
    return fixture.stable(text + end.output + end.errors)
  }

  @Test func `verbs and expressions`() throws {
    let fixture = try Fixture()
    fixture.applyDay()
    let text = try session(
      fixture,
      """
      bolts.quantity
      set bolts quantity: 3
      set bolts quantity: 50
      set nuts quantity: 100
      create Product name: "Washer: M8" supplier: acme price: 0.03 as: washer
      washer
      create Inventory product: washer quantity: 7 as: washers
      set washers quantity: washers.quantity - 8
      Product.filter(p, p.onHand < 10)
      set washers quantity: washer.onHand > 5 ? 1: 2
      :names
      PurchaseOrder.filter(p,
        p.status == "sent").size()
      advance PurchaseOrder.first() to: received
      :why washers
      ensure PurchaseOrder match: {supplier: acme, status: draft} as: draft
      signal close-day supplier: acme
      delete washers
      :as ann
      set nuts quantity: 99
      :log nuts
      :quit
      never
      """)
    try expectGolden(text, "prompt-session")
  }

  @Test func `mistakes at the prompt`() throws {
    let fixture = try Fixture()
    fixture.applyDay()
    let text = try session(
      fixture,
      """
      set bolts quanity: 3
      set blots quantity: 3
      set bolts quantity: lots
      set bolts
      create Prodct name: x
      advance bolts to: sent
      Product.filter(p, p.onhand > 3)
      1 / 0
      :clok
      :clock +2d
      :rules nothing
      :help sett
      reject no
      notify nobody message: hello
      # a comment

      """)
    try expectGolden(text, "prompt-mistakes")
  }

  @Test func `a sandbox is undone at the end`() throws {
    let fixture = try Fixture()
    fixture.applyDay()
    let text = try session(
      fixture,
      """
      :sandbox
      set bolts quantity: 1
      bolts.quantity
      :clock +25h
      :clock 2026-03-01T00:00:00Z
      :sandbox
      :sandbox off
      bolts.quantity
      """)
    try expectGolden(text, "prompt-sandbox")
  }

  @Test func `help and lists`() throws {
    let fixture = try Fixture()
    let text = try session(
      fixture,
      """
      :help
      :help ensure
      :rules
      :rules send-drafts
      :explain Product.filter(p, p.onHand < 10)
      """)
    try expectGolden(text, "prompt-help")
  }

  @Test func `a rule is typed, fails, is mended, and is in force in a sandbox alone`() throws {
    let fixture = try Fixture()
    fixture.applyDay()
    let text = try session(
      fixture,
      """
      :rule
      - rule: tell-low
        trigger:
          changed: Inventory.quantity
        when: inventory.quantty < 5
        action:
          - notify: managers
            message: Only ${inventory.quantity} of ${inventory.product.name}.

      :rule
      rule: tell-low
      trigger:
        changed: Inventory.quantity
      when: inventory.quantity < 5
      action:
        - notify: managers
          message: Only ${inventory.quantity} of ${inventory.product.name}.

      set bolts quantity: 4
      - rule: celebrate-full-shelf
        trigger:
          changed: Product.onHand
        when: product.onHand < 10
        action:
          - notify: managers
            message: Little ${product.name}.

      :rules celebrate-full-shelf
      set bolts quantity: 3
      :sandbox off
      :rules tell-low
      bolts.quantity
      :rule

      """)
    try expectGolden(text, "prompt-rule")
  }

  @Test func `the last command of a sandbox is taken back`() throws {
    let fixture = try Fixture()
    fixture.applyDay()
    let text = try session(
      fixture,
      """
      :undo
      :sandbox
      :undo
      create Product name: Washer supplier: acme as: washer
      :as ann
      set bolts quantity: 1
      :clock +2d
      :undo
      :clock
      bolts.quantity
      :undo
      bolts.quantity
      washer.name
      :as
      :log bolts
      set bolts quantity: 2
      :undo
      :undo
      washer
      :undo
      """)
    try expectGolden(text, "prompt-undo")
  }

  @Test func `classes, fields, values in full, and statements of several lines`() throws {
    let fixture = try Fixture()
    fixture.applyDay()
    try fixture.write("bolts.quantity\nset bolts quantity: 5\n", to: "morning.txt")
    let text = try session(
      fixture,
      """
      :tables
      :schema PurchaseOrder
      :schema Product
      :schema Prodct
      Product
      :wide Product
      :wide
      Product/bolt
      :wide
      create Notification user: ann message: "two
      lines" as: note
      note.message
      "Inventory/" + bolts.objectId
      :time 1 + 1
      :time
      2 + 2
      :time
      :load \(fixture.path("morning.txt"))
      :load nothing.txt
      :help undo
      :help :rule
      :help existss
      :help size
      """, width: 72)
    try expectGolden(text, "prompt-looks")
  }

  @Test func `what is coloured`() throws {
    let fixture = try Fixture()
    fixture.applyDay()
    var context = ShellContext()
    context.width = 80
    (context.colorsOutput, context.isColored) = (true, true)
    let repl = try Repl.open(fixture.folder, context).get()
    var text = ""
    for line in [
      "set bolts quantity: 3", "delete PurchaseOrderLine.first()", "Product",
      "set bolts quanity: 3",
    ] {
      let reply = repl.submit(line)
      text += "> \(line)\n" + reply.output + reply.errors
    }
    _ = repl.finish()
    try expectGolden(
      text.replacingOccurrences(of: "\u{1B}", with: "\\e"), "prompt-colors")
  }

  @Test func `a statement that sets a secret is not kept`() throws {
    let fixture = try Fixture()
    fixture.applyDay()
    let repl = try Repl.open(fixture.folder, ShellContext()).get()
    #expect(repl.submit("set ann role: clerk").status == .done)
    #expect(repl.lastEntry == "set ann role: clerk")
    #expect(repl.submit("set ann password: \"hush, hush\"").status == .done)
    #expect(repl.lastEntry == nil)
    _ = repl.submit("Product.filter(p,")
    #expect(repl.lastEntry == nil)
    _ = repl.submit("p.onHand > 3)")
    #expect(repl.lastEntry == "Product.filter(p,\np.onHand > 3)")
    _ = repl.submit("")
    #expect(repl.lastEntry == nil)
    _ = repl.finish()
  }

  @Test func `a sandbox is for its owner's eyes, and goes with its process`() throws {
    let fixture = try Fixture()
    let temporary = FileManager.default.temporaryDirectory
    func folders() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: temporary.path)
        .filter { $0.hasPrefix("quartermaster-scratch-") }
    }
    // Of a process that is not there any more.
    let left = temporary.appendingPathComponent("quartermaster-scratch-99999999-x")
    try FileManager.default.createDirectory(at: left, withIntermediateDirectories: true)
    try Data().write(to: left.appendingPathComponent("lock"))
    let before = Set(try folders())
    let repl = try Repl.open(fixture.folder, isSandbox: true, ShellContext()).get()
    let made = Set(try folders()).subtracting(before)
    #expect(!FileManager.default.fileExists(atPath: left.path))
    // Tests beside this one may have made some, too.
    let own = made.filter { $0.contains("-\(ProcessInfo.processInfo.processIdentifier)-") }
    #expect(!own.isEmpty)
    for name in own {
      let path = temporary.appendingPathComponent(name).path
      guard FileManager.default.fileExists(atPath: path) else { continue }
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.posixPermissions] as? Int == 0o700)
    }
    _ = repl.finish()
    var stays = own
    for _ in 0..<1200 where !stays.isEmpty {
      Thread.sleep(forTimeInterval: 0.05)
      stays.formIntersection(try folders())
    }
    #expect(stays.isEmpty)
  }
}
