extension EvaluationError.Code {
  /// What went wrong, in a sentence or two.
  public var explanation: String {
    switch self {
    case .overflow: "A result does not fit its type: an integer of 64 bits, a decimal, a time."
    case .divisionByZero:
      "An integer or a decimal was divided by zero. Doubles give infinity or NaN."
    case .noSuchOverload:
      "A function or an operator was given values of types that it does not take."
    case .noSuchKey: "A map has no such key, or an optional value is not there."
    case .noSuchField: "The value has no field of this name, or none at all."
    case .unknownName: "A name has no value: it was not declared, or not given."
    case .unknownFunction: "There is no function of this name. The checker finds this before."
    case .indexOutOfRange: "A position is outside a list or a text."
    case .invalidArgument:
      "A value is of the right type and still wrong: a text that is no number, a bad pattern."
    case .duplicateKey: "A map would have the same key twice."
    case .nullValue: "Null stands where a value is needed."
    case .deletedRecord: "The record was deleted while a reference to it was still in use."
    case .limit:
      "The evaluation, or a result, became larger than it may. `&&` and `||` do not absorb this."
    case .interrupted: "Whoever runs the evaluation ended it. Not absorbed."
    case .storage: "The store could not be read. Not absorbed."
    }
  }
}
