public import QuartermasterCEL
public import QuartermasterCore

/// Somebody who buys.
public struct Customer: StoredRecord {
  public static let className = "Customer"

  /// The id.
  public let id: String
  /// What the customer is called.
  public let name: String
  /// The address for messages.
  public let email: String?
  /// Where parcels go.
  public let address: String?
  /// The login, if there is one.
  public let user: Reference<User>?

  /// Makes a value from a record.
  public init(record: RecordReader) throws {
    id = record.id
    name = try record["name"]
    email = try record["email"]
    address = try record["address"]
    user = try record["user"]
  }
}

/// What a customer ordered.
public struct Order: StoredRecord {
  public static let className = "Order"

  /// The id.
  public let id: String
  /// Our number.
  public let number: String
  /// The customer's own number.
  public let reference: String?
  /// Who ordered.
  public let customer: Reference<Customer>
  /// `pending`, `paid`, `backordered`, `allocated`, `shipped`, `delivered` or `cancelled`.
  public let status: String
  /// Whether a person must release it before it ships.
  public let isHeld: Bool
  /// When it was ordered.
  public let orderDate: Timestamp?
  /// When it is wanted.
  public let deliveryDate: Timestamp?
  /// What all lines come to.
  public let totalAmount: ExactDecimal
  /// How many goods wait for stock.
  public let backordered: Int64

  /// Makes a value from a record.
  public init(record: RecordReader) throws {
    id = record.id
    number = try record["number"]
    reference = try record["reference"]
    customer = try record["customer"]
    status = try record["status"]
    isHeld = try record["held"]
    orderDate = try record["orderDate"]
    deliveryDate = try record["deliveryDate"]
    totalAmount = try record["totalAmount"]
    backordered = try record["backordered"]
  }
}

/// A product on a customer's order.
public struct OrderLine: StoredRecord {
  public static let className = "OrderLine"

  /// The id.
  public let id: String
  /// The order.
  public let order: Reference<Order>
  /// The product.
  public let product: Reference<Product>
  /// How many were ordered.
  public let quantity: Int64
  /// The price of one.
  public let price: ExactDecimal
  /// How many were set aside, those that left included.
  public let allocated: Int64
  /// How many wait for stock.
  public let backordered: Int64
  /// How many left.
  public let shipped: Int64
  /// What the line comes to.
  public let amount: ExactDecimal

  /// Makes a value from a record.
  public init(record: RecordReader) throws {
    id = record.id
    order = try record["order"]
    product = try record["product"]
    quantity = try record["quantity"]
    price = try record["price"]
    allocated = try record["allocated"]
    backordered = try record["backordered"]
    shipped = try record["shipped"]
    amount = try record["amount"]
  }
}

/// A parcel of an order.
public struct Shipment: StoredRecord {
  public static let className = "Shipment"

  /// The id.
  public let id: String
  /// The order.
  public let order: Reference<Order>
  /// Who carries it.
  public let carrier: String?
  /// The carrier's number.
  public let trackingNumber: String?
  /// `packed`, `shipped`, `out-for-delivery` or `delivered`.
  public let status: String

  /// Makes a value from a record.
  public init(record: RecordReader) throws {
    id = record.id
    order = try record["order"]
    carrier = try record["carrier"]
    trackingNumber = try record["trackingNumber"]
    status = try record["status"]
  }
}

/// A parcel on its way, as the carrier reports it.
public struct Delivery: StoredRecord {
  public static let className = "Delivery"

  /// The id.
  public let id: String
  /// The order.
  public let order: Reference<Order>
  /// `scheduled`, `on-the-way`, `failed` or `delivered`.
  public let status: String
  /// Where it was seen: its latitude and longitude.
  public let location: MapValue?

  /// Makes a value from a record.
  public init(record: RecordReader) throws {
    id = record.id
    order = try record["order"]
    status = try record["status"]
    location = try record["location"]
  }
}
