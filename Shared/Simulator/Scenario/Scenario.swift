public import DeskCore

/// What a simulation tries out: the desk's policy, who writes to it, and who works in it.
///
/// Everything in a run follows from the scenario and a seed. What a policy decides is decided by the policy's own code; the scenario only
/// says what comes from outside: customers, agents, machines.
public struct Scenario: Sendable {
  /// What it is called, by language.
  public var title: [String: String] = [:]
  /// When it begins: midnight of its first day in `zone`.
  public var start: Instant
  /// How long tickets arrive.
  public var length: Duration
  /// The time zone of hours, shifts and breaks.
  public var zone: ZoneOffsets
  /// Tickets that arrive before this time has passed are served, but not counted.
  public var warmUp: Duration = .zero
  /// Whether the run goes on after the last arrival until every ticket is answered or has left.
  public var drains = true
  /// The length of a step of the time series.
  public var step: Duration = .seconds(300)
  /// The seed, unless the caller has another.
  public var seed = SimulationSeed(1)
  /// The policy that decides.
  public var policy: Policy
  /// In which order tickets are served.
  public var order = ServiceOrder.desk
  /// The kinds of tickets.
  public var kinds: [TicketKind]
  /// The streams of arriving tickets.
  public var arrivals: [ArrivalStream]
  /// A recorded stretch that arrives in addition, sorted by time.
  public var recording: [RecordedArrival] = []
  /// The file of the recorded stretch, as the scenario names it; whoever reads the scenario loads it.
  public var recordingFile: String?
  /// How long tickets take; the first rule that applies counts.
  public var handling: [HandlingRule]
  /// How long customers wait; the first rule that applies counts, and without one they wait for ever.
  public var patience: [PatienceRule] = []
  /// The agents.
  public var staff: [StaffGroup]
  /// The router workers; nil: decisions and offers take no time.
  public var routers: RouterFleet?
  /// What fails.
  public var faults: [SimulatedFault] = []

  /// Describes a scenario.
  public init(
    start: Instant, length: Duration, zone: ZoneOffsets = .utc, policy: Policy, kinds: [TicketKind],
    arrivals: [ArrivalStream], handling: [HandlingRule], staff: [StaffGroup]
  ) {
    self.start = start
    self.length = length
    self.zone = zone
    self.policy = policy
    self.kinds = kinds
    self.arrivals = arrivals
    self.handling = handling
    self.staff = staff
  }

  /// When the last ticket may arrive.
  public var end: Instant { start + length }
}

/// A kind of ticket: what the channel and the classifier say about it.
public struct TicketKind: Hashable, Sendable {
  /// Its name.
  public var name: String
  /// The channel.
  public var channel: ChannelID
  /// The labels of its first message.
  public var labels: Labels
  /// How much of the arrivals it is, relative to the other kinds.
  public var weight: Double
  /// The tiers of its customers, by relative frequency.
  public var tiers: [CustomerTier: Double]
  /// The product line that the channel names; empty for none.
  public var productLine = ""
  /// The words of the message, for rules that look for words.
  public var text = ""

  /// Describes a kind.
  public init(
    name: String, channel: ChannelID, labels: Labels, weight: Double = 1, tiers: [CustomerTier: Double] = [.standard: 1]
  ) {
    self.name = name
    self.channel = channel
    self.labels = labels
    self.weight = weight
    self.tiers = tiers
  }
}

/// Tickets that arrive at random: a Poisson process whose rate is constant within each period.
public struct ArrivalStream: Hashable, Sendable {
  /// A period with a constant rate.
  public struct Period: Hashable, Sendable {
    /// When it begins, from the start of the scenario.
    public var from: Duration
    /// Tickets per hour.
    public var ratePerHour: Double

    /// Describes a period, which lasts until the next one begins.
    public init(from: Duration, ratePerHour: Double) {
      self.from = from
      self.ratePerHour = ratePerHour
    }
  }

  /// Its name.
  public var name: String
  /// The periods, by time. Before the first and with a rate of zero nothing arrives.
  public var periods: [Period]
  /// The numbers of the kinds that arrive; empty: all.
  public var kinds: [Int]
  /// How many tickets arrive at once: 1 for a Poisson process, more for bursts of tickets with one cause.
  public var together = 1

  /// Describes a stream.
  public init(name: String, periods: [Period], kinds: [Int] = []) {
    self.name = name
    self.periods = periods
    self.kinds = kinds
  }
}

/// A ticket of a recorded stretch.
public struct RecordedArrival: Hashable, Sendable {
  /// When it arrives, from the start of the scenario.
  public var after: Duration
  /// The number of its kind.
  public var kind: Int
  /// The customer's tier.
  public var tier: CustomerTier
  /// How long an agent worked on it; nil: as the scenario says.
  public var handling: Duration?
  /// How long the customer would wait; nil: as the scenario says.
  public var patience: Duration?
  /// The time from accepting to the first reply; nil: as the scenario says.
  public var firstReply: Duration?

  /// Describes a recorded ticket.
  public init(after: Duration, kind: Int, tier: CustomerTier, handling: Duration? = nil, patience: Duration? = nil) {
    self.after = after
    self.kind = kind
    self.tier = tier
    self.handling = handling
    self.patience = patience
  }
}
