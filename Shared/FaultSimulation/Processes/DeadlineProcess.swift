import DeskCore
import Store

/// The watcher: `DeadlineWindow` and `ClockJumpGuard` decide what is due, the one that leads acts.
final class DeadlineProcess: SimulatedProcess {
  private var leases: LeaseHolder?
  private var window = DeadlineWindow(DeadlineProcess.pace)
  private var jumps = DeadlineProcess.newGuard

  private static let lease = "sla-watcher"
  private static let pace = DeadlineWindow.Pace(
    look: .milliseconds(240), ahead: .milliseconds(600), behind: .seconds(2), wholeLook: .seconds(5),
    gathering: .milliseconds(40), limit: 256)
  private static var newGuard: ClockJumpGuard { ClockJumpGuard(tolerance: .seconds(5), patience: .seconds(120)) }

  override var service: String? { "sla-watcher" }

  override func begin() {
    window = DeadlineWindow(Self.pace)
    jumps = Self.newGuard
    leases = LeaseHolder(in: self)
    leases?.want([Self.lease])
    watch()
    every(.seconds(1)) { [unowned self] in close() }
  }

  /// The database's time, unless its clock was just set.
  private var steadyNow: Instant? {
    let now = now
    if case .held = jumps.judge(now, counter: world.now) { return nil }
    return now
  }

  private func watch() {
    guard let fence = leases?.fence(Self.lease) else {
      window = DeadlineWindow(Self.pace)
      _ = steadyNow
      return after(.milliseconds(500)) { [unowned self] in watch() }
    }
    guard let now = steadyNow else {
      window = DeadlineWindow(Self.pace)
      return after(.milliseconds(250)) { [unowned self] in watch() }
    }
    guard let look = window.look(at: now) else { return notify(at: now, fence) }
    execute({ $0.tables.deadlines(after: look.after, upTo: look.upTo, limit: look.limit) }) { [unowned self] result in
      guard case .success(let found) = result else { return failed() }
      window.fill(look, with: found, at: now)
      notify(at: now, fence)
    }
  }

  private func failed() {
    window = DeadlineWindow(Self.pace)
    after(.milliseconds(250)) { [unowned self] in watch() }
  }

  private func notify(at now: Instant, _ fence: Fence) {
    let due = window.takeDue(at: now, limit: FaultSimulationBounds.rows)
    guard !due.isEmpty else {
      let current = self.now
      return after(max(.milliseconds(1), window.wake(after: current) - current)) { [unowned self] in watch() }
    }
    execute({ $0.tables.ticketsDue(due.map(\.ticket), by: now) }) { [unowned self] result in
      guard case .success(let tickets) = result else { return failed() }
      take(.deadlineReached, on: tickets, at: now, fence) { [unowned self] taken in
        guard let taken else { return failed() }
        window.notified(taken)
        notify(at: now, fence)
      }
    }
  }

  private func close() {
    guard let fence = leases?.fence(Self.lease), let now = steadyNow else { return }
    execute({ $0.tables.ticketsToClose(by: now, limit: FaultSimulationBounds.rows) }) { [unowned self] result in
      guard case .success(let settled) = result, !settled.isEmpty else { return }
      take(.reopenWindowPassed, on: settled, at: now, fence) { _ in }
    }
  }

  /// - Parameter then: is told how many steps took effect; nil when that is unknown.
  private func take(
    _ event: TicketEvent, on tickets: [Ticket], at now: Instant, _ fence: Fence, _ then: @escaping (Int?) -> Void
  ) {
    let steps = tickets.compactMap {
      try? TicketStep(event, on: $0, at: now, under: SimulatedPolicy.policy, using: &random)
    }
    let me = node
    execute({ $0.commit(steps, fencedBy: fence, by: me) }) { [unowned self] result in
      guard case .success(let committed) = result else { return then(nil) }
      for step in steps where committed.contains(step.ticket.id) {
        let kinds = step.effects.compactMap { if case .record(let entry) = $0 { entry.kind.rawValue } else { nil } }
        note("\(world.name(of: step.ticket.id)): \(kinds.joined(separator: ", "))")
        for case .wakeQueue(let queue) in step.effects { publish(.queue(queue)) }
        for case .changeLoad(let agent, let change) in step.effects where change < 0 { publish(.agent(agent)) }
        if !step.notices.isEmpty { publish(.outbox) }
      }
      then(committed.count)
    }
  }
}
