/// The files of the template `order-fulfillment`, as they lie in the binary.
package enum OrderFulfillmentTemplate {
  /// The files by their path below the template's folder.
  package static let files: [(path: String, text: [UInt8])] = [
    ("README.md", PackageResources.README_md),
    ("access.yaml", PackageResources.access_yaml),
    ("data/day.jsonl", PackageResources.day_jsonl),
    ("quartermaster.yaml", PackageResources.quartermaster_yaml),
    ("rules/checkout.yaml", PackageResources.checkout_yaml),
    ("rules/delivery.yaml", PackageResources.delivery_yaml),
    ("rules/messages.yaml", PackageResources.messages_yaml),
    ("rules/people.yaml", PackageResources.people_yaml),
    ("schema.yaml", PackageResources.schema_yaml),
  ]
}
