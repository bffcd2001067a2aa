public import DeskCore

/// What became of the tickets of a run, of one class or of all.
public struct Outcome: Sendable {
  /// Tickets that arrived.
  public var arrived = 0
  /// Tickets that an agent answered.
  public var answered = 0
  /// Tickets whose customers gave up first.
  public var abandoned = 0
  /// Tickets whose first response was late: given after it was due, or not given when the customer gave up or the run ended after that.
  public var late = 0
  /// Tickets whose first response was given, or was due and not given: of these `late` is a part.
  public var decided = 0
  /// Tickets that found no agent at once.
  public var delayed = 0
  /// The time from opening until an agent accepted the ticket.
  public var waits = Sample()
  /// By how much the first response was late; 0 when it was in time.
  public var lateness = Sample()

  /// The share of first responses that were late; 0 without any.
  public var shareLate: Double { decided > 0 ? Double(late) / Double(decided) : 0 }
  /// The share of tickets whose customers gave up.
  public var shareAbandoned: Double { arrived > 0 ? Double(abandoned) / Double(arrived) : 0 }
  /// The share of tickets that found no agent at once.
  public var shareDelayed: Double { arrived > 0 ? Double(delayed) / Double(arrived) : 0 }
  /// The mean time in the queue of all tickets, also of those whose customers gave up, in seconds.
  public var meanTimeInQueue: Double {
    let left = answered + abandoned
    return left > 0 ? (waits.mean * Double(waits.count) + timeUntilAbandoned) / Double(left) : 0
  }
  /// The total time that customers waited who gave up, in seconds.
  public var timeUntilAbandoned = 0.0

  mutating func sort() {
    waits.sort()
    lateness.sort()
  }
}

/// The result of one run.
public struct SimulationResult: Sendable {
  /// The seed.
  public var seed: SimulationSeed
  /// All tickets.
  public var all = Outcome()
  /// The tickets by priority class.
  public var classes: [Priority: Outcome] = [:]
  /// The tickets by the customer's tier.
  public var tiers: [CustomerTier: Outcome] = [:]
  /// The tickets by the queue in which it happened: a ticket that an escalation handed over arrived in one and was answered in another.
  public var queues: [QueueID: Outcome] = [:]
  /// Tickets that were promised a call-back, because their queue was full.
  public var promisedCallBack = 0
  /// Tickets that overflowed from a full queue to another.
  public var overflowed = 0
  /// Offers, and how many of them were declined or timed out.
  public var offers = 0
  public var refused = 0
  /// Tickets that were neither answered nor had left when the run ended.
  public var unfinished = 0
  /// The share of the agents' working time in which they had tickets, weighted by how much of their capacity these took.
  public var occupancy = 0.0
  /// The working time of all agents.
  public var staffHours = 0.0
  /// The running time of all router workers.
  public var routerHours = 0.0
  /// How long tickets waited for their decision; 0 without router workers.
  public var routing = Sample()
  /// The errors of expected waits, of tickets that found no agent at once: of what customers are told (`position`), and of the estimators
  /// that know only how long others waited. Those that need the number of a queue's agents are missing: with skills there is none.
  public var estimates: [DelayEstimator: EstimateError] = [:]
  /// How it went, step by step.
  public var series: TimeSeries
  /// Events that were simulated.
  public var events = 0

  mutating func finish() {
    all.sort()
    for name in classes.keys { classes[name]?.sort() }
    for name in tiers.keys { tiers[name]?.sort() }
    for name in queues.keys { queues[name]?.sort() }
    routing.sort()
  }
}

/// A run that could not be finished.
public enum SimulationFailure: Error, Hashable, Sendable {
  /// More tickets are open than `SimulatorBounds.openTickets`.
  case tooManyOpenTickets(after: Duration)
  /// The caller ended it.
  case stopped
}
