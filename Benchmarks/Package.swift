// swift-tools-version: 6.1
import PackageDescription

// What the package manager names a package: by its folder.
let folder = Context.packageDirectory.split(separator: "/").dropLast().last ?? "quartermaster"
let name = String(folder.lowercased().map { $0.isLetter || $0.isNumber ? $0 : "_" })

// Measurements, apart from the package so that nobody who builds it builds them: swift run -c release --package-path Benchmarks …
let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "quartermaster", path: "../"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
  ],
  targets: [
    // The same conditions in C, and a counter of allocations.
    .target(name: "CFloor", cSettings: [.unsafeFlags(["-O2"])]),
    // W2: what one condition costs over a record as the engine reads it.
    .executableTarget(
      name: "Conditions",
      dependencies: ["CFloor", .product(name: "QuartermasterCEL", package: "quartermaster")],
      packageAccess: false,
      // Records and frames are for the targets of the package alone; the engine reaches them, so does what measures it.
      swiftSettings: [.unsafeFlags(["-package-name", name])]),
    // What a process has used, what a child has used, and the rows of a file.
    .target(
      name: "CProbe", cSettings: [.unsafeFlags(["-O2"])],
      linkerSettings: [.linkedLibrary("sqlite3")]),
    // W1, W3 and scale: streams of changes, many rules, large files; beside the floors in C where these are there.
    .executableTarget(
      name: "Workloads",
      dependencies: ["CProbe", .product(name: "Quartermaster", package: "quartermaster")]),
    // What permissions cost a query over many rows.
    .executableTarget(
      name: "Permissions",
      dependencies: ["CProbe", .product(name: "Quartermaster", package: "quartermaster")]),
    // What a log-in costs beside scrypt alone.
    .executableTarget(
      name: "LogIn",
      dependencies: [
        .product(name: "Quartermaster", package: "quartermaster"),
        .product(name: "QuartermasterAccess", package: "quartermaster"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
