/// The files of the template `supply`, as they lie in the binary.
package enum SupplyTemplate {
  /// The files by their path below the template's folder.
  package static let files: [(path: String, text: [UInt8])] = [
    ("quartermaster.yaml", PackageResources.quartermaster_yaml),
    ("schema.yaml", PackageResources.schema_yaml),
  ]
}
