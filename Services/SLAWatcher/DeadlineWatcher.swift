import DeskCore
import Logging
import Messaging
import ServiceKit
import ServiceLifecycle
import Store

/// Tells the clocks of tickets when their moments come, climbs the escalation ladder, and closes tickets whose reopen window has passed.
///
/// It remembers only what comes due within the next moments, and that could be read again: the next moment of each ticket is a column
/// with an index, and how far a clock was told and a ladder climbed is part of the ticket. So a restart loses nothing and repeats
/// nothing, and of two watchers that both believe to lead the database lets one act (the lease fences the commit, the ticket's
/// version decides).
struct DeadlineWatcher: WatchedService {
  let store: DeskStore
  let clock: DatabaseClock
  let policy: PolicyFollower
  let leadership: Leadership
  let metrics: SLAWatcherMetrics
  let logger: Logger
  let ticketsPerRound: Int
  /// Told which queues, agents and deliveries a round has changed.
  let publish: @Sendable ([HintPublisher.Hint]) async -> Void
  let telling = WatchedTask("deadlines")
  let closing = WatchedTask("ticket_closing")

  var tasks: [WatchedTask] { [telling, closing] }

  /// What one round did.
  struct Round: Sendable, Equatable {
    var told = 0
    var closed = 0
  }

  /// What a watcher remembers from round to round. It may be forgotten at any time.
  struct Memory {
    var window = DeadlineWindow(SLAWatcherBounds.pace)
    var jumps = ClockJumpGuard(tolerance: SLAWatcherBounds.clockTolerance, patience: SLAWatcherBounds.jumpPatience)
    var isHeld = false
    let began = ContinuousClock.now

    /// The monotonic counter that the clock is held against.
    var counter: Duration { ContinuousClock.now - began }
  }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var memory = Memory()
      var nextClosing = Duration.zero
      while !Task.isCancelled {
        let told = await telling.attempt(logger) { try await tell(&memory, counter: memory.counter) }
        // What is settled is closed even while deadlines cannot be told, but not by a clock that leapt.
        if told != .some(nil), !memory.isHeld, memory.counter >= nextClosing {
          let closed = await closing.attempt(logger) { try await close() } ?? 0
          nextClosing = memory.counter + (closed < ticketsPerRound ? SLAWatcherBounds.closingPause : .zero)
        }
        let pause: Duration
        switch told {
        case .some(.some):
          let now = clock.now()
          pause = memory.window.wake(after: now) - now
        case .some(nil):
          memory.window = DeadlineWindow(SLAWatcherBounds.pace)
          pause = SLAWatcherBounds.standByPause
        case nil:
          // What was handed out and not told is found again by a look at everything.
          memory.window = DeadlineWindow(SLAWatcherBounds.pace)
          pause = SLAWatcherBounds.failurePause
        }
        if pause > .zero { try? await Task.sleep(for: pause) }
      }
    }
    metrics.leading.set(0)
  }

  /// One look at everything that is due, and one at what can be closed.
  /// - Returns: what it did; nil while another watcher leads or no policy holds.
  func runOnce() async throws -> Round? {
    var memory = Memory()
    guard let told = try await tell(&memory, counter: memory.counter) else { return nil }
    return Round(told: told, closed: try await close())
  }

  // MARK: Deadlines

  /// Looks if it is time to, and tells what is due.
  /// - Returns: how many tickets it told; nil while another watcher leads, no policy holds, or the clock leapt.
  func tell(_ memory: inout Memory, counter: Duration) async throws -> Int? {
    let fence = leadership.fence
    metrics.leading.set(fence == nil ? 0 : 1)
    // One moment for the whole round: a leap that comes in the middle of it is judged before the next.
    let now = clock.now()
    guard let fence, let policy = policy.current, isSteady(now, counter, &memory) else { return nil }
    if let look = memory.window.look(at: now) {
      let found = try await store.deadlines(after: look.after, upTo: look.upTo, limit: look.limit)
      memory.window.fill(look, with: found, at: now)
    }
    var told = 0
    while true {
      let due = memory.window.takeDue(at: now, limit: ticketsPerRound)
      if due.isEmpty { break }
      let tickets = try await store.ticketsDue(due.map(\.ticket), by: now)
      let steps = try await take(.deadlineReached, on: tickets, at: now, under: policy, fence)
      let done = clock.now()
      for step in steps {
        metrics.told(step)
        if let before = tickets.first(where: { $0.id == step.ticket.id })?.clocks.nextCheckAt {
          metrics.lag.observe(done - before)
        }
      }
      told += steps.count
      memory.window.told(steps.count)
    }
    if told > 0 { logger.info("deadlines told", metadata: ["tickets": "\(told)"]) }
    return told
  }

  /// Whether the clock can be gone by. A leap is logged when it comes and when it is followed.
  private func isSteady(_ now: Instant, _ counter: Duration, _ memory: inout Memory) -> Bool {
    let verdict = memory.jumps.judge(now, counter: counter)
    if case .held(let leap) = verdict {
      if !memory.isHeld {
        logger.error(
          "the database's clock leapt; no deadline is told until it has stayed there",
          metadata: ["seconds": "\(leap.inSeconds)", "patience_seconds": "\(SLAWatcherBounds.jumpPatience.inSeconds)"])
      }
      memory.isHeld = true
      metrics.clockLeap.set(leap.inSeconds)
      return false
    }
    if case .followed(let leap) = verdict {
      logger.error("the database's clock was set; deadlines go by it now", metadata: ["seconds": "\(leap.inSeconds)"])
    }
    memory.isHeld = false
    metrics.clockLeap.set(0)
    return true
  }

  // MARK: Ends

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

  /// - Returns: the steps that took effect. A ticket that refuses the step or moved on is simply looked at again.
  private func take(
    _ event: TicketEvent, on tickets: [Ticket], at now: Instant, under policy: Policy, _ fence: Fence
  ) async throws -> [TicketStep] {
    guard !tickets.isEmpty else { return [] }
    var random = SystemRandom()
    let steps = tickets.compactMap { ticket -> TicketStep? in
      var changed = ticket
      let effects: [TicketEffect]
      do {
        effects = try changed.handle(event, now: now, under: policy)
      } catch {
        // A fault of ours, and one that repeats until somebody looks at it.
        logger.error(
          "a ticket refused its deadline",
          metadata: ["ticket": "\(ticket.id)", "state": "\(ticket.state.rawValue)", "refusal": "\(error)"])
        store.setAside.setAside(.ticket(ticket.id), because: error)
        return nil
      }
      return TicketStep(
        expectedVersion: ticket.version, ticket: changed, at: now, effects: effects,
        notices: TicketStep.notices(for: effects, of: changed, under: policy, at: now, using: &random),
        traceparent: nil, reopenWindow: policy.settledTime(of: changed))
    }
    let committed = try await store.commitApart(steps, fencedBy: fence)
    let taken = steps.filter { committed.contains($0.ticket.id) }
    let hints = Set(taken.flatMap(Self.hints))
    if !hints.isEmpty { await publish(Array(hints)) }
    return taken
  }

  /// Who may have something to do now: a queue that got a ticket, an agent who has room again, the notifier.
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
