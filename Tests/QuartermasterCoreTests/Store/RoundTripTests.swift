import QuartermasterCEL
import Testing

@testable import QuartermasterCore

private let everyType = """
  classes:
    Bin:
      code: {type: String, required: true, unique: true}
    Thing:
      text: String
      count: Integer
      ratio: Number
      money: {type: Decimal, scale: 4}
      flag: Boolean
      at: Date
      span: Duration
      place: GeoPoint
      list: Array
      notes: {type: Array, of: {note: String, weight: Number, bin: Bin, day: Date}}
      object: Object
      bin: Bin
      doubled: {computed: "thing.count == null ? 0 : thing.count * 2"}
  """

@Test func `every type comes back as it was written, from the file and from memory`() throws {
  let folder = try TemporaryFolder()
  let path = folder.file("data.sqlite")
  let values = """
    {"text": "Grüße \\u0000 'quoted'", "count": -4611686018427387904, "ratio": 0.1, "money": "12.3450",
     "flag": true, "at": {"__type": "Date", "iso": "1969-12-31T23:59:59.999Z"}, "span": "90m",
     "place": {"__type": "GeoPoint", "latitude": 48.85, "longitude": -2},
     "list": [1, 2.5, 3.0, "x", null, {"a": [true]}, {"__type": "Date", "iso": "2026-01-01T00:00:00.000Z"}],
     "notes": [{"note": "n", "weight": 2, "bin": {"__type": "Pointer", "className": "Bin", "objectId": "b1"}}],
     "object": {"z": 1, "a": {"b": []}}, "bin": "b1"}
    """
  func check(_ store: Store) throws(Refusal) {
    let row = try store.existing(store.tables[1].definition.recordType, "t1")?.row
    let found = (0..<(row?.count ?? 0)).compactMap { row?.values[$0].description }
    #expect(found.count == 15)
    let writing = Writing(store: store, writer: try Writer(store: store))
    let expected = try writing.assignments(store.tables[1].definition, values)
    for (field, input) in expected {
      guard case .update(.set(let value)) = input, let slot = field.slot, let row else { continue }
      #expect(Value.equal(row.values[slot], value), "\(field.name)")
      #expect(row.values[slot].description == value.description, "\(field.name)")
    }
  }
  let first = try TestStore(everyType, path: path)
  try first.run { writing throws(Refusal) in
    try writing.create("Bin", "b1", #"{"code": "B"}"#)
    try writing.create("Thing", "t1", values)
    try writing.create("Thing", "empty")
    try check(writing.store)
  }
  try first.store.close()
  let second = try TestStore(everyType, path: path)
  try second.run { writing throws(Refusal) in
    try check(writing.store)
    #expect(try writing.text("Thing", "empty", "count") == "null")
    try writing.set("Thing", "t1", #"{"text": null, "count": null, "notes": null, "bin": null}"#)
    writing.store.forgetAll()
    #expect(try writing.text("Thing", "t1", "notes") == "null")
    #expect(try writing.text("Thing", "t1", "money") == "12.3450")
  }
}

@Test func `a text in Arabic, an empty text and a text of a megabyte are texts`() throws {
  let test = try TestStore(everyType)
  let long = String(repeating: "xyz ", count: 262_144)
  try test.run { writing throws(Refusal) in
    for (id, text) in [("a", "مرحبا"), ("b", ""), ("c", long)] {
      try writing.create("Thing", id, "{\"text\": \"\(text)\"}")
    }
    writing.store.forgetAll()
    for (id, text) in [("a", "مرحبا"), ("b", ""), ("c", long)] {
      let record = try writing.store.existing(writing.definition("Thing").recordType, id)
      guard case .string(let found)? = record?.row?.values[2] else {
        Issue.record("\(id) is no text")
        continue
      }
      #expect(found.utf8.elementsEqual(text.utf8))
    }
  }
}

@Test func `ids that differ only in composition are two records`() throws {
  let test = try TestStore(everyType)
  try test.run { writing throws(Refusal) in
    try writing.create("Bin", "caf\u{E9}", #"{"code": "1"}"#)
    try writing.create("Bin", "cafe\u{301}", #"{"code": "2"}"#)
    #expect(try writing.text("Bin", "caf\u{E9}", "code") == "\"1\"")
    #expect(try writing.store.records(of: writing.definition("Bin")).count == 2)
  }
}

@Test func `computed fields have columns where SQL says the same`() throws {
  let test = try TestStore(
    """
    classes:
      Line:
        quantity: {type: Integer, default: 0}
        price: {type: Decimal, scale: 2, default: 0}
        rate: {type: Decimal, scale: 3, default: 1}
        note: String
        due: Date
        amount: {computed: line.price * line.quantity}
        fine: {computed: line.price * line.rate + line.price}
        big: {computed: "line.quantity > 10 && line.amount >= 5.5 ? 'big' : 'small'"}
        odd: {computed: "!(line.note == null) || line.quantity in [1, 3]"}
        late: {computed: "line.due != null && line.due + duration('1h') < timestamp('2026-01-01T00:00:00Z')"}
        upper: {computed: line.quantity % 2}
    """)
  let line = test.store.tables[0]
  let names = line.definition.fields.filter { line.hasColumn($0) }.map(\.name)
  #expect(
    names == [
      "quantity", "price", "rate", "note", "due", "amount", "fine", "big", "odd", "late",
    ])
  try test.run { writing throws(Refusal) in
    try writing.create("Line", "a", #"{"quantity": 11, "price": "2.50", "rate": "0.125"}"#)
    try writing.create(
      "Line", "b",
      #"{"quantity": 3, "price": "-1.10", "due": {"__type": "Date", "iso": "2025-01-01T00:00:00Z"}}"#
    )
    let statement = try writing.store.statement(
      "SELECT amount, fine, big, odd, late FROM Line ORDER BY objectId")
    var rows: [String] = []
    while try statement.step() {
      rows.append((0..<5).map { statement.text($0) }.joined(separator: " "))
    }
    #expect(rows == ["2750 281250 big 0 0", "-330 -220000 small 1 1"])
    // What the column says is what memory says.
    for id in ["a", "b"] {
      let record = try writing.store.existing(line.definition.recordType, id)
      guard let record, let row = record.row else { continue }
      for field in line.definition.fields {
        guard case .computed(let checked) = field.kind, line.hasColumn(field) else { continue }
        let formula = RowFormula(checked, of: line.definition, writing.store)
        let select = try writing.store.statement(
          "SELECT \(ClassTable.quoted(field.name)) FROM Line WHERE objectId = '\(id)'")
        defer { select.reset() }
        #expect(try select.step())
        let stored = try ColumnCodec(field.type).read(select, 0)
        #expect(Value.equal(stored, try formula.value(record, row)), "\(id).\(field.name)")
      }
    }
  }
  // An amount that no integer holds is an error in memory, so the row is refused.
  let message = test.refusal { writing throws(Refusal) in
    try writing.create("Line", "c", #"{"quantity": 9223372036854775807, "price": "2.00"}"#)
  }
  #expect(message?.hasPrefix("Line.amount overflows") == true)
}
