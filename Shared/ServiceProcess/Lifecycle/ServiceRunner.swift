internal import EventThread
internal import Foundation
internal import Glibc
public import Logging
public import ServiceHealth
public import ServiceLifecycle
internal import UnixSignals

/// Runs the components of a service until they are asked to stop, and bounds the duration of the stop.
///
/// SIGTERM, SIGINT and, under a supervisor, the end of standard input begin a graceful shutdown. A second signal, or the
/// deadline, ends the process immediately: the other processes recover what it leaves behind from PostgreSQL.
public struct ServiceRunner: Sendable {
  /// How long a graceful shutdown may take. Below the 30 s after which Kubernetes kills.
  public static let defaultDeadline = Duration.seconds(25)

  private let services: [any Service]
  private let health: HealthState
  private let isSupervised: Bool
  private let deadline: Duration
  private let logger: Logger
  private let forceExit: @Sendable (Int32) -> Void

  /// - Parameters:
  ///   - services: started in this order, stopped in reverse order. If one fails or ends, the others are stopped.
  ///   - isSupervised: whether the end of standard input means that the supervisor has exited.
  ///   - forceExit: ends the process; for tests.
  public init(
    services: [any Service], health: HealthState, isSupervised: Bool, deadline: Duration = defaultDeadline,
    logger: Logger, forceExit: @escaping @Sendable (Int32) -> Void = endProcess
  ) {
    self.services = services
    self.health = health
    self.isSupervised = isSupervised
    self.deadline = deadline
    self.logger = logger
    self.forceExit = forceExit
  }

  /// Returns after a graceful shutdown; throws the error of a failed service.
  public func run() async throws {
    let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
    let (ends, supervisorEnds) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    if isSupervised { Self.watchStandardInput { supervisorEnds.yield() } }
    try await run(
      stopRequests: { request in
        await withTaskGroup(of: Void.self) { group in
          group.addTask { for await signal in signals { await request("signal \(signal)") } }
          group.addTask { for await _ in ends { await request("the supervisor has exited") } }
        }
      })
  }

  /// Runs with stop requests from elsewhere: `stopRequests` calls its argument for each, and ends when cancelled.
  func run(
    stopRequests: @escaping @Sendable (_ request: @escaping @Sendable (String) async -> Void) async -> Void
  ) async throws {
    let stop = Stop(runner: self)
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: services.map {
          .init(
            service: Part(service: $0, stop: stop), successTerminationBehavior: .gracefullyShutdownGroup,
            failureTerminationBehavior: .gracefullyShutdownGroup)
        }, logger: logger))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { await stopRequests { await stop.request($0, of: group) } }
      tasks.addTask { await stop.enforceDeadline() }
      defer { tasks.cancelAll() }
      try await group.run()
    }
  }

  /// A service whose end, for whatever reason, stops the group: the others are stopped then, and that is a drain like any
  /// other, announced and with a deadline.
  private struct Part: Service, CustomStringConvertible {
    let service: any Service
    let stop: Stop

    var description: String { "\(service)" }

    func run() async throws {
      do {
        try await service.run()
      } catch {
        await stop.drain("a component failed")
        throw error
      }
      await stop.drain("a component ended")
    }
  }

  /// The first request drains, the second ends the process.
  private actor Stop {
    private let runner: ServiceRunner
    private let begun: AsyncStream<Void>
    private let begin: AsyncStream<Void>.Continuation
    private var isDraining = false
    private var isRequested = false

    init(runner: ServiceRunner) {
      self.runner = runner
      (begun, begin) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    func request(_ reason: String, of group: ServiceGroup) async {
      guard !isRequested else {
        runner.logger.warning("stopping immediately", metadata: ["reason": "\(reason)"])
        runner.forceExit(EXIT_FAILURE)
        return
      }
      isRequested = true
      drain(reason)
      await group.triggerGracefulShutdown()
    }

    /// Announces the drain and starts its deadline, once.
    func drain(_ reason: String) {
      guard !isDraining else { return }
      isDraining = true
      runner.logger.info("draining", metadata: ["reason": "\(reason)"])
      runner.health.drain(reason: reason)
      begin.yield()
    }

    func enforceDeadline() async {
      for await _ in begun { break }
      do {
        try await Task.sleep(for: runner.deadline)
      } catch {
        return
      }
      runner.logger.error("drain exceeded its deadline", metadata: ["deadline": "\(runner.deadline)"])
      runner.forceExit(EXIT_FAILURE)
    }
  }

  /// Ends the process without running anything more.
  @Sendable public static func endProcess(_ status: Int32) {
    _exit(status)
  }

  private static func watchStandardInput(_ onEnd: @escaping @Sendable () -> Void) {
    // A dedicated thread, because the read blocks; it lives as long as the process.
    let thread = Thread {
      var piece = [UInt8](repeating: 0, count: 256)
      while true {
        let count = read(STDIN_FILENO, &piece, piece.count)
        if count == 0 || (count < 0 && errno != EINTR) { break }
      }
      onEnd()
    }
    thread.name = "supervisor"
    thread.start()
  }
}
