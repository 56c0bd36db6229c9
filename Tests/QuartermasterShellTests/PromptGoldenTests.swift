import Foundation
import Testing

@testable import QuartermasterShell

struct PromptGoldenTests {
  /// Runs lines at the prompt and returns them with what they gave.
  private func session(
    _ fixture: Fixture, isSandbox: Bool = false, _ lines: String
  ) throws -> String {
    var context = ShellContext()
    context.width = 80
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

  @Test func `words are completed`() throws {
    let fixture = try Fixture()
    let repl = try Repl.open(fixture.folder, ShellContext()).get()
    #expect(repl.completions(of: "Pur", in: "Pur") == ["PurchaseOrder", "PurchaseOrderLine"])
    #expect(repl.completions(of: "adv", in: "adv") == ["advance"])
    #expect(repl.completions(of: "p.onH", in: "Product.filter(p, p.onH") == ["p.onHand"])
    #expect(repl.completions(of: "cl", in: ":cl") == ["clock"])
    #expect(repl.completions(of: "send", in: ":rules send") == ["send-drafts"])
    #expect(repl.completions(of: "quan", in: "set bolts quan") == ["quantity:"])
    _ = repl.finish()
  }
}
