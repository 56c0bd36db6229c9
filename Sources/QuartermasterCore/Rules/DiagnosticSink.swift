import QuartermasterCEL

/// Where the stages of one load put what they find.
final class DiagnosticSink {
  /// What was found, in the order of finding.
  private(set) var items: [Diagnostic] = []
  /// How many of them are errors.
  private(set) var errorCount = 0

  /// Adds a diagnostic.
  func report(_ diagnostic: Diagnostic) {
    items.append(diagnostic)
    if diagnostic.severity == .error { errorCount += 1 }
  }

  /// Adds diagnostics.
  func report(_ diagnostics: [Diagnostic]) {
    for diagnostic in diagnostics { report(diagnostic) }
  }

  /// Turns what a switched off rule has against itself into warnings: it must not keep the others from running.
  func soften(from start: Int) {
    let found = items[start...]
    items.removeSubrange(start...)
    errorCount = items.count { $0.severity == .error }
    for item in found where item.severity == .error {
      items.append(
        Diagnostic(
          .warning, item.code, item.message + " (this rule is switched off)", at: item.span,
          notes: item.notes))
    }
  }
}
