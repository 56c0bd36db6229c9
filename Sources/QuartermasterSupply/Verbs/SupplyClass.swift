/// The names of the classes that the verbs write to besides the record that they are about.
enum SupplyClass {
  static let purchaseOrder = "PurchaseOrder"
  static let purchaseOrderLine = "PurchaseOrderLine"
  static let inventory = "Inventory"
  static let stockMovement = "StockMovement"
  static let shipment = "Shipment"
  static let orderLine = "OrderLine"
}
