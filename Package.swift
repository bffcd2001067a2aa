// swift-tools-version: 6.2
import PackageDescription

// Warnings are errors where FRONTDESK_STRICT is set, as it is in CI: a newer compiler's new warning must not keep users from
// building an older release.
let settings: [SwiftSetting] =
  [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  ] + (Context.environment["FRONTDESK_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)])

// Small types of one module are used in the hot loops of others: without this each use there is a call through tables.
let releaseSettings: [SwiftSetting] = [.unsafeFlags(["-cross-module-optimization"], .when(configuration: .release))]

// MARK: - What others wrote

extension Target.Dependency {
  static let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
  static let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
  static let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
  static let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
  static let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
  static let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")
  static let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
  static let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
  static let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
  static let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
  static let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
  static let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
  static let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
  static let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
  static let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
  static let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
  static let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
  static let realModule = Target.Dependency.product(name: "RealModule", package: "swift-numerics")
  static let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
  static let tracing = Target.Dependency.product(name: "Tracing", package: "swift-distributed-tracing")
  static let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
  static let yams = Target.Dependency.product(name: "Yams", package: "Yams")

  /// Used by the packages above, and by nothing of ours. Their exact versions are stated below, so that every resolution chooses the same
  /// (deploy/pins). The package manager warns of a package that no target uses; so one does, on a platform that we do not build for.
  static let indirect: [Target.Dependency] = [
    ("Algorithms", "swift-algorithms"), ("AsyncAlgorithms", "swift-async-algorithms"),
    ("AsyncHTTPClient", "async-http-client"),
    ("Atomics", "swift-atomics"), ("Configuration", "swift-configuration"), ("Metrics", "swift-metrics"),
    ("NIOExtras", "swift-nio-extras"), ("NIOHTTP2", "swift-nio-http2"),
    ("NIOTransportServices", "swift-nio-transport-services"),
    ("ServiceContextModule", "swift-service-context"), ("StructuredFieldValues", "swift-http-structured-headers"),
    ("SwiftASN1", "swift-asn1"), ("SystemPackage", "swift-system"), ("X509", "swift-certificates"),
  ].map { .product(name: $0.0, package: $0.1, condition: .when(platforms: [.wasi])) }
}

// MARK: - How our targets are laid out

func module(
  _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = ["README.md"],
  resources: [Resource] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Shared/\(name)", exclude: exclude, resources: resources,
    swiftSettings: settings + releaseSettings)
}

func system(_ name: String) -> Target {
  .systemLibrary(name: name, path: "Shared/\(name)")
}

func service(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = ["README.md"]) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies, path: "Services/\(name)", exclude: exclude,
    swiftSettings: settings + releaseSettings)
}

/// A library of the command `frontdesk`.
func command(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Services/Frontdesk/\(name)", exclude: ["README.md"],
    swiftSettings: settings + releaseSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, path: "Tests/\(name)", exclude: exclude, swiftSettings: settings)
}

/// Files of SQL in `Shared/Store/Migrations`. Small ones: the compiler takes minutes for a resource of hundreds of kilobytes.
let migrations = [
  "m0095_audit_functions",
  "m0095_erasure",
  "m0095_from_0094",
  "m0095_functions",
  "m0095_learning_and_audit",
  "m0095_messages",
  "m0095_operation",
  "m0095_regrant",
  "m0095_retention",
  "m0095_rights",
  "m0095_tickets",
  "m0095_triggers",
  "m0096_outbox_trace",
  "m0097_outbox_order",
  "m0098_conversation",
  "m0099_outbox_woken",
  "m0100_replies",
  "m0101_inspection",
  "m0102_call_backs",
  "m0102_notices",
  "m0103_crisis",
  "m0104_persons",
  "m0105_progress",
  "m0106_reporting",
  "m0107_ticket_fields",
  "m0108_sessions",
  "m0109_consults",
  "m0110_amend",
  "m0110_drafts",
  "m0111_intents",
  "m0112_identity_providers",
  "m0113_search",
  "m0114_viewers",
  "m0115_capacity",
  "m0116_reserve",
  "m0117_unchecked_tickets",
  "m0118_background",
  "m0122_words",
  "m0123_older_messages",
  "m0124_call_back_list",
]

