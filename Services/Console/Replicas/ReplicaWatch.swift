import DeskCore
import Logging
import Observability
import ServiceHealth
import ServiceLifecycle
import ServiceProcess
import Store

/// Dates the data of a replica, and reports one that does not answer or is behind.
struct ReplicaWatch: PeriodicService {
  /// The replica's data is so old that answers say so.
  struct ReplicaIsBehind: Error {}

  private let replica: DeskReplica
  private let limits: DeskReader.Limits
  private let instance: InstanceID
  private let clock: DatabaseClock
  private let logger: Logger
  let task: WatchedTask

  /// - Parameters:
  ///   - number: the replica's place in the setting, from 1.
  ///   - instance: this process, whose heartbeats date the data.
  init(
    _ replica: DeskReplica, number: Int, limits: DeskReader.Limits, instance: InstanceID, clock: DatabaseClock,
    logger: Logger
  ) {
    self.replica = replica
    self.limits = limits
    self.instance = instance
    self.clock = clock
    self.logger = logger
    task = WatchedTask(number == 1 ? "postgres_reader" : "postgres_reader_\(number)")
  }

  var periodic: PeriodicTask {
    // Failures do not slow it down: a replica is used again as soon as it answers.
    PeriodicTask(task, every: ReplicaBounds.lookPause, longestBackOff: ReplicaBounds.lookPause, logger: logger)
  }

  func run() async throws {
    await periodic.run { try await round() }
    await replica.close()
  }

  func round() async throws -> PeriodicTask.Pause {
    let now = clock.now()
    try await replica.look(for: [instance], now: now)
    if let age = replica.age(at: now), age >= limits.notice { throw ReplicaIsBehind() }
    return .regular
  }
}

extension DeskReader {
  /// Adds its replicas' ages, and how often they answered, to every scrape.
  func export(to metrics: MetricsRegistry, clock: DatabaseClock) {
    guard !replicas.isEmpty else { return }
    metrics.collector { [self] scrape in
      let now = clock.now()
      for replica in replicas {
        let labels = ["replica": replica.name]
        scrape.gauge(
          "frontdesk_console_reader_reachable", help: "Whether the replica answers: 1 or 0.", labels: labels,
          replica.isReachable(at: now) ? 1 : 0)
        guard let age = replica.age(at: now) else { continue }
        scrape.gauge(
          "frontdesk_console_reader_lag_seconds", help: "How old a replica's data is at most.", labels: labels,
          age.inSeconds)
      }
      let counts = counts
      scrape.counter(
        "frontdesk_console_reader_answers_total", help: "Answers from a replica.", Double(counts.answered))
      for reason in Reason.allCases {
        scrape.counter(
          "frontdesk_console_reader_fallbacks_total",
          help: "Answers from the primary that a replica could have given.", labels: ["reason": reason.rawValue],
          Double(counts.fellBack[reason] ?? 0))
      }
    }
  }
}
