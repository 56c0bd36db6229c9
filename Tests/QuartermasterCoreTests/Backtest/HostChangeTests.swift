import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// What the journal says that a host asked for, apart from what rules made of it.
@Suite struct HostChangeTests {
  private static let classes = """
    classes:
      Bin:
        load: {sum: contents.quantity}
        full: {type: Integer, default: 0}
      Stock:
        bin: {type: Bin, inverse: contents, onDelete: cascade}
        quantity: {type: Integer, default: 0}
        price: {type: Decimal, scale: 2}
        tags: {type: Array, of: String}
        pin: {type: String, secret: true}
      Note:
        number: {type: String, unique: true, sequence: "N-%04d"}
        text: {type: String, required: true}
    signals:
      audit: {bin: Bin, reason: {type: String, required: false}}
      unheard: {}
    """

  private static let rules = """
    - rule: price
      phase: before
      trigger:
        created: Stock
      when: stock.price == null
      action:
        - set: stock
          price: 1.25

    - rule: clamp
      trigger:
        changed: Stock.quantity
      when: stock.quantity < 0
      action:
        - set: stock
          quantity: 0

    - rule: heard
      trigger:
        signal: audit
      action:
        - create: Note
          text: audit of ${signal.bin}

    - rule: refuse
      trigger:
        changed: Stock.quantity
      when: stock.quantity > 100
      action:
        - reject: too much
    """

  /// The lines of a stream, one operation each, and what the journal says of each.
  private func given(_ lines: [String], _ rules: String = rules) throws -> (
    rows: [[String]], isKept: [Bool], refused: [String]
  ) {
    let shop = try TestShop(Self.classes)
    let engine = try shop.open(rules)
    for text in lines {
      let line = try Array(text.utf8).withUnsafeBufferPointer { try StreamLine($0) }
      _ = try? engine.operate(actor: nil, input: "") {
        (interpreter: Interpreter) throws(Refusal) -> Void in
        try interpreter.apply(line, rules: true)
      }
    }
    let journal = try engine.journal()
    let refused = try engine.store.read { reader throws(Refusal) in
      var bodies: [String] = []
      let read = try reader.statement("SELECT body FROM _refused ORDER BY number")
      while try read.step() { bodies.append(String(decoding: try read.blob(0), as: UTF8.self)) }
      return bodies
    }
    try engine.close()
    return (
      journal.map { $0.hostChanges(shop.schema).map(Self.text) }, journal.map { $0.given != nil },
      refused
    )
  }

  private static func text(_ change: HostChange) -> String {
    let fields = change.fields.map { "\($0.name)=\(JSONWriter.text($0.value))" }
    let updates = change.operators.map { "\($0.name) \($0.word) \(JSONWriter.text($0.operand))" }
    return ([change.kind.rawValue, change.name, change.id ?? "-"] + fields + updates)
      .joined(separator: " ")
  }

  @Test func `plain writes are told from the changes, and cost nothing`() throws {
    let (rows, isKept, _) = try given([
      #"{"op":"create","class":"Bin","id":"a"}"#,
      #"{"op":"create","class":"Stock","id":"s","fields":{"bin":{"__type":"Pointer","className":"Bin","objectId":"a"},"price":"2.50","quantity":4}}"#,
      #"{"op":"set","class":"Stock","id":"s","fields":{"quantity":9}}"#,
      #"{"op":"delete","class":"Stock","id":"s"}"#,
    ])
    #expect(
      rows == [
        ["+ Bin a full=0"],
        [#"+ Stock s bin="a" quantity=4 price="2.50""#], ["~ Stock s quantity=9"],
        ["- Stock s"],
      ])
    #expect(isKept == [false, false, false, false])
  }

