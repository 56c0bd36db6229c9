internal import Foundation
public import QuartermasterCEL
public import QuartermasterCore
internal import QuartermasterOrderFulfillmentTemplate
internal import QuartermasterSupplierOrderingTemplate
internal import QuartermasterSupplyTemplate
internal import QuartermasterWarehouseOpsTemplate

/// The files from which a project starts: schema, settings, rules and their tests.
public struct ProjectTemplate: Sendable {
  /// The name, as `new --template` takes it.
  public let name: String
  /// What it is for, in a sentence.
  public let summary: String
  /// The files by their path below the project's folder, in order.
  public let files: [(path: String, text: String)]

  /// Creates a template.
  public init(name: String, summary: String, files: [(path: String, text: String)]) {
    self.name = name
    self.summary = summary
    self.files = files
  }

  /// Creates a template from files that lie in the binary.
  init(name: String, summary: String, embedded: [(path: String, text: [UInt8])]) {
    self.init(
      name: name, summary: summary,
      files: embedded.map { ($0.path, String(decoding: $0.text, as: UTF8.self)) })
  }

  /// The whole of a trading company: purchasing, stock, customers' orders and shipments.
  public static let supply = ProjectTemplate(
    name: "supply",
    summary: "Suppliers, products, stock, purchase orders, customers' orders and shipments",
    embedded: SupplyTemplate.files)

  /// Buying by thresholds: a draft for each supplier, sent and received.
  public static let supplierOrdering = ProjectTemplate(
    name: "supplier-ordering",
    summary: "Suppliers, inventory with thresholds, and purchase orders that write themselves",
    embedded: SupplierOrderingTemplate.files)

  /// A shop: checkout, parcels, deliveries, and what customers hear of them.
  public static let orderFulfillment = ProjectTemplate(
    name: "order-fulfillment",
    summary: "Customers' orders from checkout to delivery, with messages at each step",
    embedded: OrderFulfillmentTemplate.files)

  /// A warehouse: bins with a capacity, picking, and shipments.
  public static let warehouseOps = ProjectTemplate(
    name: "warehouse-ops",
    summary: "Bins, what lies in them, orders that are picked from them, and shipments",
    embedded: WarehouseOpsTemplate.files)

  /// All templates, the one that `new` takes by itself first.
  public static let all = [supply, supplierOrdering, orderFulfillment, warehouseOps]

  /// Returns the template of a name, or nil.
  public static func named(_ name: String) -> ProjectTemplate? { all.first { $0.name == name } }

  /// Returns the project that the files make.
  ///
  /// - Throws: All that is wrong with schema and settings.
  public func project() throws(DiagnosticList) -> Project {
    try Project.load(name: name, files: files)
  }

  /// Writes the files into a folder, which is made when it is not there.
  ///
  /// - Returns: The paths of the files that were written, below the folder.
  /// - Throws: ``Refusal`` when a file of the template is there already; then nothing is written. What the file
  ///   system says when it cannot write.
  @discardableResult
  public func write(to folder: String) throws -> [String] {
    let base = URL(fileURLWithPath: folder, isDirectory: true)
    for file in files {
      let path = base.appendingPathComponent(file.path).path
      if FileManager.default.fileExists(atPath: path) {
        throw Refusal(.storage, "\(path) is there already; choose a folder without a project")
      }
    }
    for file in files {
      let url = base.appendingPathComponent(file.path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(file.text.utf8).write(to: url)
    }
    return files.map(\.path)
  }
}

extension TemplateLibrary {
  /// The templates that are built in.
  public static let shipped = TemplateLibrary(names: ProjectTemplate.all.map(\.name)) { name in
    ProjectTemplate.named(name)?.files
  }
}
