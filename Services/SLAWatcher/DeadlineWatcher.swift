import DeskCore
import Logging
import Messaging
import ServiceKit
import ServiceLifecycle
import Store

/// Processes the deadlines of tickets when they come due, runs the escalation steps, and closes tickets whose reopen window has passed.
///
/// It keeps in memory only what comes due soon and can be read again: the next deadline of each ticket is an indexed column, and the
/// notified percentage and the escalation steps taken are part of the ticket. So a restart loses nothing and repeats nothing, and of two
/// watchers that both believe to lead the database lets one act (the lease fences the commit, the ticket's version decides).
struct DeadlineWatcher: WatchedService {
  let store: DeskStore
  let clock: DatabaseClock
  let policy: PolicyFollower
  let leadership: Leadership
  let metrics: SLAWatcherMetrics
  let logger: Logger
  let ticketsPerRound: Int
  /// Is notified of the queues, agents and deliveries that a round has changed.
  let publish: @Sendable ([HintPublisher.Hint]) async -> Void
  let telling = WatchedTask("deadlines")
  let closing = WatchedTask("ticket_closing")

  var tasks: [WatchedTask] { [telling, closing] }

  /// The result of one round.
  struct Round: Sendable, Equatable {
    var notified = 0
    var closed = 0
  }

  /// The state that a watcher keeps between rounds. It may be discarded at any time.
  struct Memory {
    var window = DeadlineWindow(SLAWatcherBounds.pace)
    var jumps = ClockJumpGuard(tolerance: SLAWatcherBounds.clockTolerance, patience: SLAWatcherBounds.jumpPatience)
    var isHeld = false
    let began = ContinuousClock.now

