/// Customers who have dedicated agents by rota: who is on duty for them when.
public struct KeyAccount: Hashable, Sendable {
  /// Hours of some weekdays in which an agent is on duty.
  public struct Shift: Hashable, Sendable {
    /// The agent.
    public let agent: AgentID
    /// The weekdays, Monday (0) to Sunday (6).
    public let weekdays: Set<Int>
    /// The minutes of those days, 0 to 1440.
    public let hours: BusinessCalendar.Hours

    /// Describes a shift.
    public init(_ agent: AgentID, weekdays: Set<Int>, hours: BusinessCalendar.Hours = [0..<1_440]) {
      self.agent = agent
      self.weekdays = weekdays
      self.hours = hours
    }
  }

  /// Its name.
  public let name: String
  /// The customers, by channel and the channel's id.
  public let customers: Set<Correspondent>
  /// The time zone of weekdays, hours and dates.
  public let zone: ZoneOffsets
  /// The shifts; of several at one time the first whose agent is available counts.
  public let shifts: [Shift]
  /// Who is on duty all day on single dates instead, by days since 1970-01-01 in the zone; no one for an empty list.
  public let exceptions: [Int: [AgentID]]
  /// Who stands in, in this order, when no one on duty is available.
  public let deputies: [AgentID]

  /// Describes an account.
  public init(
    name: String, customers: Set<Correspondent>, zone: ZoneOffsets, shifts: [Shift],
    exceptions: [Int: [AgentID]] = [:], deputies: [AgentID] = []
  ) {
    self.name = name
    self.customers = customers
    self.zone = zone
    self.shifts = shifts
    self.exceptions = exceptions
    self.deputies = deputies
  }

  /// Who serves the account.
  ///
  /// - Parameter available: the agents who are available; one who is busy is on duty all the same.
  /// - Returns: the first agent on duty who is available, else the first deputy who is; else the first on duty, whom others then replace as
  ///   they do any absent agent. Nil when no one is on duty and no deputy is available.
  public func duty(at now: Instant, available: Set<AgentID>) -> RotaDuty? {
    let (scheduled, basis) = scheduled(at: now)
    if let agent = scheduled.first(where: available.contains) { return RotaDuty(agent, account: name, basis) }
    if let deputy = deputies.first(where: available.contains) {
      return RotaDuty(deputy, account: name, .deputy, instead: scheduled.first)
    }
    return scheduled.first.map { RotaDuty($0, account: name, basis) }
  }

  /// The agents on duty at a time, available or not.
  public func scheduled(at now: Instant) -> (agents: [AgentID], basis: RotaDuty.Basis) {
    let day = zone.localDay(of: now)
    if let agents = exceptions[day] { return (agents, .exception) }
    let local = now.microseconds + Int64(zone.offsetSeconds(at: now)) * 1_000_000
    let minute = Int((local - Int64(day) * 86_400_000_000) / 60_000_000)
    let weekday = ((day + 3) % 7 + 7) % 7
    let agents = shifts.filter { shift in
      shift.weekdays.contains(weekday) && shift.hours.contains { $0.contains(minute) }
    }.map(\.agent)
    return (agents, .shift)
  }
}

/// Why an agent is a customer's dedicated agent now: the rota of a key account.
public struct RotaDuty: Hashable, Sendable {
  /// How the agent comes to serve the account.
  public enum Basis: String, Hashable, Sendable, CaseIterable {
    /// A shift of the rota.
    case shift
    /// The rota's exception for the date.
    case exception
    /// As a deputy, because no one on duty is available.
    case deputy
  }

  /// The agent.
  public let agent: AgentID
  /// The account.
  public let account: String
  /// How.
  public let basis: Basis
  /// The agent on duty for whom a deputy stands in; nil when no one is on duty.
  public let instead: AgentID?

  /// Describes a duty.
  public init(_ agent: AgentID, account: String, _ basis: Basis, instead: AgentID? = nil) {
    self.agent = agent
    self.account = account
    self.basis = basis
    self.instead = instead
  }

  /// A description: `on duty for the key account acme, by its rota`.
  public var text: String {
    switch basis {
    case .shift: "on duty for the key account \(account), by its rota"
    case .exception: "on duty for the key account \(account), by an exception of its rota for the date"
    case .deputy:
      instead.map { "deputy for the key account \(account), because \($0) is on duty and not available" }
        ?? "deputy for the key account \(account), because no one is on duty"
    }
  }
}

/// The key accounts of a policy, found by customer.
public struct KeyAccounts: Hashable, Sendable {
  /// The accounts; no customer belongs to two.
  public let accounts: [KeyAccount]
  private let places: [Correspondent: Int]

  /// Collects accounts. A customer of several belongs to the first.
  public init(_ accounts: [KeyAccount] = []) {
    self.accounts = accounts
    var places: [Correspondent: Int] = [:]
    for (place, account) in accounts.enumerated() {
      for customer in account.customers where places[customer] == nil { places[customer] = place }
    }
    self.places = places
  }

  /// The account of a customer; nil for most.
  public func account(of customer: Correspondent) -> KeyAccount? { places[customer].map { accounts[$0] } }

  /// A waiting ticket with the agent on duty as its dedicated agent, if its customer has a rota.
  public func assigned(_ ticket: WaitingTicket, at now: Instant, available: Set<AgentID>) -> WaitingTicket {
    guard !places.isEmpty, let customer = ticket.customer,
      let duty = account(of: customer)?.duty(at: now, available: available)
    else { return ticket }
    var ticket = ticket
    ticket.dedicatedAgent = duty.agent
    ticket.duty = duty
    return ticket
  }
}
