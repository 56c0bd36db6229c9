public import QuartermasterCEL
public import QuartermasterCore

/// A company that products are bought from.
public struct Supplier: StoredRecord {
  public static let className = "Supplier"

  /// The id.
  public let id: String
  /// What it is called.
  public let name: String
  /// Where orders and questions go.
  public let contactEmail: String?
  /// The number to call.
  public let phone: String?
  /// The postal address.
  public let address: String?
  /// How long it takes to deliver, where an offer does not say.
  public let leadTime: TimeSpan?
  /// The currency of its prices, three letters.
  public let currency: String
  /// The least that it delivers, in its currency.
  public let minimumOrder: ExactDecimal
  /// Whether anything is bought from it.
  public let isActive: Bool

  /// Makes a value from a record.
  public init(record: RecordReader) throws {
    id = record.id
    name = try record["name"]
    contactEmail = try record["contactEmail"]
    phone = try record["phone"]
    address = try record["address"]
    leadTime = try record["leadTime"]
    currency = try record["currency"]
    minimumOrder = try record["minimumOrder"]
    isActive = try record["active"]
  }
}

/// What a supplier asks for a product.
public struct SupplierProduct: StoredRecord {
  public static let className = "SupplierProduct"

  /// The id.
  public let id: String
  /// The supplier.
  public let supplier: Reference<Supplier>
  /// The product.
  public let product: Reference<Product>
  /// The price of one.
  public let price: ExactDecimal
  /// The least that it sells.
  public let minimumQuantity: Int64
  /// How many come in a pack, where it is not as the product says.
  public let packSize: Int64?
  /// How long it takes, where it is not as the supplier says.
  public let leadTime: TimeSpan?
  /// Whether it is asked before cheaper ones.
  public let isPreferred: Bool

  /// Makes a value from a record.
  public init(record: RecordReader) throws {
    id = record.id
    supplier = try record["supplier"]
    product = try record["product"]
    price = try record["price"]
    minimumQuantity = try record["minimumQuantity"]
    packSize = try record["packSize"]
    leadTime = try record["leadTime"]
    isPreferred = try record["preferred"]
  }
}

/// What is ordered from a supplier.
public struct PurchaseOrder: StoredRecord {
  public static let className = "PurchaseOrder"

  /// The id.
  public let id: String
  /// Our number.
  public let number: String
  /// The supplier.
  public let supplier: Reference<Supplier>
  /// `draft`, `approved`, `sent`, `partial`, `received` or `cancelled`.
  public let status: String
  /// Where it is to be delivered, if not here.
  public let destination: String?
  /// When it was sent.
  public let orderDate: Timestamp?
  /// When all of it should be in.
  public let expectedAt: Timestamp?
  /// When something on it is needed.
  public let neededBy: Timestamp?
  /// The currency of its prices, three letters.
  public let currency: String
  /// How many lines it has.
  public let lineCount: Int64
  /// How many lines have no price yet.
  public let unpriced: Int64
  /// What all lines come to.
  public let totalAmount: ExactDecimal

  /// Makes a value from a record.
  public init(record: RecordReader) throws {
    id = record.id
    number = try record["number"]
    supplier = try record["supplier"]
    status = try record["status"]
    destination = try record["destination"]
    orderDate = try record["orderDate"]
    expectedAt = try record["expectedAt"]
    neededBy = try record["neededBy"]
    currency = try record["currency"]
    lineCount = try record["lineCount"]
    unpriced = try record["unpriced"]
    totalAmount = try record["totalAmount"]
  }
}

/// A product on a purchase order.
public struct PurchaseOrderLine: StoredRecord {
  public static let className = "PurchaseOrderLine"

  /// The id.
  public let id: String
  /// The order.
  public let order: Reference<PurchaseOrder>
  /// The product.
  public let product: Reference<Product>
  /// How many are ordered.
  public let quantity: Int64
  /// How many came.
  public let received: Int64
  /// How many are still to come.
  public let open: Int64
  /// The price of one, where it is known.
  public let price: ExactDecimal?
  /// What the line comes to; 0 without a price.
  public let amount: ExactDecimal
  /// Why it is there: one entry for each time that something was added.
  public let origins: [Origin]

  /// Makes a value from a record.
  public init(record: RecordReader) throws {
    id = record.id
    order = try record["order"]
    product = try record["product"]
    quantity = try record["quantity"]
    received = try record["received"]
    open = try record["open"]
    price = try record["price"]
    amount = try record["amount"]
    origins = try record["origins"]
  }
}
