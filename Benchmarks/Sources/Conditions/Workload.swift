import QuartermasterCEL

/// The 64 records of W2, in the forms in which conditions may read them.
final class Workload: RecordHost {
  static let count = 64

  private struct Types: RecordTypeProvider {
    let types: [String: RecordType]
    func recordType(named name: String) -> RecordType? { types[name] }
    var recordTypeNames: [String] { types.keys.sorted() }
  }

  private let item = RecordType(name: "Item", index: 0, variable: "item")
  private let supplier = RecordType(name: "Supplier", index: 1, variable: "supplier")
  private let stock = RecordType(name: "Stock", index: 2, variable: "stock")
  private let suppliers: RecordMap
  /// The records in memory by class, as the store has them.
  let recordMaps: UnsafePointer<Unmanaged<RecordMap>>?
  private var lines: [String: Value] = [:]
  /// The records, as the engine holds them.
  let records: [Record]
  /// Their values by name, with maps in place of records.
  let named: [[String: Value]]
  /// What conditions over records may use.
  let environment: CELEnvironment
  /// Where conditions find the record.
  var layout = FrameLayout()

  init() {
    func field(_ name: String, _ type: CELType, _ slot: Int) -> RecordField {
      RecordField(name: name, type: type, access: .stored(slot: slot))
    }
    let (item, supplier, stock) = (self.item, self.supplier, self.stock)
    item.define(
      fields: [
        field("qty", .int, 0), field("sku", .string, 1),
        RecordField(
          name: "stock", type: .record("Stock"), access: .pointer(slot: 2, target: stock)),
      ], slotCount: 3)
    supplier.define(fields: [field("name", .string, 0), field("active", .bool, 1)], slotCount: 2)
    stock.define(
      fields: [
        field("quantity", .int, 0), field("threshold", .int, 1), field("category", .string, 2),
        field("price", .double, 3), field("qty", .int, 4),
        RecordField(
          name: "supplier", type: .record("Supplier"), access: .pointer(slot: 5, target: supplier)),
        field("data", .list(.map(key: .string, value: .dyn)), 6),
        RecordField(
          name: "items", type: .list(.record("Item")),
          access: .relation(RecordField.Relation(source: item, slot: 2, isUnique: false))),
      ], slotCount: 7)
    var environment = CELEnvironment.quartermaster
    environment.recordTypes = Types(
      types: ["Item": item, "Supplier": supplier, "Stock": stock])
    environment.declare(
      VariableDeclaration("r", .record("Stock"), storage: .record(layout.takeRecord())))
    self.environment = environment

    suppliers = RecordMap(supplier)
    let maps = UnsafeMutablePointer<Unmanaged<RecordMap>>.allocate(capacity: 3)
    (maps + item.index).initialize(to: Unmanaged.passRetained(RecordMap(item)))
    (maps + supplier.index).initialize(to: Unmanaged.passUnretained(suppliers))
    (maps + stock.index).initialize(to: Unmanaged.passRetained(RecordMap(stock)))
    recordMaps = UnsafePointer(maps)
    var records: [Record] = []
    var named: [[String: Value]] = []
    for k in 0..<Self.count {
      let id = "s\(k)"
      suppliers.record(id).takeUnretainedValue().become(
        Self.row([.string("S\(k)"), .bool(true)]))
      let items = (0..<20).map { j -> (qty: Int64, sku: String) in
        let number = String(String(20 * k + j + 10_000).dropFirst())
        return j < 19 ? (Int64((7 * j + k) % 21), "B" + number) : (Int64(12 + k % 5), "A" + number)
      }
      lines["r\(k)"] = .list(
        items.enumerated().map { place, entry in
          .record(
            Self.record(
              item, "\(k).\(place)", [.int(entry.qty), .string(entry.sku), .string("r\(k)")]))
        })
      let data = Value.list(
        items.map { entry in
          Self.map([("qty", .int(entry.qty)), ("sku", .string(entry.sku))])
        })
      let category = String(Array("abcdefghijklmnopqrstuvw")[k % 23])
      let (quantity, price, qty) = (Int64(k % 26), 10.5 + Double(k), Int64(100 + k))
      records.append(
        Self.record(
          stock, "r\(k)",
          [
            .int(quantity), .int(25), .string(category), .double(price), .int(qty), .string(id),
            data,
          ]))
      named.append([
        "quantity": .int(quantity), "threshold": .int(25), "category": .string(category),
        "price": .double(price), "qty": .int(qty), "items": data,
        "supplier": Self.map([("name", .string("S\(k)")), ("active", .bool(true))]),
      ])
    }
    (self.records, self.named) = (records, named)
  }

  private static func record(_ type: RecordType, _ id: String, _ values: [Value]) -> Record {
    let record = Record(type: type, id: id)
    record.become(row(values))
    return record
  }

  private static func row(_ values: [Value]) -> Row {
    let row = Row.nulls(values.count)
    for (slot, value) in values.enumerated() { row.values[slot] = value }
    return row
  }

  private static func map(_ entries: [(String, Value)]) -> Value {
    guard let map = MapValue(entries.map { (key: .string($0.0), value: $0.1) }) else {
      preconditionFailure("a key twice")
    }
    return .map(map)
  }

  // MARK: RecordHost

  func load(_ record: Record) {}
  func record(_ type: RecordType, _ id: String) -> Record {
    suppliers.record(id).takeUnretainedValue()
  }
  func lent(_ type: RecordType, _ id: String) -> Unmanaged<Record> { suppliers.record(id) }
  func related(_ record: Record, _ relation: RecordField.Relation) -> Value {
    lines[record.id] ?? .list([])
  }
  func all(_ type: RecordType) -> [Value] { [] }
  func fate(of record: Record) -> String { "deleted" }
}
