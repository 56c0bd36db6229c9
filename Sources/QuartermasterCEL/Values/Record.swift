/// One version of a record's values.
///
/// Never changed once it is published: a write makes a new row, so a row that somebody kept is a
/// version.
///
/// The values stand behind the object itself, in one piece of memory: rows are what a change makes most of.
public final class Row: ManagedBuffer<Int, Value> {
  /// The values by slot: strings for pointers (the id), the stored form for all else.
  @inlinable @inline(__always)
  package var values: UnsafeMutablePointer<Value> { withUnsafeMutablePointerToElements { $0 } }

  /// How many values there are.
  @inlinable @inline(__always)
  package var count: Int { withUnsafeMutablePointerToHeader { $0.pointee } }

  /// Returns a row of nulls; the maker fills it before anyone else sees it.
  package static func nulls(_ count: Int) -> Row {
    let row = room(count)
    row.values.initialize(repeating: .null, count: count)
    return row
  }

  /// Returns a copy of a row, to be changed by its maker.
  package static func copy(_ row: Row) -> Row {
    let count = row.count
    let copy = room(count)
    copy.values.initialize(from: row.values, count: count)
    return copy
  }

  /// Returns a row whose values its caller initializes before anything else.
  @inline(__always)
  private static func room(_ count: Int) -> Row {
    // What `create` makes is of the class that it is asked of.
    unsafeDowncast(Row.create(minimumCapacity: count) { _ in count }, to: Row.self)
  }

  deinit { values.deinitialize(count: count) }
}

/// A record in memory.
///
/// A live one is unique per class and id while an operation runs, so that a live reference is a
/// pointer; a pinned one is a version (`old`, `new`) that no write changes. Used by one thread at a
/// time.
public final class Record: @unchecked Sendable {
  /// What is known of a record's row.
  @usableFromInline package enum State {
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
  // for exclusive access would cost more than the read. Other modules read them through the properties below, for a
  // stored property of another module is checked whatever stands here.
  @exclusivity(unchecked) @usableFromInline package private(set) var currentState: State
  @exclusivity(unchecked) @usableFromInline package private(set) var currentRow: Row?
  @exclusivity(unchecked) @usableFromInline package private(set) var currentValues:
    UnsafeMutablePointer<Value>
  @exclusivity(unchecked) @usableFromInline package var knownRowNumber: Int64 = 0
  @exclusivity(unchecked) @usableFromInline package var knownPlace = -1

  /// What is known of the row.
  @inlinable @inline(__always)
  package var state: State { currentState }

  /// The row, when ``state`` is live or pinned.
  @inlinable @inline(__always)
  package var row: Row? { currentRow }

  /// The values of ``row``; only read when ``state`` is live or pinned.
  @inlinable @inline(__always)
  package var values: UnsafeMutablePointer<Value> { currentValues }

  /// Whether the current row is there.
  @inlinable @inline(__always)
  package var isLive: Bool { if case .live = currentState { true } else { false } }

  /// Whether the row was not read yet.
  @inlinable @inline(__always)
  package var isUnloaded: Bool { if case .unloaded = currentState { true } else { false } }

  /// Whether there is no such record any more.
  @inlinable @inline(__always)
  package var isDeleted: Bool { if case .deleted = currentState { true } else { false } }

  /// Whether this is one version, for good.
  @inlinable @inline(__always)
  package var isPinned: Bool { if case .pinned = currentState { true } else { false } }

  /// The number of the row in its table; 0 where it is not known.
  @inlinable @inline(__always)
  package var rowNumber: Int64 {
    get { knownRowNumber }
    set { knownRowNumber = newValue }
  }

  /// The place of the record among those whose row the file does not have yet; -1 for none.
  @inlinable @inline(__always)
  package var behindPlace: Int {
    get { knownPlace }
    set { knownPlace = newValue }
  }

  /// The relations that the host knows already; only those of the live record that it gives for the id.
  @exclusivity(unchecked) package var relations: KnownRelations?

  /// Creates a record that is not loaded yet.
  package init(type: RecordType, id: String) {
    self.type = type
    self.id = id
    currentState = .unloaded
    currentValues = Record.nothing
  }

  /// Creates a record pinned to a version.
  package init(type: RecordType, id: String, pinned row: Row) {
    self.type = type
    self.id = id
    currentRow = row
    currentValues = row.values
    currentState = .pinned
  }

  /// Makes a row the current one; nil says that the record is deleted (or is not there).
  package func become(_ row: Row?) {
    currentRow = row
    currentValues = row?.values ?? Record.nothing
    currentState = row == nil ? .deleted : .live
  }

  /// Forgets the row, so that the next read loads it.
  package func forget() {
    currentRow = nil
    currentValues = Record.nothing
    currentState = .unloaded
    knownRowNumber = 0
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
