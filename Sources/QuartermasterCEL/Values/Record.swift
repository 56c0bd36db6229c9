/// One version of a record's values.
///
/// Never changed once it is published: a write makes a new row, so a row that somebody kept is a
/// version.
public final class Row: @unchecked Sendable {
  /// The values by slot: strings for pointers (the id), the stored form for all else.
  package let values: UnsafeMutablePointer<Value>
  /// How many values there are.
  package let count: Int

  /// Creates a row of nulls; the maker fills it before anyone else sees it.
  package init(count: Int) {
    self.count = count
    values = .allocate(capacity: count)
    values.initialize(repeating: .null, count: count)
  }

  /// Creates a copy of a row, to be changed by its maker.
  package init(copying row: Row) {
    count = row.count
    values = .allocate(capacity: count)
    values.initialize(from: row.values, count: count)
  }

  deinit {
    values.deinitialize(count: count)
    values.deallocate()
  }
}

/// A record in memory.
///
/// A live one is unique per class and id while an operation runs, so that a live reference is a
/// pointer; a pinned one is a version (`old`, `new`) that no write changes. Used by one thread at a
/// time.
public final class Record: @unchecked Sendable {
  /// What is known of a record's row.
  package enum State: UInt8 {
    /// The row was not read yet; reading a field asks the host to load it.
    case unloaded
    /// ``Record/row`` is the current row.
    case live
    /// ``Record/row`` is one version, for good.
    case pinned
    /// There is no such record any more.
    case deleted
  }

  /// The class.
  public let type: RecordType
  /// The id, unique within the class.
  public let id: String
  // One thread uses a record at a time, and nothing holds on to one of these while it calls out: checking each read
  // for exclusive access would cost more than the read.
  /// What is known of the row.
  @exclusivity(unchecked) package private(set) var state: State
  /// The row, when ``state`` is live or pinned.
  @exclusivity(unchecked) package private(set) var row: Row?
  /// The values of ``row``; only read when ``state`` is live or pinned.
  @exclusivity(unchecked) package private(set) var values: UnsafeMutablePointer<Value>

  /// The number of the row in its table; 0 where it is not known.
  @exclusivity(unchecked) package var rowNumber: Int64 = 0
  /// The relations that the host knows already; only those of the live record that it gives for the id.
  @exclusivity(unchecked) package var relations: KnownRelations?

  /// Creates a record that is not loaded yet.
  package init(type: RecordType, id: String) {
    self.type = type
    self.id = id
    state = .unloaded
    values = Record.nothing
  }

  /// Creates a record pinned to a version.
  package init(type: RecordType, id: String, pinned row: Row) {
    self.type = type
    self.id = id
    self.row = row
    values = row.values
    state = .pinned
  }

  /// Makes a row the current one; nil says that the record is deleted (or is not there).
  package func become(_ row: Row?) {
    self.row = row
    values = row?.values ?? Record.nothing
    state = row == nil ? .deleted : .live
  }

  /// Forgets the row, so that the next read loads it.
  package func forget() {
    row = nil
    values = Record.nothing
    state = .unloaded
    rowNumber = 0
    relations = nil
  }

  /// Where the values of a record without a row would be.
  ///
  /// Never read.
  private nonisolated(unsafe) static let nothing: UnsafeMutablePointer<Value> = {
    let place = UnsafeMutablePointer<Value>.allocate(capacity: 1)
    place.initialize(to: .null)
    return place
  }()
}

/// What an evaluation asks of the store: rows, relations and whole classes.
///
/// One per operation or read.
///
/// A host holds every record that it gave out, and the row that is its current one, as long as an evaluation runs:
/// nodes read the values where they stand.
package protocol RecordHost: AnyObject {
  /// Loads the row of an unloaded record; afterwards its state is live or deleted.
  func load(_ record: Record) throws(EvaluationError)
  /// Returns the live record of a class and an id, loaded or not, whether it is there or not.
  func record(_ type: RecordType, _ id: String) -> Record
  /// Returns the same without a count: the host holds it as long as the evaluation runs.
  func lent(_ type: RecordType, _ id: String) -> Unmanaged<Record>
  /// The records in memory by the place of their class, for who follows pointers all the time; nil where a host keeps
  /// them in another way. They stay where they are as long as the host is there.
  var recordMaps: UnsafePointer<Unmanaged<RecordMap>>? { get }
  /// Returns the records that point at a record, in key order; a record or null when the relation is unique.
  func related(_ record: Record, _ relation: RecordField.Relation) throws(EvaluationError) -> Value
  /// Returns all records of a class in key order.
  func all(_ type: RecordType) throws(EvaluationError) -> [Value]
  /// Says what became of a deleted record, for the message of an error: `deleted by rule close-order`.
  func fate(of record: Record) -> String
  /// Whether somebody, on another thread, wants the evaluation to end; asked every few thousand steps of macros.
  var isInterrupted: Bool { get }
}

extension RecordHost {
  package var isInterrupted: Bool { false }
}

extension RecordHost {
  package var recordMaps: UnsafePointer<Unmanaged<RecordMap>>? { nil }

  package func lent(_ type: RecordType, _ id: String) -> Unmanaged<Record> {
    Unmanaged.passUnretained(record(type, id))
  }
}
