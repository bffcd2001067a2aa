import DeskCore
import Store

/// PostgreSQL as the processes see it: the tables of `SimulatedDatabase`, away or failing where a fault asks for it. It also writes down
/// what took effect, for the checks.
struct DatabaseServer {
  /// A step that took effect.
  struct Commit {
    let step: TicketStep
    let node: Node
    /// By the database's clock.
    let at: Instant
    /// What the process believed to hold.
    let fence: Fence?
    /// Whether the table of leases said so at that moment.
    let isFenceValid: Bool
  }

  var tables: SimulatedDatabase
  private(set) var commits: [Commit] = []
  private var leap: Duration = .zero
  private var awayUntil: Duration = .zero
  private var failing: (share: Double, until: Duration) = (0, .zero)
  private var slow: [Node: (upTo: Duration, until: Duration)] = [:]
  private var random: SeededGenerator
  private let planted: PlantedBug?

  /// When every run begins, by the database's clock.
  static let beginning = Instant(seconds: 1_767_225_600)

  init(random: SeededGenerator, planted: PlantedBug?) {
    self.random = random
    self.planted = planted
    tables = SimulatedDatabase(now: Self.beginning)
  }

  // MARK: Faults

  mutating func leap(by distance: Duration) { leap += distance }
  mutating func goAway(until time: Duration) { awayUntil = max(awayUntil, time) }
  mutating func fail(share: Double, until time: Duration) { failing = (share, time) }
  mutating func slowDown(_ node: Node, upTo delay: Duration, until time: Duration) { slow[node] = (delay, time) }

  /// Ends every fault, except that the clock stays where it was set.
  mutating func heal() {
    awayUntil = .zero
    failing = (0, .zero)
    slow = [:]
  }

  /// How much later than usual a statement of a process arrives.
  mutating func delay(of node: Node, at now: Duration) -> Duration {
    guard let slow = slow[node], slow.until > now else { return .zero }
    return .microseconds(Int64.random(in: 0...slow.upTo.wholeMicroseconds, using: &random))
  }

  // MARK: Statements

  /// Executes a statement, unless a fault prevents it or hides its outcome.
  mutating func execute<Answer>(
    at now: Duration, _ statement: (inout DatabaseServer) -> Answer
  ) -> Result<Answer, ConnectionLost> {
    let fault = fault(at: now)
    if fault == .beforeEffect { return .failure(ConnectionLost()) }
    tables.now = Self.beginning + now + leap
    let answer = statement(&self)
    return fault == .afterEffect ? .failure(ConnectionLost()) : .success(answer)
  }

  private mutating func fault(at now: Duration) -> StoreFault {
    if awayUntil > now { return .beforeEffect }
    guard failing.until > now, Double.random(in: 0..<1, using: &random) < failing.share else { return .none }
    return Bool.random(using: &random) ? .beforeEffect : .afterEffect
  }

  /// Commits steps, and writes down which took effect and under which lease.
  mutating func commit(_ steps: [TicketStep], fencedBy fence: Fence?, by node: Node) -> Set<TicketID> {
    guard !steps.isEmpty else { return [] }
    let offered = planted == .decisionWithoutCompareAndSet ? steps.map(uncompared) : steps
    let committed = tables.commit(offered, fencedBy: planted == .leaseTrustedTooLong ? nil : fence)
    for step in steps where committed.contains(step.ticket.id) {
      commits.append(
        Commit(step: step, node: node, at: tables.now, fence: fence, isFenceValid: fence.map(holds) ?? true))
    }
    return committed
  }

  /// Whether a lease is held as a fence says.
  private func holds(_ fence: Fence) -> Bool {
    guard let lease = tables.leases[ExactString(fence.lease)] else { return false }
    return lease.holder == fence.holder && lease.term == fence.term && lease.expiresAt > tables.now
  }

  /// The planted bug: the same step, whatever version the ticket has.
  private func uncompared(_ step: TicketStep) -> TicketStep {
    guard let ticket = tables.ticket(step.ticket.id) else { return step }
    return TicketStep(
      expectedVersion: ticket.version, ticket: step.ticket, at: step.at, effects: step.effects, decides: step.decides,
      outgoing: step.outgoing, notices: step.notices, traceparent: step.traceparent, reopenWindow: step.reopenWindow)
  }
}
