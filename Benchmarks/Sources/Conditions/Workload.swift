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
  private let suppliers = RecordTable()
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
        RecordField(name: "stock", type: .record("Stock"), access: .pointer(slot: 2, target: stock)),
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

    var records: [Record] = []
    var named: [[String: Value]] = []
    for k in 0..<Self.count {
      let id = "s\(k)"
      suppliers.insert(Self.record(supplier, id, [.string("S\(k)"), .bool(true)]))
      let items = (0..<20).map { j -> (qty: Int64, sku: String) in
        let number = String(String(20 * k + j + 10_000).dropFirst())
        return j < 19 ? (Int64((7 * j + k) % 21), "B" + number) : (Int64(12 + k % 5), "A" + number)
      }
      lines["r\(k)"] = .list(
        items.enumerated().map { place, entry in
          .record(Self.record(item, "\(k).\(place)", [.int(entry.qty), .string(entry.sku), .string("r\(k)")]))
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
            .int(quantity), .int(25), .string(category), .double(price), .int(qty), .string(id), data,
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
    let row = Row(count: values.count)
    for (slot, value) in values.enumerated() { row.values[slot] = value }
    let record = Record(type: type, id: id)
    record.become(row)
    return record
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
    suppliers.find(id)
  }
  func related(_ record: Record, _ relation: RecordField.Relation) -> Value { lines[record.id] ?? .list([]) }
  func all(_ type: RecordType) -> [Value] { [] }
  func fate(of record: Record) -> String { "deleted" }
}

/// Records by id, found as the store finds them: by a hash of the bytes, in a table of its own.
private struct RecordTable {
  private let hashes = UnsafeMutablePointer<UInt64>.allocate(capacity: 256)
  private let records = UnsafeMutablePointer<Unmanaged<Record>?>.allocate(capacity: 256)

  init() {
    hashes.initialize(repeating: 0, count: 256)
    records.initialize(repeating: nil, count: 256)
  }

  func insert(_ record: Record) {
    var id = record.id
    let hash = id.withUTF8(Self.hash)
    var place = Int(truncatingIfNeeded: hash & 255)
    while records[place] != nil { place = (place + 1) & 255 }
    (hashes[place], records[place]) = (hash, Unmanaged.passRetained(record))
  }

  func find(_ id: String) -> Record {
    var id = id
    return id.withUTF8 { bytes in
      let hash = Self.hash(bytes)
      var place = Int(truncatingIfNeeded: hash & 255)
      while let record = records[place] {
        if hashes[place] == hash, record._withUnsafeGuaranteedRef({ Self.has($0, bytes) }) {
          return record.takeUnretainedValue()
        }
        place = (place + 1) & 255
      }
      preconditionFailure("no such record")
    }
  }

  private static func has(_ record: Record, _ id: UnsafeBufferPointer<UInt8>) -> Bool {
    var own = record.id
    return own.withUTF8 { $0.count == id.count && $0.elementsEqual(id) }
  }

  private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    hash ^= hash >> 32
    hash = hash &* 0xd6e8_feb8_6659_fd93
    return hash ^ (hash >> 32)
  }
}
