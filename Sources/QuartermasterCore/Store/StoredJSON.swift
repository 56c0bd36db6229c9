internal import QuartermasterCEL

/// Lists, objects and places as JSON text in a column.
enum StoredJSON {
  static func text(of value: Value) throws(Refusal) -> String { "null" }

  static func value(of text: UnsafeBufferPointer<UInt8>, in session: StoreSession)
    throws(Refusal) -> Value
  { .null }
}
