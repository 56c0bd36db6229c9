import QuartermasterCEL
import Testing

@testable import QuartermasterCore

private let warehouse = """
  classes:
    Region:
      name: String
      stock: {sum: bins.load}
      value: {sum: bins.value}
      full: {count: bins, where: bin.load > 10}
    Bin:
      region: {type: Region, inverse: bins, onDelete: clear}
      load: {sum: items.quantity}
      value: {sum: items.amount}
      weight: {sum: items.weight}
      open: {count: items, where: item.status != "done" && item.quantity > 0}
      all: {count: items}
    Item:
      bin: {type: Bin, inverse: items, onDelete: cascade}
      partner: {type: Item, inverse: partners, onDelete: clear}
      quantity: {type: Integer, default: 0}
      price: {type: Decimal, scale: 2}
      weight: Number
      span: Duration
      status: {type: String, default: open}
      amount: {computed: "item.price == null ? 0.00 : item.price * item.quantity", scale: 2}
      shared: {count: partners, where: item.quantity > 0}
      load: {sum: partners.quantity}
  """

/// A generator whose runs can be repeated: splitmix64.
struct Dice {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }

  mutating func roll(_ sides: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) % UInt64(sides))
  }
}

/// One random write, by names.
private func step(_ dice: inout Dice, _ writing: Writing) throws(Refusal) {
  func pick(_ letter: String, _ count: Int) -> String {
    dice.roll(6) == 0 ? "null" : "\"\(letter)\(dice.roll(count))\""
  }
  func itemFields() -> String {
    var parts: [String] = []
    if dice.roll(2) == 0 { parts.append("\"bin\": \(pick("b", 4))") }
    if dice.roll(3) == 0 { parts.append("\"partner\": \(pick("i", 8))") }
    if dice.roll(2) == 0 { parts.append("\"quantity\": \(dice.roll(20) - 6)") }
    if dice.roll(3) == 0 {
      parts.append(
        "\"price\": \(dice.roll(4) == 0 ? "null" : "\"\(dice.roll(500)).\(10 + dice.roll(90))\"")")
    }
    if dice.roll(3) == 0 {
      parts.append("\"weight\": \(dice.roll(5) == 0 ? "null" : "0.\(1 + dice.roll(97))")")
    }
    if dice.roll(4) == 0 {
      parts.append("\"span\": \(dice.roll(4) == 0 ? "null" : "\"\(dice.roll(90))m\"")")
    }
    if dice.roll(3) == 0 { parts.append("\"status\": \"\(dice.roll(2) == 0 ? "done" : "open")\"") }
    return "{" + parts.joined(separator: ", ") + "}"
  }
  switch dice.roll(20) {
  case 0: try writing.create("Region", "r\(dice.roll(3))")
  case 1, 2: try writing.create("Bin", "b\(dice.roll(4))", "{\"region\": \(pick("r", 3))}")
  case 3, 4, 5, 6: try writing.create("Item", "i\(dice.roll(8))", itemFields())
  case 7: try writing.delete("Region", "r\(dice.roll(3))")
  case 8: try writing.delete("Bin", "b\(dice.roll(4))")
  case 9, 10: try writing.delete("Item", "i\(dice.roll(8))")
  case 11, 12: try writing.set("Bin", "b\(dice.roll(4))", "{\"region\": \(pick("r", 3))}")
  default: try writing.set("Item", "i\(dice.roll(8))", itemFields())
  }
}

/// The fields of one record, by name, for a computation that knows nothing of the store's own.
private struct Fields {
  let id: String
  let values: [String: Value]
  func int(_ name: String) -> Int64 {
    if case .int(let number)? = values[name] { number } else { 0 }
  }
  func decimal(_ name: String) -> ExactDecimal? {
    if case .decimal(let number)? = values[name] { number } else { nil }
  }
  func text(_ name: String) -> String? {
    if case .string(let text)? = values[name] { text } else { nil }
  }
}

