// swift-tools-version: 6.1
import PackageDescription

// Measurements, apart from the package so that nobody who builds it builds them: swift run -c release --package-path Benchmarks …
let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "quartermaster", path: "../")],
  targets: [
    // The same conditions in C, and a counter of allocations.
    .target(name: "CFloor", cSettings: [.unsafeFlags(["-O2"])]),
    // W2: what one condition costs over a record as the engine reads it.
    .executableTarget(
      name: "Conditions",
      dependencies: ["CFloor", .product(name: "QuartermasterCEL", package: "quartermaster")],
      // Records and frames are for the targets of the package alone; the engine reaches them, so does what measures it.
      swiftSettings: [.unsafeFlags(["-package-name", "quartermaster"])]),
  ],
  swiftLanguageModes: [.v6]
)
