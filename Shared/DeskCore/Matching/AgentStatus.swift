/// An agent's availability for matching.
public struct AgentStatus: Hashable, Sendable {
  /// The agent's profile in the policy.
  public let profile: AgentProfile
  /// The agent's presence.
  public let presence: Presence
  /// The total weight of the tickets that the agent has or is offered.
  public let load: Int32
  /// Since when the agent has not been given a ticket.
  public let idleSince: Instant

  /// Creates an agent's status.
  public init(profile: AgentProfile, presence: Presence, load: Int32, idleSince: Instant) {
    self.profile = profile
    self.presence = presence
    self.load = load
    self.idleSince = idleSince
  }

  /// The share of the capacity that is used, 0 to 1 and above.
  public var occupancy: Double {
    Double(TicketWeight.used(load, of: profile.capacity)) / Double(max(1, profile.capacity))
  }

  /// Whether the agent can be offered tickets at all: `reserve` agents are offered them once a relaxation step activates the reserve.
  public var isPresent: Bool { presence == .available || presence == .reserve }
}

/// An agent's presence.
public enum Presence: String, Hashable, Sendable, CaseIterable {
  case offline, away, available, reserve
}
