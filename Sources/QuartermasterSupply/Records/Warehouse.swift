public import QuartermasterCEL
public import QuartermasterCore

/// What is bought, kept and sold.
public struct Product: StoredRecord {
  public static let className = "Product"

  /// The id.
  public let id: String
  /// The number under which it is kept.
  public let sku: String
  /// What it is called.
  public let name: String
  /// What kind of product it is.
  public let category: String?
  /// Where it comes from unless an offer says better.
  public let supplier: Reference<Supplier>
  /// What it is sold for.
  public let price: ExactDecimal
  /// What is paid for it where no offer has a price.
  public let cost: ExactDecimal?
  /// How many come in a pack.
  public let packSize: Int64
  /// Whether it is bought again.
  public let isActive: Bool
  /// It is bought when what is projected falls to this.
  public let reorderPoint: Int64
  /// It is bought up to this.
  public let orderUpTo: Int64
  /// How many lie in all bins.
  public let onHand: Int64
  /// How many of these are promised.
  public let reserved: Int64
  /// How many are still to come; those on drafts count.
  public let onOrder: Int64
  /// How many customers wait for.
  public let backordered: Int64
  /// What will be there: on hand and on order, less what is promised.
  public let projected: Int64

  /// Makes a value from a record.
  public init(record: RecordReader) throws {
    id = record.id
    sku = try record["sku"]
    name = try record["name"]
    category = try record["category"]
    supplier = try record["supplier"]
    price = try record["price"]
    cost = try record["cost"]
    packSize = try record["packSize"]
    isActive = try record["active"]
    reorderPoint = try record["reorderPoint"]
    orderUpTo = try record["orderUpTo"]
    onHand = try record["onHand"]
    reserved = try record["reserved"]
    onOrder = try record["onOrder"]
    backordered = try record["backordered"]
    projected = try record["projected"]
  }
}

/// A place in the warehouse.
public struct Bin: StoredRecord {
  public static let className = "Bin"

  /// The id.
  public let id: String
  /// What stands on it.
  public let code: String
  /// Where it is.
  public let location: String?
  /// How much it holds.
  public let capacity: Int64
  /// How much lies in it.
  public let currentLoad: Int64

  /// Makes a value from a record.
  public init(record: RecordReader) throws {
    id = record.id
    code = try record["code"]
    location = try record["location"]
    capacity = try record["capacity"]
    currentLoad = try record["currentLoad"]
  }
}

/// A product in a bin.
public struct Inventory: StoredRecord {
  public static let className = "Inventory"

  /// The id.
  public let id: String
  /// The product.
  public let product: Reference<Product>
  /// The bin, if it has one.
  public let bin: Reference<Bin>?
  /// How many lie there.
  public let quantity: Int64
  /// How many of these are promised.
  public let reserved: Int64
  /// How many are not; negative when a count found less than is promised.
  public let available: Int64

  /// Makes a value from a record.
  public init(record: RecordReader) throws {
    id = record.id
    product = try record["product"]
    bin = try record["bin"]
    quantity = try record["quantity"]
    reserved = try record["reserved"]
    available = try record["available"]
  }
}

/// What came into a bin or went out of it.
public struct StockMovement: StoredRecord {
  public static let className = "StockMovement"

  /// The id.
  public let id: String
  /// The product in its bin.
  public let inventory: Reference<Inventory>
  /// `receipt`, `shipment` or `correction`.
  public let kind: String
  /// How many came; negative for those that went.
  public let quantity: Int64
  /// The number of the order, or what a person wrote.
  public let reason: String?

  /// Makes a value from a record.
  public init(record: RecordReader) throws {
    id = record.id
    inventory = try record["inventory"]
    kind = try record["kind"]
    quantity = try record["quantity"]
    reason = try record["reason"]
  }
}