let package = Package(
  name: "frontdesk",
  products: [
    .executable(name: "frontdesk", targets: ["Frontdesk"]),
    .executable(name: "frontdesk-intake", targets: ["Intake"]),
    .executable(name: "frontdesk-classifier", targets: ["Classifier"]),
    .executable(name: "frontdesk-router", targets: ["Router"]),
    .executable(name: "frontdesk-sla-watcher", targets: ["SLAWatcher"]),
    .executable(name: "frontdesk-notifier", targets: ["Notifier"]),
    .executable(name: "frontdesk-console", targets: ["Console"]),
    .executable(name: "deadline-benchmark", targets: ["DeadlineBenchmark"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/apple/swift-distributed-tracing", exact: "1.7.3"),
    .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    .package(url: "https://github.com/apple/swift-numerics", exact: "1.1.1"),
    .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", exact: "0.2.0"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),

    // What these use in turn
    .package(url: "https://github.com/apple/swift-algorithms", exact: "1.2.1"),
    .package(url: "https://github.com/apple/swift-asn1", exact: "1.7.4"),
    .package(url: "https://github.com/apple/swift-async-algorithms", exact: "1.1.4"),
    .package(url: "https://github.com/apple/swift-atomics", exact: "1.3.0"),
    .package(url: "https://github.com/apple/swift-certificates", exact: "1.21.1"),
    .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0", traits: []),
    .package(url: "https://github.com/apple/swift-http-structured-headers", exact: "1.7.0"),
    .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
    .package(url: "https://github.com/apple/swift-nio-http2", exact: "1.46.0"),
    .package(url: "https://github.com/apple/swift-nio-transport-services", exact: "1.28.0"),
    .package(url: "https://github.com/apple/swift-service-context", exact: "1.5.1"),
    .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
    .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
  ],
  targets: [
    // System libraries
    system("CLinux"),
    system("CZeroMQ"),
    system("CPostgreSQL"),
    system("CCurl"),
    system("CLibLinear"),
    system("CVector"),

    // Shared modules
    module("DeskCore", [.realModule]),
    module("Language", ["CLibLinear", "CVector", "DeskCore"]),
    module("Wire", ["DeskCore", .protobuf], exclude: ["README.md", "frontdesk"]),
    module("SystemPrimitives"),
    module("EventThread", ["CLinux", "SystemPrimitives"]),
    module("ZeroMQ", ["CLinux", "CZeroMQ", "EventThread", "SystemPrimitives", .deque]),
    module("PostgreSQL", ["CPostgreSQL", "EventThread"]),
    module("Curl", ["CCurl", "EventThread", "SystemPrimitives"]),
    module(
      "Store",
      ["DeskCore", "PostgreSQL", "SystemPrimitives", .deque],
      resources: migrations.map { .embedInCode("Migrations/\($0).sql") }),
    module("Messaging", ["SystemPrimitives", "Wire", "ZeroMQ", .deque, .protobuf]),
    module("UntrustedInput", ["DeskCore"]),
    module("PolicyReading", ["DeskCore", "Store", "UntrustedInput", .yams]),
    module(
      "Observability",
      ["Curl", "Store", "SystemPrimitives", "UntrustedInput", .deque, .httpTypes, .logging, .tracing]),
    module("ServiceSettings", ["Observability", "PolicyReading", "UntrustedInput", .logging, .yams]),
    module(
      "Sealing",
      ["ServiceSettings", "Store", "SystemPrimitives", "UntrustedInput", .crypto, .logging, .subprocess]),
    module(
      "ServiceHealth",
      ["DeskCore", "EventThread", "Observability", "Store", "SystemPrimitives", .lifecycle, .logging]),
    module(
      "HTTPService",
      [
        "DeskCore", "Observability", "ServiceHealth", "ServiceSettings", "Store", "SystemPrimitives", "UntrustedInput",
        .crypto, .httpTypes, .hummingbird, .hummingbirdCore, .hummingbirdTLS, .lifecycle, .logging, .nioCore,
        .nioHTTP1, .nioPosix, .nioSSL, .tracing,
      ]),
    module(
      "ServiceProcess",
      [
        "Curl", "DeskCore", "EventThread", "HTTPService", "Messaging", "Observability", "PolicyReading", "PostgreSQL",
        "Sealing", "ServiceHealth", "ServiceSettings", "Store", "SystemPrimitives", "UntrustedInput", "Wire", "ZeroMQ",
        .hummingbird, .lifecycle, .logging, .protobuf, .tracing, .unixSignals,
      ]),
    module(
      "UseCases",
      [
        "DeskCore", "HTTPService", "Messaging", "Observability", "PolicyReading", "Sealing", "ServiceHealth",
        "ServiceProcess", "ServiceSettings", "Store", "SystemPrimitives", "UntrustedInput", .httpTypes, .logging,
      ]),
    module("Simulator", ["DeskCore", "PolicyReading", "UntrustedInput", .heap, .realModule, .yams]),
    module(
      "FaultSimulation",
      ["DeskCore", "Messaging", "PolicyReading", "Simulator", "Store", "UntrustedInput", "Wire", .deque, .protobuf]),

    // Services
    service(
      "Intake",
      [
        "DeskCore", "HTTPService", "Language", "Messaging", "Observability", "PostgreSQL", "ServiceHealth",
        "ServiceProcess", "ServiceSettings", "Store", "SystemPrimitives", "UntrustedInput", "UseCases", "Wire",
        "ZeroMQ", .crypto, .deque, .httpTypes, .hummingbird, .lifecycle, .logging, .nioCore, .protobuf, .tracing,
      ]),
    service(
      "Classifier",
      [
        "DeskCore", "Language", "Messaging", "Observability", "PostgreSQL", "ServiceHealth", "ServiceProcess",
        "ServiceSettings", "Store", "SystemPrimitives", "Wire", "ZeroMQ", .lifecycle, .logging, .protobuf, .tracing,
      ], exclude: ["README.md", "Samples"]),
    service(
      "Router",
      [
        "DeskCore", "Messaging", "Observability", "PostgreSQL", "ServiceHealth", "ServiceProcess", "ServiceSettings",
        "Store", "SystemPrimitives", "Wire", "ZeroMQ", .lifecycle, .logging, .tracing,
      ]),
    service(
      "SLAWatcher",
      [
        "DeskCore", "Language", "Messaging", "Observability", "PostgreSQL", "ServiceHealth", "ServiceProcess",
        "ServiceSettings", "Store", "SystemPrimitives", "UseCases", .lifecycle, .logging,
      ]),
    service(
      "Notifier",
      [
        "Curl", "DeskCore", "Messaging", "Observability", "ServiceHealth", "ServiceProcess", "ServiceSettings",
        "Store", "SystemPrimitives", "ZeroMQ", .crypto, .lifecycle, .logging, .tracing,
      ]),
    .target(
      name: "CConsolePages", path: "Services/Console/Pages",
      exclude: ["README.md", "assets", "pictures", "types.d.ts"],
      publicHeadersPath: "include"),
    service(
      "Console",
      [
        "CConsolePages", "Curl", "DeskCore", "HTTPService", "Messaging", "Observability", "PolicyReading", "PostgreSQL",
        "ServiceHealth", "ServiceProcess", "ServiceSettings", "Store", "SystemPrimitives", "UntrustedInput", "UseCases",
        "ZeroMQ", .crypto, .cryptoExtras, .httpTypes, .hummingbird, .lifecycle, .logging, .nioCore,
      ], exclude: ["README.md", "Pages"]),

    // The command `frontdesk` and its libraries
    command(
      "CommandLineTool",
      [
        "DeskCore", "PolicyReading", "PostgreSQL", "Sealing", "ServiceSettings", "Store", "SystemPrimitives",
        "UntrustedInput", "ZeroMQ", .argumentParser, .crypto,
      ]),
    command(
      "ModelTraining",
      ["CommandLineTool", "DeskCore", "Language", "Store", "UntrustedInput", .argumentParser]),
    command(
      "DeskSupervisor",
      [
        "CommandLineTool", "Curl", "DeskCore", "Language", "ModelTraining", "PostgreSQL", "ServiceHealth",
        "ServiceProcess", "ServiceSettings", "Store", "SystemPrimitives", "UseCases", "ZeroMQ", .argumentParser,
        .logging,
        .subprocess,
      ]),
    command(
      "DeskReporting",
      [
        "CConsolePages", "CommandLineTool", "DeskCore", "DeskSupervisor", "PolicyReading", "Store", "SystemPrimitives",
        "UntrustedInput", "UseCases", .argumentParser, .histogram,
      ]),
    command(
      "CapacityPlanning",
      [
        "CommandLineTool", "DeskCore", "DeskReporting", "DeskSupervisor", "FaultSimulation", "PolicyReading",
        "Simulator", "Store", "SystemPrimitives", "UntrustedInput", "UseCases", .argumentParser, .crypto,
      ]),
    command(
      "Administration",
      [
        "CommandLineTool", "Curl", "DeskCore", "DeskReporting", "DeskSupervisor", "PolicyReading", "PostgreSQL",
        "Sealing", "Store",
        "SystemPrimitives", "UntrustedInput", "UseCases", "ZeroMQ", .argumentParser, .crypto,
      ]),
    command(
      "DeskExecutor",
      [
        "Administration", "CommandLineTool", "DeskCore", "DeskSupervisor", "ModelTraining", "Observability",
        "PolicyReading", "PostgreSQL", "ServiceHealth", "ServiceProcess", "ServiceSettings", "Store", "UntrustedInput",
        .argumentParser, .lifecycle, .logging,
      ]),
    command(
      "LoadTesting",
      [
        "CLinux", "CapacityPlanning", "CommandLineTool", "Curl", "DeskCore", "DeskReporting", "DeskSupervisor",
        "EventThread", "Language", "Messaging", "PolicyReading", "PostgreSQL", "ServiceProcess", "Simulator", "Store",
        "SystemPrimitives", "Wire", "ZeroMQ",
        .argumentParser, .deque, .httpTypes, .hummingbird, .logging, .nioCore, .nioPosix, .protobuf, .subprocess,
      ]),
    .executableTarget(
      name: "Frontdesk",
      dependencies: [
        "Administration", "CapacityPlanning", "CommandLineTool", "DeskExecutor", "DeskReporting", "DeskSupervisor",
        "LoadTesting", "ModelTraining", "ServiceSettings", .argumentParser,
      ] + Target.Dependency.indirect, path: "Services/Frontdesk/Command", exclude: ["README.md"],
      swiftSettings: settings + releaseSettings),

    // Tests
    .target(
      name: "TestPostgres", dependencies: ["PostgreSQL", "TestKit"], path: "Tests/TestPostgres", exclude: ["README.md"],
      swiftSettings: settings),
    .target(
      name: "TestKit", dependencies: ["DeskCore", "SystemPrimitives"], path: "Tests/TestKit", exclude: ["README.md"],
      swiftSettings: settings),
    .target(
      name: "TestStore", dependencies: ["DeskCore", "PostgreSQL", "Store", "TestPostgres"], path: "Tests/TestStore",
      exclude: ["README.md"], swiftSettings: settings),
    .target(
      name: "TestService", dependencies: ["HTTPService", "SystemPrimitives", .httpTypes, .hummingbird, .logging],
      path: "Tests/TestService", exclude: ["README.md"], swiftSettings: settings),
    tests("EventThreadTests", ["EventThread", "SystemPrimitives"]),
    tests("ZeroMQTests", ["EventThread", "SystemPrimitives", "TestKit", "ZeroMQ"]),
    tests("WireTests", ["DeskCore", "Wire", .protobuf]),
    tests("MessagingTests", ["DeskCore", "EventThread", "Messaging", "TestKit", "Wire", "ZeroMQ", .protobuf]),
    tests("PostgreSQLTests", ["PostgreSQL", "TestKit", "TestPostgres"]),
    tests("CurlTests", ["Curl", "SystemPrimitives", "TestKit"]),
    tests("DeskCoreTests", ["DeskCore", "TestKit"]),
    tests(
      "FuzzTests",
      [
        "CommandLineTool", "Console", "DeskCore", "Frontdesk", "HTTPService", "Intake", "Language", "Notifier",
        "Observability", "PolicyReading", "ServiceSettings", "Store", "TestKit", "UntrustedInput", "UseCases", "Wire",
        .argumentParser, .httpTypes, .hummingbird, .hummingbirdCore, .protobuf,
      ]),
    tests("SimulatorTests", ["DeskCore", "PolicyReading", "Simulator", "TestKit", "UntrustedInput"]),
    tests(
      "FaultSimulationTests",
      ["DeskCore", "FaultSimulation", "Messaging", "PolicyReading", "Simulator", "Store", "TestKit"]),
    tests("LanguageTests", ["DeskCore", "Language", "TestKit"]),
    tests(
      "StoreConformanceTests",
      [
        "DeskCore", "FaultSimulation", "PostgreSQL", "Store", "SystemPrimitives", "TestKit", "TestPostgres",
        "TestStore",
      ],
      exclude: ["schema_0094.sql", "rows_0094.sql"]),
    tests("SystemPrimitivesTests", ["SystemPrimitives"]),
    tests(
      "UntrustedInputTests",
      ["DeskCore", "HTTPService", "TestKit", "UntrustedInput", .httpTypes, .hummingbird, .hummingbirdCore]),
    tests("PolicyReadingTests", ["DeskCore", "PolicyReading", "TestKit"]),
    tests("ObservabilityTests", ["DeskCore", "Observability", "Store", .logging, .tracing]),
    tests("ServiceSettingsTests", ["ServiceSettings", "TestKit"]),
    tests(
      "ServiceHealthTests",
      [
        "DeskCore", "EventThread", "Observability", "PostgreSQL", "ServiceHealth", "ServiceProcess", "Store",
        "SystemPrimitives", "TestKit", "TestService", .lifecycle, .logging,
      ]),
    tests(
      "HTTPServiceTests",
      [
        "Curl", "DeskCore", "HTTPService", "Observability", "ServiceSettings", "Store", "TestKit", "TestService",
        .crypto, .httpTypes, .hummingbird, .hummingbirdCore, .logging, .nioCore, .nioPosix,
      ]),
    tests(
      "ServiceProcessTests",
      [
        "Curl", "DeskCore", "HTTPService", "Observability", "PostgreSQL", "Sealing", "ServiceHealth", "ServiceProcess",
        "Store", "SystemPrimitives", "TestKit", "TestService", "TestStore", "Wire", "ZeroMQ", .httpTypes, .hummingbird,
        .lifecycle, .logging, .nioCore, .nioPosix, .protobuf, .tracing,
      ]),
    tests(
      "UseCasesTests",
      ["DeskCore", "HTTPService", "Sealing", "ServiceSettings", "Store", "TestKit", "UntrustedInput", "UseCases"]),
    tests("SealingTests", ["DeskCore", "Sealing", "ServiceSettings", "Store", "TestKit"]),
    tests(
      "IntakeTests",
      [
        "Curl", "DeskCore", "HTTPService", "Intake", "Messaging", "Observability", "PostgreSQL", "ServiceHealth",
        "ServiceProcess", "Store", "SystemPrimitives", "TestKit", "TestPostgres", "TestService", "TestStore",
        "UseCases", "Wire", "ZeroMQ", .crypto, .httpTypes, .hummingbird, .logging, .protobuf, .tracing,
      ]),
    tests(
      "RouterTests",
      [
        "DeskCore", "Messaging", "Observability", "PostgreSQL", "Router", "ServiceHealth", "ServiceProcess", "Store",
        "SystemPrimitives", "TestService", "TestStore", "UseCases", "ZeroMQ", .logging, .tracing,
      ]),
    tests(
      "SLAWatcherTests",
      [
        "DeskCore", "Observability", "PostgreSQL", "SLAWatcher", "ServiceHealth", "ServiceProcess", "Store",
        "SystemPrimitives", "TestKit", "TestService", "TestStore", .logging,
      ]),
    tests(
      "NotifierTests",
      [
        "Curl", "DeskCore", "Messaging", "Notifier", "Observability", "PostgreSQL", "ServiceHealth", "ServiceProcess",
        "Store", "SystemPrimitives", "TestKit", "TestService", "TestStore", "ZeroMQ", .lifecycle, .logging, .tracing,
      ]),
    tests(
      "ConsoleTests",
      [
        "Console", "Curl", "DeskCore", "HTTPService", "Messaging", "Observability", "PolicyReading", "PostgreSQL",
        "ServiceHealth", "ServiceProcess", "Store", "SystemPrimitives", "TestKit", "TestPostgres", "TestService",
        "TestStore", "UntrustedInput", "UseCases", "ZeroMQ", .crypto, .cryptoExtras, .httpTypes, .hummingbird, .logging,
        .nioCore,
      ]),
    tests(
      "ClassifierTests",
      [
        "Classifier", "DeskCore", "Language", "Messaging", "Observability", "PolicyReading", "PostgreSQL",
        "ServiceHealth", "Store", "SystemPrimitives", "TestKit", "TestService", "TestStore", "Wire", "ZeroMQ",
        .lifecycle, .logging, .protobuf,
      ], exclude: ["self_service.csv"]),
    tests(
      "FrontdeskTests",
      [
        "Administration", "CapacityPlanning", "CommandLineTool", "Curl", "DeskCore", "DeskExecutor", "DeskReporting",
        "DeskSupervisor", "FaultSimulation", "Frontdesk", "Language", "LoadTesting", "ModelTraining", "Observability",
        "PolicyReading", "PostgreSQL",
        "ServiceHealth", "ServiceSettings", "Simulator", "Store", "SystemPrimitives", "TestKit", "TestPostgres",
        "TestStore", "UntrustedInput", "UseCases", "Wire", "ZeroMQ", .argumentParser, .logging, .protobuf,
      ]),
    .executableTarget(
      name: "DeadlineBenchmark", dependencies: ["DeskCore", "PostgreSQL", "Store", "TestPostgres"],
      path: "Tests/Benchmarks/Deadlines", swiftSettings: settings + releaseSettings),
    .executableTarget(
      name: "ComparisonBenchmark", dependencies: ["DeskCore", "PolicyReading", "Simulator"],
      path: "Tests/Benchmarks/Comparisons", swiftSettings: settings + releaseSettings),
    .executableTarget(
      name: "DecidingBenchmark", dependencies: ["DeskCore", "PolicyReading", "Store", "Wire"],
      path: "Tests/Benchmarks/Deciding", swiftSettings: settings + releaseSettings),
    .executableTarget(
      name: "Benchmarks", dependencies: ["DeskCore"], path: "Tests/Benchmarks",
      exclude: ["README.md", "Comparisons", "Deadlines", "Deciding", "Forecast", "Language", "Queues"],
      swiftSettings: settings + releaseSettings,
      // Without Foundation nothing else asks for it.
      linkerSettings: [.linkedLibrary("m")]),
    .executableTarget(
      name: "ForecastBenchmark", dependencies: ["DeskCore"], path: "Tests/Benchmarks/Forecast",
      exclude: ["README.md", "compare.py"], swiftSettings: settings + releaseSettings,
      linkerSettings: [.linkedLibrary("m")]),
    .executableTarget(
      name: "LanguageBenchmarks", dependencies: ["DeskCore", "Language"], path: "Tests/Benchmarks/Language",
      exclude: ["README.md"],
      swiftSettings: settings + releaseSettings),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "CZeroMQ", "CommandLineTool", "Curl", "DeskCore", "HTTPService", "LoadTesting", "PostgreSQL", "Store",
        "TestKit",
        "Wire", "ZeroMQ", .nioCore, .protobuf,
      ],
      path: "Tests/EndToEnd", exclude: ["browser", "foreign"], swiftSettings: settings),
  ]
)
