internal import Foundation
internal import QuartermasterCEL
internal import QuartermasterCore

extension ProjectFolder {
  /// Returns what a rule would do now, by the rules of the folder; the data file is not touched, nor made.
  ///
  /// - Parameters:
  ///   - rule: The name of the rule.
  ///   - rules: The rules.
  ///   - limit: For how many records at the most it is found out what the rule would do.
  /// - Returns: The plan.
  /// - Throws: ``CommandFailure`` when there is no such rule, or the file cannot be read.
  func plan(_ rule: String, _ rules: LoadedRules, limit: Int) throws(CommandFailure) -> RulePlan {
    let store: Store
    let now: Timestamp
    if FileManager.default.fileExists(atPath: project.dataPath) {
      now = try fileClock() ?? SystemClock.now
      store = try openStore()
    } else {
      now = SystemClock.now
      do throws(Refusal) { store = try Store.open(nil, schema: project.schema) } catch {
        throw CommandFailure(error)
      }
    }
    do throws(Refusal) {
      let plan = try RulePlanner.plan(
        rule, of: rules, on: store, settings: project.settings, verbs: verbs, now: now, limit: limit
      )
      try store.close()
      return plan
    } catch {
      // What was refused is told; a file that does not close after it adds nothing.
      try? store.close()
      throw Self.previewFailure(error)
    }
  }

  /// Opens a copy of the data file in which anything may happen; what it does need not be on the disk.
  ///
  /// - Parameters:
  ///   - rules: The rules that run in it.
  ///   - path: The copy; made when nothing is there.
  ///   - now: Where its clock stands; nil for the computer's clock.
  /// - Returns: The engine.
  /// - Throws: ``CommandFailure`` when it cannot be opened, or its tables are not those of the schema.
  func openScratch(
    _ rules: LoadedRules, at path: String, now: Timestamp?
  ) throws(CommandFailure) -> Engine {
    var configuration = Engine.Configuration()
    configuration.settings = project.settings
    configuration.settings.durability = .relaxed
    configuration.verbs = verbs
    // What is thrown away need not let anybody in.
    configuration.passwords = .locking
    configuration.clock = .manual(now ?? SystemClock.now)
    do {
      return try Engine(
        path: path, schema: project.schema, rules: rules, configuration: configuration)
    } catch let refusal as Refusal { throw failure(refusal) } catch {
      throw CommandFailure(anything: error, context)
    }
  }

  /// What `plan` and `catch-up` are refused is mostly that they were asked about the wrong rule.
  static func previewFailure(_ refusal: Refusal) -> CommandFailure {
    refusal.reason == .error && refusal.rule == nil
      ? CommandFailure(.usage, refusal.message) : CommandFailure(refusal)
  }

  /// Returns what wakes a rule, in words.
  func trigger(of rule: String) -> String {
    RuleBook(project.ruleFiles, schema: project.schema)[rule]?.trigger ?? ""
  }

  /// The zone of the project.
  var zone: Zone { Zone.named(project.settings.zone) ?? .utc }
}

extension LoadedRules {
  /// Returns where something stands, below the project's folder: `rules/stock.yaml:11`.
  func place(_ span: SourceSpan) -> String {
    "\(name(of: span.file)):\(span.file.position(of: span.range.lowerBound).line)"
  }
}
