public import DeskCore

/// The router workers, as servers in front of the queues: they decide in batches, and without one nothing is offered either.
public struct RouterFleet: Hashable, Sendable {
  /// How many run; how many at the beginning, if their number follows the load.
  public var workers: Int
  /// How their number follows the load; nil: it does not.
  public var capacity: CapacitySettings?
  /// Known peaks, for which workers are started in advance.
  public var peaks: [PlannedPeak] = []
  /// How many tickets one decides together at most.
  public var batch = 512
  /// How long a batch takes, in addition to its tickets.
  public var perBatch = Variate.constant(0.005)
  /// How long each ticket of a batch takes.
  public var perTicket = 0.000_5

  /// Describes a fleet.
  public init(workers: Int) {
    self.workers = workers
  }
}

/// Something that fails for a while.
public struct SimulatedFault: Hashable, Sendable {
  /// What fails.
  public enum Subject: Hashable, Sendable {
    /// So many router workers die; what they were deciding is decided again by others, once their claim has ended.
    case routers(Int)
    /// A share of the agents of a group, or of all for nil, loses the connection: their tickets go back to the queues.
    case agents(share: Double, of: String?)
  }

  /// What fails.
  public var subject: Subject
  /// When, from the start of the scenario.
  public var after: Duration
  /// For how long.
  public var length: Duration

  /// Describes a fault.
  public init(_ subject: Subject, after: Duration, length: Duration) {
    self.subject = subject
    self.after = after
    self.length = length
  }
}

/// The order in which waiting tickets are served.
///
/// `desk` is what `QueueRank` says. The others are for comparison; they are expressed by what the ranking is given, so that the same
/// engine serves all of them: a ticket that is never late and counts as due when its turn is.
public enum ServiceOrder: String, Hashable, Sendable, CaseIterable {
  case desk
  case firstInFirstOut = "first_in_first_out"
  case strictPriority = "strict_priority"
  case earliestDeadline = "earliest_deadline"

  /// Farther in the future than any deadline.
  private static let far: Duration = .seconds(100 * 366 * 86_400)

  /// A ticket as this order ranks it.
  public func presented(_ ticket: WaitingTicket) -> WaitingTicket {
    let turn: Instant
    switch self {
    case .desk: return ticket
    case .firstInFirstOut: turn = ticket.waitingSince + Self.far
    case .strictPriority: turn = ticket.waitingSince + Self.far * (1 + ticket.priority.rawValue)
    case .earliestDeadline: turn = (ticket.dueAt ?? ticket.waitingSince + Self.far) + Self.far
    }
    return WaitingTicket(
      id: ticket.id, version: ticket.version, priority: .normal, tier: .standard, skills: ticket.skills,
      weight: ticket.weight, language: ticket.language, waitingSince: ticket.waitingSince, dueAt: turn,
      refusedBy: ticket.refusedBy, lastAgent: ticket.lastAgent, dedicatedAgent: ticket.dedicatedAgent,
      pauses: ticket.pauses, duty: ticket.duty, customer: ticket.customer)
  }
}
