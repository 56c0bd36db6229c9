internal import QuartermasterCEL

extension SettingsLoader {
  /// Reads `outside: on` or `off`: whether what other programs write with plain SQL is taken in.
  func readOutside(_ node: YAMLNode, _ settings: inout ProjectSettings) {
    switch node.text {
    case "on", "true": settings.takesInOutside = true
    case "off", "false": settings.takesInOutside = false
    default: report(.needs(area, "on or off", at: node.span))
    }
  }
}
