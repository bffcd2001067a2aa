internal import DeskCore
internal import Foundation
internal import HTTPService
internal import Logging
internal import Observability
internal import PostgreSQL
internal import Sealing
internal import ServiceHealth
public import ServiceLifecycle
public import ServiceSettings
internal import Store
internal import SystemPrimitives
internal import UntrustedInput
internal import ZeroMQ

/// Starts a service: reads its configuration, registers with the desk, runs its components, and shuts down gracefully.
public enum ServiceMain {
  /// Runs until the process is asked to stop; exits with status 2 for an invalid configuration and 1 for a failure.
  ///
  /// - Parameters:
  ///   - service: the service's name, such as `router`.
  ///   - summary: one sentence for `--help`.
  ///   - program: the program's name as the user invokes it; default: `frontdesk-` and the service's name.
  ///   - arguments: without the program's name.
  ///   - keys: the configuration keys in addition to `StandardKeys`.
  ///   - build: creates the service's components once the database is available with a compatible schema. They start in this order
  ///     and stop in reverse order.
  public static func run(
    service: String, summary: String, program: String? = nil,
    arguments: [String] = Array(CommandLine.arguments.dropFirst()), keys: [ConfigurationKey] = [],
    build: @escaping @Sendable (ServiceRuntime) async throws -> [any Service]
  ) async {
    let configuration = ServiceConfiguration.loadOrExit(
      program: program ?? "frontdesk-\(service)", summary: summary, version: BuildInformation.version,
      keys: keys + StandardKeys.all + WordKeySource.settings, arguments: arguments)
    var random = SystemRandom()
    // To the millisecond: the order of names is that of the starts, by which links prefer the oldest worker.
    let instance = InstanceID(
      at: Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)), using: &random)
    let logger = makeLogger(service: service, instance: instance, configuration)
    do {
      let operations = try configuration.listenAddress(StandardKeys.operationsListen.name)
      let health = HealthState()
      let metrics = MetricsRegistry()
      metrics.collectProcessMetrics()
      let tasks = TaskBoard(metrics: metrics)
      let exporter = try TracingSetUp.start(
        service: service, instance: instance, configuration, metrics: metrics, logger: logger)
      let process = try DeskProcess(
        service: service, instance: instance, configuration: configuration,
        statementTime: HTTPListening.statementTime(configuration, keys: keys), logger: logger, health: health,
        metrics: metrics, tasks: tasks, exporter: exporter, build: build)
      let server = OperationsServer(
        host: operations.host, port: operations.port, health: health, metrics: metrics, logger: logger
      ) { port in
        await process.operationsBound(to: operations.bound(to: port))
      }
      let notifier = ServiceManagerNotifier(
        environment: ProcessInfo.processInfo.environment, health: health, logger: logger)
      tasks.watch([notifier].compactMap(\.self))
      try await ServiceRunner(
        services: [server] + [notifier].compactMap { $0 } + [process], health: health,
        isSupervised: configuration.bool(StandardKeys.supervised.name), logger: logger
      ).run()
      logger.info("stopped")
    } catch let error as ConfigurationError {
      FileHandle.standardError.write(Data(VisibleText.block("\(error)\n").utf8))
      exit(ConfigurationError.exitStatus)
    } catch {
      logger.critical("service failed", metadata: ["error": "\(error)"])
      exit(EXIT_FAILURE)
    }
  }

  private static func makeLogger(
    service: String, instance: InstanceID, _ configuration: ServiceConfiguration
  ) -> Logger {
    let format = LogFormat(rawValue: configuration.string(StandardKeys.logFormat.name)) ?? .json
    let level = Logger.Level(rawValue: configuration.string(StandardKeys.logLevel.name)) ?? .info
    let origin = ServiceLogHandler.Origin(service: service, instance: String(instance.description.suffix(12)))
    return Logger(label: service) { label in
      ServiceLogHandler(label: label, origin: origin, format: format, level: level)
    }
  }
}