/// Computes every roll-up from the children, and says what differs.
private func mistakes(_ writing: Writing) throws(Refusal) -> [String] {
  func all(_ name: String) throws(Refusal) -> [Fields] {
    let definition = try writing.definition(name)
    return try writing.store.records(of: definition).map { record in
      var values: [String: Value] = [:]
      for field in definition.fields {
        if let slot = field.slot, let row = record.row { values[field.name] = row.values[slot] }
      }
      return Fields(id: record.id, values: values)
    }
  }
  let (regions, bins, items) = (try all("Region"), try all("Bin"), try all("Item"))
  var found: [String] = []
  func expect(_ fields: Fields, _ name: String, _ expected: Value) {
    let stored = fields.values[name] ?? .null
    if !Value.equal(stored, expected) {
      found.append("\(fields.id).\(name) is \(stored), not \(expected)")
    }
  }
  func cents(_ fields: [Fields], _ cents: (Fields) -> Int128) -> Value {
    .decimal(ExactDecimal(coefficient: fields.map(cents).reduce(0, +), scale: 2))
  }
  for bin in bins {
    let mine = items.filter { $0.text("bin") == bin.id }
    expect(bin, "load", .int(mine.map { $0.int("quantity") }.reduce(0, +)))
    expect(
      bin, "value",
      cents(mine) { ($0.decimal("price")?.coefficient ?? 0) * Int128($0.int("quantity")) })
    var weight = 0.0
    for item in mine {
      if case .double(let number)? = item.values["weight"] { weight += number }
    }
    expect(bin, "weight", .double(weight))
    let open = mine.filter { $0.text("status") != "done" && $0.int("quantity") > 0 }
    expect(bin, "open", .int(Int64(open.count)))
    expect(bin, "all", .int(Int64(mine.count)))
  }
  for region in regions {
    let mine = bins.filter { $0.text("region") == region.id }
    expect(region, "stock", .int(mine.map { $0.int("load") }.reduce(0, +)))
    expect(region, "value", cents(mine) { $0.decimal("value")?.coefficient ?? 0 })
    expect(region, "full", .int(Int64(mine.filter { $0.int("load") > 10 }.count)))
  }
  for item in items {
    let mine = items.filter { $0.text("partner") == item.id }
    expect(item, "shared", .int(Int64(mine.filter { $0.int("quantity") > 0 }.count)))
    expect(item, "load", .int(mine.map { $0.int("quantity") }.reduce(0, +)))
  }
  return found
}

@Test func `after every write all totals are the totals of what is there`() throws {
  let schema = try schema(warehouse)
  for seed in 0..<300 as Range<UInt64> {
    var dice = Dice(seed)
    let test = try TestStore(schema, nil)
    try test.store.perform { store throws(Refusal) in
      let writing = Writing(store: store, writer: test.writer)
      try store.begin()
      for number in 0..<30 {
        let mark = store.mark()
        do throws(Refusal) {
          try step(&dice, writing)
          try store.release(mark)
        } catch {
          // Random writes name records that are there already, or are not.
          #expect(error.reason != .storage, "\(error.message)")
          try store.undo(to: mark)
        }
        let found = try mistakes(writing)
        #expect(found == [], "seed \(seed), step \(number)")
        if !found.isEmpty { break }
      }
      #expect(try test.writer.rollUps.recompute(mending: false).map(\.place) == [])
      // What stands in the file is what was in memory.
      let memory = try rows(of: store)
      store.forgetAll()
      #expect(try rows(of: store) == memory, "seed \(seed)")
      try store.commit()
    }
  }
}

/// All rows as they are in memory, loaded where they are not.
private func rows(of store: Store) throws(Refusal) -> String {
  var text = ""
  for table in store.tables {
    for record in try store.records(of: table.definition) {
      text += "\(table.definition.name)/\(record.id)"
      for slot in 0...table.lastSlot { text += "|" + (record.row?.values[slot].description ?? "") }
      text += "\n"
    }
  }
  return text
}

