extension StandardLibrary {
  /// The parts of timestamps and durations.
  static let times: [FunctionDeclaration] = [
    part(
      "getFullYear", "The year.", "timestamp('2026-03-02T09:00:00Z').getFullYear() == 2026"
    ) { $0.year },
    part(
      "getMonth", "The month, 0 to 11.", "timestamp('2026-03-02T09:00:00Z').getMonth() == 2"
    ) { $0.month - 1 },
    part(
      "getDate", "The day of the month, 1 to 31.",
      "timestamp('2026-03-02T23:30:00Z').getDate('Europe/Paris') == 3"
    ) { $0.day },
    part(
      "getDayOfMonth", "The day of the month, 0 to 30.",
      "timestamp('2026-03-02T09:00:00Z').getDayOfMonth() == 1"
    ) { $0.day - 1 },
    part(
      "getDayOfWeek", "The day of the week, 0 (Sunday) to 6.",
      "timestamp('2026-03-02T09:00:00Z').getDayOfWeek() == 1"
    ) { $0.dayOfWeek },
    part(
      "getDayOfYear", "The day of the year, 0 to 365.",
      "timestamp('2026-03-02T09:00:00Z').getDayOfYear() == 60"
    ) { $0.dayOfYear },
    part(
      "getHours", "The hour of a timestamp, 0 to 23; a duration in whole hours.",
      "duration('90m').getHours() == 1", duration: { $0.nanoseconds / 3_600_000_000_000 }
    ) { $0.secondOfDay / 3600 },
    part(
      "getMinutes", "The minute of a timestamp, 0 to 59; a duration in whole minutes.",
      "duration('90m').getMinutes() == 90", duration: { $0.nanoseconds / 60_000_000_000 }
    ) { $0.secondOfDay / 60 % 60 },
    part(
      "getSeconds", "The second of a timestamp, 0 to 59; a duration in whole seconds.",
      "duration('90m').getSeconds() == 5400", duration: { $0.nanoseconds / 1_000_000_000 }
    ) { $0.secondOfDay % 60 },
    part(
      "getMilliseconds", "The milliseconds below a second.",
      "duration('1.25s').getMilliseconds() == 250",
      duration: { $0.nanoseconds / 1_000_000 % 1000 }
    ) { $0.milliseconds },
  ]

  private static func part(
    _ name: String, _ documentation: String, _ example: String,
    duration: (@Sendable (TimeSpan) -> Int64)? = nil,
    _ read: @escaping @Sendable (CivilTime) -> Int64
  ) -> FunctionDeclaration {
    var overloads: [Overload] = [
      .one("timestamp_\(name)", .timestamp, .int) { value throws(EvaluationError) in
        guard case .timestamp(let instant) = value else { throw .argument("\(name)()", value) }
        return .int(read(CivilTime(instant, offset: 0)))
      }.method(),
      .two("timestamp_\(name)_with_tz", .timestamp, .string, .int) {
        value, zone throws(EvaluationError) in
        guard case .timestamp(let instant) = value else { throw .argument("\(name)()", value) }
        let text = try zone.text("\(name)()")
        guard let zone = Zone.named(text) else {
          throw EvaluationError(
            .invalidArgument,
            "\(zone.brief) is no time zone; write a name such as \"Europe/Paris\" or \"+02:00\""
          )
        }
        return .int(read(CivilTime(instant, offset: zone.offset(at: instant.seconds))))
      }.method(),
    ]
    if let duration {
      overloads.append(
        .one("duration_\(name)", .duration, .int) { value throws(EvaluationError) in
          guard case .duration(let span) = value else { throw .argument("\(name)()", value) }
          return .int(duration(span))
        }.method())
    }
    return FunctionDeclaration(name, documentation, overloads: overloads, examples: [example])
  }
}
