extension CELLibrary {
  /// Durations from numbers: `minutes(n) hours(n) days(n)`.
  public static let spans = CELLibrary(
    name: "spans",
    functions: [
      span("minutes", 60_000_000_000, "minutes(90) == duration('1h30m')"),
      span("hours", 3_600_000_000_000, "hours(24) == days(1)"),
      span("days", 86_400_000_000_000, "days(1) == duration('24h')"),
      FunctionDeclaration(
        "-_", "The duration in the other direction.",
        overloads: [.one("negate_duration", .duration, .duration, Value.negate)],
        examples: ["-hours(1) == hours(-1)"]),
    ])

  private static func span(_ name: String, _ unit: Int64, _ example: String) -> FunctionDeclaration
  {
    FunctionDeclaration(
      name, "A duration of a number of \(name).",
      overloads: [
        .one("int64_to_\(name)", .int, .duration) { value throws(EvaluationError) in
          let (product, over) = try value.integer("\(name)()").multipliedReportingOverflow(by: unit)
          if over { throw .overflow("\(name)()") }
          return .duration(TimeSpan(nanoseconds: product))
        }
      ], examples: [example])
  }
}
