internal import QuartermasterCEL

/// A type of a host that is made from the records of one class.
///
/// ```swift
/// struct Bin: StoredRecord {
///   static let className = "Bin"
///   let id: String
///   let code: String
///   let location: String?
///   let currentLoad: Int64
///
///   init(record: RecordReader) throws {
///     id = record.id
///     code = try record["code"]
///     location = try record["location"]
///     currentLoad = try record["currentLoad"]
///   }
/// }
///
/// let bins = try engine.read { db in try db.all(Bin.self) }
/// ```
///
/// Unlike ``Record``, which is the engine's own and must not leave the body of a read or a write, such a value is a
/// copy that may go anywhere.
public protocol StoredRecord: Sendable {
  /// The name of the class in the schema.
  static var className: String { get }

  /// Makes a value from a record.
  ///
  /// - Throws: ``Refusal`` when a field is missing or has another type.
  init(record: RecordReader) throws
}

/// The fields of one record by name, as the types of a host.
public struct RecordReader {
  private let record: Record
  private let fields: FieldReader

  init(_ record: Record, _ fields: FieldReader) {
    self.record = record
    self.fields = fields
  }

  /// The id.
  public var id: String { record.id }

  /// The value of a field: stored, computed or rolled up.
  ///
  /// - Throws: ``Refusal`` when there is no such field, or when its value has another type. Null is read as an optional.
  public subscript<T: FieldValue>(_ field: String) -> T {
    get throws(Refusal) {
      let value = try fields.value(of: record, field)
      if let converted = T(fieldValue: value) { return converted }
      throw Refusal(
        .schema,
        "\(record.type.name).\(field) of \(record.id) is \(value.kindText), not \(T.fieldKind)")
    }
  }
}

/// A pointer to a record of a class, as its id; `find` follows it.
public struct Reference<Target: StoredRecord>: Hashable, Sendable {
  /// The id of the record.
  public let id: String

  /// Creates a pointer to the record of an id.
  public init(_ id: String) { self.id = id }
}
