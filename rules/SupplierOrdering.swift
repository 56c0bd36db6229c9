/// The files of the template `supplier-ordering`, as they lie in the binary.
package enum SupplierOrderingTemplate {
  /// The files by their path below the template's folder.
  package static let files: [(path: String, text: [UInt8])] = [
    ("README.md", PackageResources.README_md),
    ("access.yaml", PackageResources.access_yaml),
    ("data/day.jsonl", PackageResources.day_jsonl),
    ("quartermaster.yaml", PackageResources.quartermaster_yaml),
    ("rules/orders.yaml", PackageResources.orders_yaml),
    ("rules/people.yaml", PackageResources.people_yaml),
    ("rules/purchasing.yaml", PackageResources.purchasing_yaml),
    ("rules/stock.yaml", PackageResources.stock_yaml),
    ("schema.yaml", PackageResources.schema_yaml),
  ]
}