@Test func `undo gives back exactly what was there, in the file and in memory`() throws {
  let schema = try schema(warehouse)
  for seed in 1000..<1200 as Range<UInt64> {
    var dice = Dice(seed)
    let test = try TestStore(schema, nil)
    try test.store.perform { store throws(Refusal) in
      let writing = Writing(store: store, writer: test.writer)
      func attempt() throws(Refusal) {
        let mark = store.mark()
        do throws(Refusal) {
          try step(&dice, writing)
          try store.release(mark)
        } catch { try store.undo(to: mark) }
      }
      try store.begin()
      store.startOperation(now: Timestamp(milliseconds: 1_800_000_000_000), journal: 7)
      for _ in 0..<20 { try attempt() }
      if dice.roll(2) == 0 {
        try store.commit()
        try store.begin()
      }
      for _ in 0..<4 {
        let (before, inMemory) = (try contents(of: store, engineTables: true), try rows(of: store))
        let nextID = try store.newID()
        let outer = store.mark()
        for _ in 0..<dice.roll(4) { try attempt() }
        let inner = store.mark()
        for _ in 0..<dice.roll(6) { try attempt() }
        _ = try store.newID()
        switch dice.roll(3) {
        case 0: try store.release(inner)
        case 1: try store.undo(to: inner)
        default: break
        }
        for _ in 0..<dice.roll(3) { try attempt() }
        try store.undo(to: outer)
        #expect(try contents(of: store, engineTables: true) == before, "seed \(seed)")
        #expect(try rows(of: store) == inMemory, "seed \(seed)")
        #expect(try store.newID() > nextID)
        #expect(try mistakes(writing) == [], "seed \(seed)")
        for _ in 0..<3 { try attempt() }
      }
      // A commit that is given up as a whole leaves what the last one left.
      try store.commit()
      let before = try contents(of: store, engineTables: true)
      let inMemory = try rows(of: store)
      try store.begin()
      for _ in 0..<10 { try attempt() }
      store.rollback()
      #expect(try contents(of: store, engineTables: true) == before, "seed \(seed)")
      #expect(try rows(of: store) == inMemory, "seed \(seed)")
    }
  }
}

@Test func `totals that were broken from outside are found and mended`() throws {
  let folder = try TemporaryFolder()
  let path = folder.file("data.sqlite")
  let test = try TestStore(warehouse, path: path)
  try test.run { writing throws(Refusal) in
    try writing.create("Region", "r0")
    try writing.create("Bin", "b0", #"{"region": "r0"}"#)
    try writing.create(
      "Item", "i0", #"{"bin": "b0", "quantity": 12, "price": "2.50", "weight": 0.5}"#)
  }
  try test.run { writing throws(Refusal) in
    try writing.store.execute("UPDATE Item SET quantity = 5")
    try writing.store.execute("UPDATE Bin SET weight = 7.0")
    writing.store.forgetAll()
    let found = try test.writer.checkRollUps(mending: false)
    #expect(found.map(\.place) == ["Bin/b0.load", "Bin/b0.value", "Bin/b0.weight"])
    #expect(found.map(\.computed.description) == ["5", "12.50", "0.5"])
    #expect(
      try test.writer.checkRollUps(mending: true).map(\.place) == [
        "Bin/b0.load", "Bin/b0.value", "Bin/b0.weight", "Region/r0.stock", "Region/r0.value",
        "Region/r0.full",
      ])
    #expect(try test.writer.checkRollUps(mending: false).isEmpty)
    #expect(try mistakes(writing) == [])
    #expect(try writing.store.problems() == [])
  }
  let copy = folder.file("copy.sqlite")
  try Backup.make(of: try #require(test.store.path), to: copy)
  let other = try TestStore(warehouse, path: copy)
  #expect(
    try other.run { writing throws(Refusal) in try writing.text("Region", "r0", "stock") } == "5")
}
