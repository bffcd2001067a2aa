import DeskCore
import Logging
import Observability
import ServiceHealth
import ServiceProcess
import Store
import SystemPrimitives

/// Decides once per second how many routers, classifiers and intakes are wanted, and writes what changed. The leader does it.
///
/// It starts and stops nothing: `frontdesk up` and autoscalers follow the numbers in `desk.capacity`. A new leader goes on from there, and
/// shrinks nothing before it has seen a whole cool-down itself.
final class CapacityKeeper: LeaderService {
  private struct State {
    var controllers: [ElasticService: CapacityController] = [:]
    /// What the last round saw and decided, for `/metrics`; empty on a standby.
    var shown: [ElasticService: CapacityFigures] = [:]
  }

  private let store: DeskStore
  private let policy: PolicyFollower
  private let backlog: UndecidedBacklog
  private let logger: Logger
  private let task = WatchedTask("capacity")
  private let state = PthreadMutex(State())
  let leadership: Leadership

  init(
    store: DeskStore, policy: PolicyFollower, leadership: Leadership, backlog: UndecidedBacklog,
    metrics: MetricsRegistry, logger: Logger
  ) {
    self.store = store
    self.policy = policy
    self.backlog = backlog
    self.leadership = leadership
    self.logger = logger
    metrics.collector { [weak self] scrape in
      self?.state.withLock { $0.shown }.forEach { service, figures in figures.show(of: service, in: &scrape) }
    }
  }

  var periodic: PeriodicTask { PeriodicTask(task, every: SLAWatcherBounds.capacityPause, logger: logger) }

  /// What was decided while leading says nothing about the time until this process leads again.
  func standBy() { state.withLock { $0 = State() } }

  func round(fencedBy fence: Fence) async throws -> PeriodicTask.Pause {
    try await decide(fencedBy: fence)
    return .regular
  }

  /// Observes, decides, and writes what changed.
  /// - Returns: the services whose rows were written.
  @discardableResult
  func decide(fencedBy fence: Fence) async throws -> Set<ElasticService> {
    let looks = try await store.capacity.look()
    // The backlog of all stages; of intake none is counted.
    if let router = looks.first(where: { $0.service == .router }) { backlog.note(router.observation) }
    let settings = policy.current?.life.capacity ?? CapacityPolicy()
    let changes = state.withLock { state in
      looks.compactMap { look -> KeptCapacity? in
        let kept = Self.decide(look, settings[look.service], &state.controllers[look.service])
        state.shown[look.service] = CapacityFigures(
          wanted: kept.wanted, running: look.observation.running, limit: settings[look.service].limit)
        return Self.differs(kept, from: look.row) ? kept : nil
      }
    }
    guard !changes.isEmpty else { return [] }
    let written = try await store.capacity.keep(changes, fencedBy: fence)
    for change in changes {
      guard written.contains(change.service) else {
        // A person has fixed the number meanwhile, or another watcher leads: the next round begins from the row.
        state.withLock { $0.controllers[change.service] = nil }
        continue
      }
      note(change, before: looks.first { $0.service == change.service }?.row.wanted)
    }
    return written
  }

  private static func decide(
    _ look: CapacityLook, _ settings: CapacitySettings, _ controller: inout CapacityController?
  ) -> KeptCapacity {
    let row = look.row
    func kept(_ wanted: Int, _ reason: JSONValue) -> KeptCapacity {
      KeptCapacity(
        look.service, mode: row.mode, wanted: wanted, range: settings.base...settings.limit, reason: reason,
        isApart: look.observation.running != wanted)
    }
    guard row.mode == .auto else {
      controller = nil
      return kept(row.wanted, row.reason)
    }
    let now = look.observation.at
    var current = controller ?? CapacityController(settings, wanted: row.wanted, now: now)
    // Someone else has written the row.
    if current.wanted != row.wanted { current = CapacityController(settings, wanted: row.wanted, now: now) }
    current.settings = settings
    current.peaks = look.peaks
    let decision = current.handle(look.observation, now: now)
    controller = current
    return kept(decision.wanted, decision.reason.coded)
  }

  /// The values of a reason change all the time; a row is written when the reason itself does.
  private static func differs(_ kept: KeptCapacity, from row: CapacityRow) -> Bool {
    kept.wanted != row.wanted || kept.range != row.base...max(row.base, row.ceiling)
      || kept.isApart != (row.apartSince != nil) || kept.reason["code"] != row.reason["code"]
  }

  private func note(_ change: KeptCapacity, before: Int?) {
    guard let before, before != change.wanted else { return }
    logger.info(
      "another number of processes is wanted",
      metadata: [
        "service": "\(change.service.rawValue)", "wanted": "\(change.wanted)", "before": "\(before)",
        "reason": "\(CapacityReason(change.reason)?.text(in: .english) ?? "")",
      ])
  }
}
