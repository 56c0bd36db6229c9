/// The files of the template `warehouse-ops`, as they lie in the binary.
package enum WarehouseOpsTemplate {
  /// The files by their path below the template's folder.
  package static let files: [(path: String, text: [UInt8])] = [
    ("README.md", PackageResources.README_md),
    ("access.yaml", PackageResources.access_yaml),
    ("data/day.jsonl", PackageResources.day_jsonl),
    ("quartermaster.yaml", PackageResources.quartermaster_yaml),
    ("rules/bins.yaml", PackageResources.bins_yaml),
    ("rules/orders.yaml", PackageResources.orders_yaml),
    ("rules/people.yaml", PackageResources.people_yaml),
    ("rules/shipments.yaml", PackageResources.shipments_yaml),
    ("rules/stock.yaml", PackageResources.stock_yaml),
    ("schema.yaml", PackageResources.schema_yaml),
  ]
}
