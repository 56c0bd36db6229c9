public import QuartermasterCEL

extension VerbContext {
  /// Returns whether a class of the schema has a field, stored or not, or a relation of this name.
  public func has(_ className: String, _ field: String) -> Bool {
    schema[className]?.recordType.fields[field] != nil
  }

  /// Returns an Integer field; null is 0.
  public func integer(_ record: Record, _ field: String) throws(Refusal) -> Int64 {
    switch try value(record, field) {
    case .int(let number): return number
    case .null: return 0
    case let other: throw wrongKind(record, field, "an Integer", other)
    }
  }

  /// Returns a Decimal or Integer field, or nil for null.
  public func decimal(_ record: Record, _ field: String) throws(Refusal) -> ExactDecimal? {
    switch try value(record, field) {
    case .decimal(let number): return number
    case .int(let number): return ExactDecimal(number)
    case .null: return nil
    case let other: throw wrongKind(record, field, "a Decimal", other)
    }
  }

  /// Returns a String field, or nil for null.
  public func text(_ record: Record, _ field: String) throws(Refusal) -> String? {
    switch try value(record, field) {
    case .string(let text): return text
    case .null: return nil
    case let other: throw wrongKind(record, field, "a String", other)
    }
  }

  /// Returns a Boolean field; null is false.
  public func flag(_ record: Record, _ field: String) throws(Refusal) -> Bool {
    switch try value(record, field) {
    case .bool(let flag): return flag
    case .null: return false
    case let other: throw wrongKind(record, field, "a Boolean", other)
    }
  }

  /// Returns a Date field, or nil for null.
  public func instant(_ record: Record, _ field: String) throws(Refusal) -> Timestamp? {
    switch try value(record, field) {
    case .timestamp(let instant): return instant
    case .null: return nil
    case let other: throw wrongKind(record, field, "a Date", other)
    }
  }

  /// Returns a Duration field, or nil for null.
  public func span(_ record: Record, _ field: String) throws(Refusal) -> TimeSpan? {
    switch try value(record, field) {
    case .duration(let span): return span
    case .null: return nil
    case let other: throw wrongKind(record, field, "a Duration", other)
    }
  }

  /// Returns the record that a pointer leads to, or nil for null.
  public func pointer(_ record: Record, _ field: String) throws(Refusal) -> Record? {
    switch try value(record, field) {
    case .record(let target): return target
    case .null: return nil
    case let other: throw wrongKind(record, field, "a pointer", other)
    }
  }

  private func wrongKind(
    _ record: Record, _ field: String, _ wanted: String, _ found: Value
  ) -> Refusal {
    Refusal(.schema, "\(record.type.name).\(field) must be \(wanted), not \(found.kindText)")
  }
}

extension VerbCall {
  /// Returns an Integer argument, or nil when it was not given or is null.
  public func integer(_ name: String) throws(Refusal) -> Int64? {
    switch arguments[name] {
    case .int(let number)?: return number
    case .null?, nil: return nil
    case let other?: throw wrongKind(name, "an Integer", other)
    }
  }

  /// Returns a String argument, or nil when it was not given or is null.
  public func text(_ name: String) throws(Refusal) -> String? {
    switch arguments[name] {
    case .string(let text)?: return text
    case .null?, nil: return nil
    case let other?: throw wrongKind(name, "a text", other)
    }
  }

  /// Returns a Date argument, or nil when it was not given or is null.
  public func instant(_ name: String) throws(Refusal) -> Timestamp? {
    switch arguments[name] {
    case .timestamp(let instant)?: return instant
    case .null?, nil: return nil
    case let other?: throw wrongKind(name, "a Date", other)
    }
  }

  /// Returns a record that was given as an argument, or nil when it was not given or is null.
  public func record(_ name: String) throws(Refusal) -> Record? {
    switch arguments[name] {
    case .record(let record)?: return record
    case .null?, nil: return nil
    case let other?: throw wrongKind(name, "a record", other)
    }
  }

  /// Returns the record that the verb is about.
  ///
  /// - Throws: ``Refusal`` when the verb was called without one.
  public func requiredTarget() throws(Refusal) -> Record {
    if let target { return target }
    throw Refusal(.error, "\(verb) needs a record that it is about")
  }

  private func wrongKind(_ name: String, _ wanted: String, _ found: Value) -> Refusal {
    Refusal(.error, "\(verb): \(name) must be \(wanted), not \(found.kindText)")
  }
}