  @Test func `what rules made of it is told apart`() throws {
    let (rows, isKept, refused) = try given([
      #"{"op":"create","class":"Bin","id":"a"}"#,
      // A before rule gives the price.
      #"{"op":"create","class":"Stock","id":"s","fields":{"quantity":4,"tags":["x"]}}"#,
      #"{"op":"set","class":"Stock","id":"s","fields":{"quantity":{"__op":"Increment","amount":-9}}}"#,
      #"{"op":"set","class":"Stock","id":"s","fields":{"tags":{"__op":"AddUnique","objects":["y"]},"quantity":0}}"#,
      // The file draws the number, and a cascade takes the stock.
      #"{"op":"create","class":"Note","id":"n","fields":{"text":"hello"}}"#,
      #"{"op":"set","class":"Stock","id":"s","fields":{"bin":{"__type":"Pointer","className":"Bin","objectId":"a"}}}"#,
      #"{"op":"signal","name":"audit","fields":{"bin":{"__type":"Pointer","className":"Bin","objectId":"a"}}}"#,
      #"{"op":"set","class":"Stock","id":"s","fields":{"quantity":101}}"#,
      #"{"op":"delete","class":"Bin","id":"a"}"#,
      #"{"op":"signal","name":"unheard"}"#,
    ])
    #expect(
      rows == [
        ["+ Bin a full=0"],
        [#"+ Stock s quantity=4 tags=["x"]"#], ["~ Stock s quantity increment -9"],
        [#"~ Stock s quantity=0 tags addUnique ["y"]"#], [#"+ Note n text="hello""#],
        [#"~ Stock s bin="a""#], [#"signal audit - bin="a""#], ["- Bin a"], ["signal unheard -"],
      ])
    #expect(isKept == [false, true, true, true, false, false, true, true, true])
    #expect(refused.count == 1)
    #expect(
      refused.first?.contains(#""row":8,"given":[["~","Stock","s",{"quantity":101}]]"#) == true)
  }

  @Test func `a record that only a rule wrote is no host's`() throws {
    let (rows, isKept, _) = try given(
      [
        #"{"op":"create","class":"Bin","id":"a"}"#,
        #"{"op":"create","class":"Stock","id":"s","fields":{"bin":{"__type":"Pointer","className":"Bin","objectId":"a"},"price":"1.00","quantity":4}}"#,
        #"{"op":"set","class":"Stock","id":"s","fields":{"quantity":9}}"#,
      ],
      """
      - rule: fill
        trigger:
          changed: Bin.load
        action:
          - set: bin
            full: bin.full + 1
      """)
    // The total woke the rule: nobody else wrote the bin.
    #expect(
      rows == [
        ["+ Bin a full=0"],
        [#"+ Stock s bin="a" quantity=4 price="1.00""#], ["~ Stock s quantity=9"],
      ])
    #expect(isKept == [false, false, false])
  }

  @Test func `secrets are not in it`() throws {
    let (rows, _, refused) = try given([
      #"{"op":"create","class":"Stock","id":"s","fields":{"pin":"1234"}}"#,
      #"{"op":"set","class":"Stock","id":"s","fields":{"pin":"5678","quantity":101}}"#,
    ])
    #expect(rows == [["+ Stock s"]])
    #expect(refused.first?.contains("5678") == false)
  }

  @Test func `rows of before are told from their changes`() throws {
    let body = """
      {"rules":1,"changes":[["Stock","s","+",0,{"quantity":0,"price":"1.25"},[1]],["Note","n","+",0,{"number":"N-0001",\
      "text":"made"},[2]],["Note","m","+",0,{"number":"A17","text":"given"}]],"firings":[["price","Stock/s",0,null,{}],\
      ["clamp","Stock/s",1,null,{}],["heard","Stock/s",2,1,{}]]}
      """
    let entry = try JournalEntry(row: 1, at: 0, body: Array(body.utf8))
    let parsed = try QuartermasterCoreTests.schema(Self.classes)
    #expect(
      entry.hostChanges(parsed).map(Self.text) == [
        #"+ Stock s quantity=0 price="1.25""#, #"+ Note m number="A17" text="given""#,
      ])
  }
}
