import Foundation

@testable import QuartermasterCore

/// The copies of this process in the folder for temporary files.
enum ScratchFolders {
  static func all() throws -> Set<String> {
    let place = FileManager.default.temporaryDirectory.path
    return Set(
      try FileManager.default.contentsOfDirectory(atPath: place).filter {
        $0.hasPrefix("quartermaster-scratch-\(FileSwap.processNumber)-")
      })
  }

  /// Returns those that stay; what tests beside this one made goes by itself, and is waited for.
  static func left() throws -> Set<String> {
    var left = try all()
    for _ in 0..<1200 where !left.isEmpty {
      Thread.sleep(forTimeInterval: 0.05)
      left.formIntersection(try all())
    }
    return left
  }
}