    /// The monotonic counter with which the clock is compared.
    var counter: Duration { ContinuousClock.now - began }
  }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var memory = Memory()
      var nextClosing = Duration.zero
      while !Task.isCancelled {
        let notified = await telling.attempt(logger) { try await notify(&memory, counter: memory.counter) }
        // Settled tickets are closed even while deadlines cannot be processed, but not by a clock that jumped.
        if notified != .some(nil), !memory.isHeld, memory.counter >= nextClosing {
          let closed = await closing.attempt(logger) { try await close() } ?? 0
          nextClosing = memory.counter + (closed < ticketsPerRound ? SLAWatcherBounds.closingPause : .zero)
        }
        let pause: Duration
        switch notified {
        case .some(.some):
          let now = clock.now()
          pause = memory.window.wake(after: now) - now
        case .some(nil):
          memory.window = DeadlineWindow(SLAWatcherBounds.pace)
          pause = SLAWatcherBounds.standByPause
        case nil:
          // Deadlines that were taken from the window but not processed are found again by the full scan.
          memory.window = DeadlineWindow(SLAWatcherBounds.pace)
          pause = SLAWatcherBounds.failurePause
        }
        if pause > .zero { try? await Task.sleep(for: pause) }
      }
    }
    metrics.leading.set(0)
  }

  /// Scans once for everything that is due, and once for tickets that can be closed.
  /// - Returns: the result; nil while another watcher leads or there is no policy.
  func runOnce() async throws -> Round? {
    var memory = Memory()
    guard let notified = try await notify(&memory, counter: memory.counter) else { return nil }
    return Round(notified: notified, closed: try await close())
  }

  // MARK: Deadlines

  /// Reads deadlines if it is time to, and processes those that are due.
  /// - Returns: how many tickets it processed; nil while another watcher leads, there is no policy, or the clock jumped.
  func notify(_ memory: inout Memory, counter: Duration) async throws -> Int? {
    let fence = leadership.fence
    metrics.leading.set(fence == nil ? 0 : 1)
    // One time for the whole round: a jump in the middle of it is judged before the next.
    let now = clock.now()
    guard let fence, let policy = policy.current, isSteady(now, counter, &memory) else { return nil }
    if let look = memory.window.look(at: now) {
      let found = try await store.deadlines(after: look.after, upTo: look.upTo, limit: look.limit)
      memory.window.fill(look, with: found, at: now)
    }
    var notified = 0
    while true {
      let due = memory.window.takeDue(at: now, limit: ticketsPerRound)
      if due.isEmpty { break }
      let tickets = try await store.ticketsDue(due.map(\.ticket), by: now)
      let steps = try await take(.deadlineReached, on: tickets, at: now, under: policy, fence)
      let done = clock.now()
      for step in steps {
        metrics.notified(step)
        if let before = tickets.first(where: { $0.id == step.ticket.id })?.clocks.nextCheckAt {
          metrics.lag.observe(done - before)
        }
      }
      notified += steps.count
      memory.window.notified(steps.count)
    }
    if notified > 0 { logger.info("deadlines processed", metadata: ["tickets": "\(notified)"]) }
    return notified
  }

  /// Whether the clock can be trusted. A jump is logged when it occurs and when it is accepted.
  private func isSteady(_ now: Instant, _ counter: Duration, _ memory: inout Memory) -> Bool {
    let verdict = memory.jumps.judge(now, counter: counter)
    if case .held(let leap) = verdict {
      if !memory.isHeld {
        logger.error(
          "the database's clock jumped; deadlines are suspended until it has been stable",
          metadata: ["seconds": "\(leap.inSeconds)", "patience_seconds": "\(SLAWatcherBounds.jumpPatience.inSeconds)"])
      }
      memory.isHeld = true
      metrics.clockLeap.set(leap.inSeconds)
      return false
    }
    if case .followed(let leap) = verdict {
      logger.error("the database's clock was set; deadlines follow it now", metadata: ["seconds": "\(leap.inSeconds)"])
    }
    memory.isHeld = false
    metrics.clockLeap.set(0)
    return true
  }

  // MARK: Closing

  /// - Returns: how many tickets were closed.
  private func close() async throws -> Int {
    guard let fence = leadership.fence, let policy = policy.current else { return 0 }
    let now = clock.now()
    let settled = try await store.ticketsToClose(by: now, limit: ticketsPerRound)
    let closed = try await take(.reopenWindowPassed, on: settled, at: now, under: policy, fence)
    metrics.closed.increment(by: Double(closed.count))
    if !closed.isEmpty { logger.info("tickets closed", metadata: ["tickets": "\(closed.count)"]) }
    return closed.count
  }

  // MARK: Steps

  /// - Returns: the steps that took effect. A ticket that refuses the step or changed in the meantime is read again later.
  private func take(
    _ event: TicketEvent, on tickets: [Ticket], at now: Instant, under policy: Policy, _ fence: Fence
  ) async throws -> [TicketStep] {
    guard !tickets.isEmpty else { return [] }
    var random = SystemRandom()
    let steps = tickets.compactMap { ticket -> TicketStep? in
      do {
        return try TicketStep(event, on: ticket, at: now, under: policy, using: &random)
      } catch {
        // A bug, and one that repeats until it is investigated.
        logger.error(
          "a ticket refused its deadline",
          metadata: ["ticket": "\(ticket.id)", "state": "\(ticket.state.rawValue)", "refusal": "\(error)"])
        store.setAside.setAside(.ticket(ticket.id), because: error)
        return nil
      }
    }
    let committed = try await store.commitApart(steps, fencedBy: fence)
    let taken = steps.filter { committed.contains($0.ticket.id) }
    let hints = Set(taken.flatMap(Self.hints))
    if !hints.isEmpty { await publish(Array(hints)) }
    return taken
  }

  /// What may be affected now: a queue that got a ticket, an agent who has room again, the notifier.
  private static func hints(for step: TicketStep) -> [HintPublisher.Hint] {
    var hints = step.effects.compactMap { effect -> HintPublisher.Hint? in
      switch effect {
      case .wakeQueue(let queue): .init(topic: HintTopics.queue, key: queue.rawValue)
      case .changeLoad(let agent, let change) where change < 0: .init(topic: HintTopics.agent, key: agent.rawValue)
      default: nil
      }
    }
    if !step.notices.isEmpty { hints.append(.init(topic: HintTopics.outbox)) }
    return hints
  }
}
