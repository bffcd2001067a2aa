import DeskCore
import PostgreSQL
import ServiceProcess
import Store

/// Reads the wallboard, each part once for all viewers.
struct WallboardReader: Sendable {
  private let store: DeskStore
  private let policy: PolicyFollower
  private let kept: SharedComputation<(today: Wallboard.Today, promises: [QueueID: KeptPromises])>

  /// - Parameter history: for the tickets of the day.
  init(store: DeskStore, history: DeskReader, policy: PolicyFollower, clock: DatabaseClock) {
    self.store = store
    self.policy = policy
    kept = SharedComputation(lifetime: WallboardBounds.keptLifetime) {
      let now = clock.now()
      let today = WallboardReader.today(at: now, under: policy.current)
      let found = try await history.read { source in
        try await source.store.reports.keptPromises(
          from: today.start, to: now, timeout: WallboardBounds.historyTimeout)
      }
      return (today, Dictionary(found.map { ($0.queue, $0) }, uniquingKeysWith: { first, _ in first }))
    }
  }

  func read() async throws -> Wallboard {
    var board = Wallboard()
    let policy = policy.current
    let rows = try await store.matching.agentRows()
    let paces = try await store.matching.paces()
    let figures = Dictionary(
      try await store.reports.queueFigures().map { ($0.queue, $0) }, uniquingKeysWith: { first, _ in first })
    // A desk that is too large to count is shown without these figures.
    let kept = try? await kept.value()
    board.today = kept?.today
    board.queues = Set(figures.keys).union(policy?.queues.keys ?? [:].keys).sorted().map { name in
      var queue = Wallboard.Queue(queue: name)
      if let known = figures[name] {
        (queue.waiting, queue.offered, queue.assigned) = (known.waiting, known.offered, known.assigned)
        (queue.late, queue.oldestWaiting) = (known.late, known.oldestWaiting)
      }
      queue.expectedWait = paces[name].flatMap {
        WaitEstimator.expectedWait(atPosition: Int(queue.waiting) + 1, pace: $0)
      }
      queue.kept = kept?.promises[name]
      for row in rows where Self.serves(row.agent, name, under: policy) { queue.staff.add(row) }
      return queue
    }
    for row in rows where policy?.agents[row.agent] != nil { board.staff.add(row) }
    let inbox = try await store.reports.inboxFigures()
    (board.undecided, board.oldestUndecided) = (inbox.waiting, inbox.oldest)
    board.deadLetters = try await store.outbox.deadLetterCount()
    for instance in try await store.fleet.livingInstances() where instance.state == .ready {
      board.ready[instance.service, default: 0] += 1
    }
    board.stuck = try await store.matching.stuckQueues()
    board.hotIssues = try await store.learning.hotIssues(limit: WallboardBounds.issuesShown).filter {
      $0.endedAt == nil
    }
    board.isHotJudged = try await store.learning.predictsArrivals()
    board.crises = try await store.crises.cases(before: nil, limit: ConsoleBounds.rowsPerList)
      .filter { $0.end == nil }.prefix(WallboardBounds.crisesShown).map(\.self)
    return board
  }

  /// Whether an agent's teams and skills fit a queue.
  private static func serves(_ agent: AgentID, _ queue: QueueID, under policy: Policy?) -> Bool {
    guard let profile = policy?.agents[agent], let queue = policy?.queues[queue] else { return false }
    return (queue.teams.isEmpty || !queue.teams.isDisjoint(with: profile.teams)) && profile.masters(queue.skills)
  }

  /// Today in the zone of the calendar that the policy's first service level uses, else in UTC.
  static func today(at now: Instant, under policy: Policy?) -> Wallboard.Today {
    let calendar = policy?.serviceLevels.lazy.compactMap(\.calendar).first.flatMap { policy?.calendars[$0] }
    let zone = calendar?.zone ?? .utc
    return Wallboard.Today(zone: zone.name, start: zone.instant(day: zone.localDay(of: now), minute: 0))
  }
}
