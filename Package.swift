// swift-tools-version: 6.1
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
  name: "quartermaster",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "QuartermasterCEL", targets: ["QuartermasterCEL"]),
    .library(name: "QuartermasterCore", targets: ["QuartermasterCore"]),
  ],
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(
      name: "CSQLite", pkgConfig: "sqlite3",
      providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite3"])]),
    .target(name: "QuartermasterCEL", swiftSettings: settings),
    .target(
      name: "QuartermasterCore",
      dependencies: [
        "QuartermasterCEL", "CSQLite", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: settings),
    .testTarget(
      name: "QuartermasterCELTests", dependencies: ["QuartermasterCEL"], swiftSettings: settings),
    .testTarget(
      name: "QuartermasterCoreTests", dependencies: ["QuartermasterCore", "CSQLite"],
      swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
