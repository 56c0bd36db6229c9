import CFloor
import Foundation
import QuartermasterCEL

/// W2: what one condition costs. Arguments: rounds (5), seconds a measurement (0.3).
///
/// Prints a JSON line per engine: user CPU nanoseconds per evaluation of each condition (the median of the rounds, which
/// take the engines in turn), the spread, and allocations per evaluation. Fails when a condition gives a wrong answer.
@main enum Main {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst().map { Double($0) ?? 0 }
    let rounds = max(Int(arguments.first ?? 5), 1)
    let seconds = arguments.count > 1 ? arguments[1] : 0.3
    let workload = Workload()
    let engines: [any Evaluator] = [
      Native(), try OverRecords("QuartermasterCEL, records", workload, items: "items"),
      try OverRecords("QuartermasterCEL, records with lists of objects", workload, items: "data"),
      try ByName(workload),
    ]
    var times = engines.map { _ in [Int64](repeating: 16, count: 3) }
    var results = engines.map { _ in [[Double]](repeating: [], count: 3) }
    var allocations = engines.map { _ in [Double](repeating: 0, count: 3) }
    for round in -1..<rounds {
      for (place, engine) in engines.enumerated() {
        for condition in 0..<3 {
          var taken = 0.0
          while true {
            let before = (floor_allocations(), floor_seconds())
            let hits = try engine.run(condition, times: times[place][condition])
            taken = floor_seconds() - before.1
            let expected = times[place][condition] * Int64(Workload.count)
            guard hits == expected else {
              FileHandle.standardError.write(
                Data("\(engine.name), condition \(condition + 1): \(hits) of \(expected)\n".utf8))
              exit(1)
            }
            allocations[place][condition] =
              Double(floor_allocations() - before.0) / Double(expected)
            if round >= 0 || taken > seconds / 4 { break }
            times[place][condition] *= 2
          }
          if round < 0 {
            times[place][condition] = Int64(
              Double(times[place][condition]) * seconds / taken) + 1
          } else {
            results[place][condition].append(
              taken / Double(times[place][condition]) / Double(Workload.count) * 1e9)
          }
        }
      }
    }
    for (place, engine) in engines.enumerated() {
      let medians = results[place].map { $0.sorted()[rounds / 2] }
      let spreads = zip(results[place], medians).map { (($0.max() ?? 0) - ($0.min() ?? 0)) / $1 }
      print(
        "{\"engine\": \"\(engine.name)\", \"ns\": \(list(medians, 2)), \"spread\": \(list(spreads, 3)), "
          + "\"allocations\": \(list(allocations[place], 2))}")
    }
  }

  private static func list(_ numbers: [Double], _ places: Int) -> String {
    "[" + numbers.map { String(format: "%.\(places)f", $0) }.joined(separator: ", ") + "]"
  }
}