/// The part of a process that needs the database: waits for it, registers the instance, runs the service's components, deregisters.
private actor DeskProcess: Service {
  private enum Bound {
    static let attemptPause: Duration = .milliseconds(200)
    /// As many statements as a starting process has at once.
    static let connectionsAtStart = 4
  }

  private let service: String
  private let instance: InstanceID
  private let configuration: ServiceConfiguration
  private let logger: Logger
  private let health: HealthState
  private let metrics: MetricsRegistry
  private let tasks: TaskBoard
  private let pool: PostgresPool
  private let durability: DurabilityWatch
  private let exporter: OTLPExporter?
  private let build: @Sendable (ServiceRuntime) async throws -> [any Service]
  private var operationsEndpoint: String?
  private var fleet: Fleet?

  init(
    service: String, instance: InstanceID, configuration: ServiceConfiguration, statementTime: Duration?,
    logger: Logger, health: HealthState, metrics: MetricsRegistry, tasks: TaskBoard, exporter: OTLPExporter?,
    build: @escaping @Sendable (ServiceRuntime) async throws -> [any Service]
  ) throws {
    self.service = service
    self.instance = instance
    self.configuration = configuration
    self.logger = logger
    self.health = health
    self.metrics = metrics
    self.tasks = tasks
    self.exporter = exporter
    self.build = build
    var postgres = try DatabaseAddress.configuration(StandardKeys.postgres, of: configuration, service: service)
    if let statementTime { postgres.requestTimeout = min(postgres.requestTimeout, statementTime) }
    var limits = PostgresPoolLimits(
      connectionsMinimum: 1, connectionsMaximum: configuration.integer(StandardKeys.postgresConnections.name))
    limits.connectionsAtStart = min(Bound.connectionsAtStart, limits.connectionsMaximum)
    pool = PostgresPool(DeskStore.configure(postgres), limits: limits)
    durability = DurabilityWatch(health: health, metrics: metrics, logger: logger)
    health.declare("postgres", reason: "not connected yet", grace: HealthState.databaseGrace)
    health.declare("schema", reason: "not read yet")
    health.declare(DurabilityWatch.condition, reason: "not read yet")
    health.declare("words", reason: "not compared yet")
    health.declare("sockets", reason: "not bound yet")
  }

  func operationsBound(to endpoint: String) async {
    operationsEndpoint = endpoint
    logger.info("serving health and metrics", metadata: ["at": "\(endpoint)"])
    await announce { $0.operationsEndpoint = endpoint }
  }

  func run() async throws {
    let context = try ZeroMQContext()
    let zeroMQ = ZeroMQThread(context: context)
    do {
      try await serve(on: zeroMQ)
    } catch is CancellationError {
      // Asked to stop before the database was available.
    }
    await pool.shutdown()
    await zeroMQ.stop()
  }

  private func serve(on zeroMQ: ZeroMQThread) async throws {
    let wordKeys = try await WordKeySource.read(
      file: configuration.optionalString(WordKeySource.file.name),
      command: configuration.optionalString(WordKeySource.command.name), logger: logger)
    let store = DeskStore(pool: pool, words: WordCodec(wordKeys?.vault))
    let setAside = QuarantineReporter(rows: store.setAside, metrics: metrics, logger: logger)
    tasks.ask { setAside.problems }
    tasks.ask { [durability] in durability.problems }
    let clock = try await waitForSchema(store)
    let wordWatch = WordKeyWatch(source: wordKeys, store: store, health: health, logger: logger)
    let work = WorkMeter()
    let policy = PolicyFollower(store: store, logger: logger)
    // Round trips that do not depend on each other are made at the same time: a new process is started because work waits.
    async let isPolicyRead: Void = policy.look()
    async let areKeysKnown: Void = wordWatch.waitForKeys()
    let member = try await FleetMember.join(
      service: service, instance: instance, host: ProcessInfo.processInfo.hostName,
      processID: ProcessInfo.processInfo.processIdentifier, operationsEndpoint: operationsEndpoint, store: store,
      clock: clock, on: zeroMQ, logger: logger, problems: { [tasks] in tasks.problems }, work: work)
    let fleet = member.fleet
    self.fleet = fleet
    try await isPolicyRead
    try await areKeysKnown
    metrics.collector { scrape in
      scrape.gauge(
        "frontdesk_policy_version", help: "Version of the policy that this process uses; 0 before the first.",
        Double(policy.current?.version ?? 0))
    }
    let runtime = ServiceRuntime(
      service: service, configuration: configuration, logger: logger, metrics: metrics, tasks: tasks, health: health,
      store: store, clock: clock, policy: policy, member: member, work: work)
    // The exporter starts first, so that it stops last and exports the spans of what the others finish.
    let parts: [any Service] =
      try await [exporter].compactMap { $0 }
      + [
        fleet, policy,
        DatabaseWatch(pool: pool, health: health, durability: durability, metrics: metrics, logger: logger), wordWatch,
        setAside,
      ]
      + build(runtime)
      + [ReadinessAnnouncement(fleet: fleet, health: health, logger: logger)]
    tasks.watch(parts)
    health.hold("sockets")
    await fleet.amend { [operationsEndpoint] entry in
      entry.operationsEndpoint = operationsEndpoint ?? entry.operationsEndpoint
    }
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: parts.map {
          .init(
            service: $0, successTerminationBehavior: .ignore, failureTerminationBehavior: .gracefullyShutdownGroup)
        }, logger: logger))
    let outcome = await Result { () async throws in
      try await withGracefulShutdownHandler {
        try await group.run()
      } onGracefulShutdown: {
        Task {
          // First stop new work from arriving, then finish what this process holds.
          await self.announce { $0.state = .draining }
          await group.triggerGracefulShutdown()
        }
      }
    }
    await member.leave()
    try outcome.get()
  }

  /// Announces a change of this process's entry. When that fails, the heartbeat makes up for it.
  private func announce(_ change: @Sendable (inout ServiceInstance) -> Void) async {
    do {
      try await fleet?.announce(change)
    } catch {
      logger.warning(
        "the change of this process's entry is not registered yet", metadata: ["error": "\(FailureKind.of(error))"])
    }
  }

  /// Waits until the database responds, its schema is the one this build needs, and what it commits is on disk.
  /// - Returns: the database's clock.
  private func waitForSchema(_ store: DeskStore) async throws -> DatabaseClock {
    let migrator = try PostgresMigrator(DeskMigrations.all)
    var lastReason = ""
    while true {
      try Task.checkCancellation()
      if Task.isShuttingDownGracefully { throw CancellationError() }
      var reason: String
      do {
        async let clock = DatabaseClock(asking: store)
        async let durabilityNow = store.durability()
        let status = try await migrator.status(of: pool)
        health.hold("postgres")
        let settings = try await durabilityNow
        let isDurable = durability.note(settings)
        if status.isWorkable {
          health.hold("schema")
          if isDurable { return try await clock }
          reason = settings?.fault?.reason ?? ""
        } else {
          reason =
            status.breaking.isEmpty
            ? "the schema has version \(status.currentVersion), this build needs \(status.knownVersion): run `frontdesk migrate`"
            : "the schema has version \(status.currentVersion), this build knows \(status.knownVersion): start a newer build"
          health.fail("schema", reason: reason)
        }
      } catch {
        reason = "\(error)"
        health.fail("postgres", reason: "PostgreSQL does not respond")
      }
      if reason != lastReason { logger.warning("waiting for the database", metadata: ["reason": "\(reason)"]) }
      lastReason = reason
      try await Task.sleep(for: Bound.attemptPause)
    }
  }
}

extension Result where Failure == any Error {
  fileprivate init(catching body: () async throws -> Success) async {
    do {
      self = .success(try await body())
    } catch {
      self = .failure(error)
    }
  }
}
