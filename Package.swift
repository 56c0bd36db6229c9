// swift-tools-version: 6.1
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

/// The folders and sources below rules/.
let templates = [
  "Supply.swift": "supply", "SupplierOrdering.swift": "supplier-ordering",
  "OrderFulfillment.swift": "order-fulfillment", "WarehouseOps.swift": "warehouse-ops",
]

/// A target that embeds the files of one folder below rules/.
func template(_ name: String, source: String, folder: String) -> Target {
  .target(
    name: name, path: "rules",
    exclude: templates.flatMap { [$0.key, $0.value] }.filter { $0 != source && $0 != folder }
      .sorted(),
    sources: [source], resources: [.embedInCode(folder)], swiftSettings: settings)
}

let package = Package(
  name: "quartermaster",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Quartermaster", targets: ["Quartermaster"]),
    .library(name: "QuartermasterCEL", targets: ["QuartermasterCEL"]),
    .library(name: "QuartermasterCore", targets: ["QuartermasterCore"]),
    .library(name: "QuartermasterSupply", targets: ["QuartermasterSupply"]),
    .library(name: "QuartermasterChannels", targets: ["QuartermasterChannels"]),
    .executable(name: "quartermaster", targets: ["QuartermasterCLI"]),
    .executable(name: "cel-conformance", targets: ["CELConformanceTool"]),
  ],
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    .systemLibrary(
      name: "CSQLite", pkgConfig: "sqlite3",
      providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite3"])]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl",
      providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]),
    .target(name: "QuartermasterCEL", swiftSettings: settings),
    // The published tests of the language: how they are read and run, for the tool and for the tests.
    .target(
      name: "CELConformance", dependencies: ["QuartermasterCEL"], swiftSettings: settings),
    .executableTarget(
      name: "CELConformanceTool", dependencies: ["CELConformance"], swiftSettings: settings),
    .target(
      name: "QuartermasterCore",
      dependencies: [
        "QuartermasterCEL", "CSQLite", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: settings),
    // The templates lie in the binary, so that one copied file is enough. Each is a target, because embedded files are
    // named after the file alone.
    template("QuartermasterSupplyTemplate", source: "Supply.swift", folder: "supply"),
    template(
      "QuartermasterSupplierOrderingTemplate", source: "SupplierOrdering.swift",
      folder: "supplier-ordering"),
    template(
      "QuartermasterOrderFulfillmentTemplate", source: "OrderFulfillment.swift",
      folder: "order-fulfillment"),
    template(
      "QuartermasterWarehouseOpsTemplate", source: "WarehouseOps.swift", folder: "warehouse-ops"),
    .target(
      name: "QuartermasterSupply",
      dependencies: [
        "QuartermasterCEL", "QuartermasterCore", "QuartermasterSupplyTemplate",
        "QuartermasterSupplierOrderingTemplate", "QuartermasterOrderFulfillmentTemplate",
        "QuartermasterWarehouseOpsTemplate",
      ],
      swiftSettings: settings),
    // Web and mail: a product of its own, so that a host without them needs no libcurl.
    .target(
      name: "QuartermasterChannels",
      dependencies: ["QuartermasterCEL", "QuartermasterCore", "CCurl"],
      swiftSettings: settings),
    .target(
      name: "Quartermaster",
      dependencies: ["QuartermasterCEL", "QuartermasterCore", "QuartermasterSupply"],
      swiftSettings: settings),
    .target(
      name: "QuartermasterShell",
      dependencies: [
        "Quartermaster", "QuartermasterCEL", "QuartermasterCore", "QuartermasterSupply",
      ],
      swiftSettings: settings),
    .target(name: "CLibedit", linkerSettings: [.linkedLibrary("edit")]),
    .executableTarget(
      name: "QuartermasterCLI",
      dependencies: [
        "QuartermasterChannels", "QuartermasterCore", "QuartermasterShell", "CLibedit",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "HostExample", dependencies: ["Quartermaster"], path: "examples/host",
      exclude: ["shop", "expected.txt"], swiftSettings: settings),
    .executableTarget(
      name: "GuideExample", dependencies: ["Quartermaster", "QuartermasterChannels"],
      path: "examples/guide",
      exclude: ["expected.txt"], swiftSettings: settings),
    .testTarget(
      name: "QuartermasterCELTests", dependencies: ["CELConformance", "QuartermasterCEL"],
      swiftSettings: settings),
    // A process for tests that ends itself at a named place.
    .executableTarget(
      name: "FaultHarness", dependencies: ["QuartermasterCEL", "QuartermasterCore"],
      path: "Tests/FaultHarness", swiftSettings: settings),
    .testTarget(
      name: "QuartermasterCoreTests",
      dependencies: ["FaultHarness", "QuartermasterCore", "CSQLite"], swiftSettings: settings),
    .testTarget(
      name: "QuartermasterChannelsTests",
      dependencies: [
        "QuartermasterCEL", "QuartermasterChannels", "QuartermasterCLI", "QuartermasterCore",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "QuartermasterSupplyTests", dependencies: ["Quartermaster", "QuartermasterCore"],
      swiftSettings: settings),
    .testTarget(
      name: "QuartermasterShellTests",
      dependencies: [
        "QuartermasterCEL", "QuartermasterCLI", "QuartermasterCore", "QuartermasterShell",
        "QuartermasterSupply",
      ],
      exclude: ["BadFiles", "Fixtures", "Golden"], swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
