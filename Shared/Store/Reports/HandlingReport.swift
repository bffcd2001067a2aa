/// How long agents worked on the tickets of one group.
///
/// The time in hands is from an agent's acceptance of a ticket until the agent resolves it or loses it (transfer, reclaim, leaving, an
/// escalation, a merge). Handle time is the part of it in which the customer was not waited for; pending time the rest. So handle time
/// includes reading, writing and wrap-up, but not hold: ICMI ("average handle time = talk + after-call work") and Genesys ("handle: the
/// time that agents spent on an interaction") both define it by the agent's involvement, which for messages ends when the turn is the
/// customer's; Genesys counts hold in, which for messages lasts hours and says nothing about work, so that it is reported separately.
public struct HandlingRow: Sendable, Hashable {
  /// The group's key; nil for tickets without it.
  public let group: String?
  /// Tickets that an agent had in hands.
  public let tickets: Int64
  /// Times that an agent took one; a ticket that was transferred and accepted again counts twice.
  public let hands: Int64
  /// Of these, the ones that have ended. The times are of them only: a ticket still in hands has none yet.
  public let ended: Int64
  /// Handle time in seconds: mean, median and ninth decile; nil if none has ended.
  public let meanSeconds: Double?
  public let medianSeconds: Double?
  public let p90Seconds: Double?
  /// Mean time in hands in which the customer was waited for, in seconds.
  public let pendingMeanSeconds: Double?
  /// Hands that ended by a transfer, and by a loss without one: the agent left, did not reply in time, or an escalation or the rules took
  /// it.
  public let transferred: Int64
  public let lost: Int64
  /// Figures of inspections; nil where none of the period's tickets was inspected or had a reply intercepted.
  public var inspection: InspectionFigures?
}

/// What inspections of agents' messages found, for a group of a handling report.
public struct InspectionFigures: Sendable, Hashable {
  /// Replies in which a rule found something, refused or sent.
  public let interceptions: Int64
  /// Inspections with a result, and their mean score in percent after appeals; nil without any.
  public let inspections: Int64
  public let meanScore: Double?

  /// Creates figures.
  public init(interceptions: Int64, inspections: Int64, meanScore: Double?) {
    self.interceptions = interceptions
    self.inspections = inspections
    self.meanScore = meanScore
  }
}

/// How agents used their time in a period.
///
/// Occupancy is the time that agents worked, as a share of the time that they worked or could have worked (ICMI; COPC). Agents here have
/// several tickets at once, so both are weighted: the work by the tickets' weights, the time by the agents' capacities.
public struct OccupancyRow: Sendable, Hashable {
  /// The agent; nil for all of them.
  public let agent: String?
  /// Seconds of presence as `available` or `reserve`.
  public let availableSeconds: Double
  /// Seconds of presence as `away`.
  public let awaySeconds: Double
  /// Available seconds times capacity.
  public let capacitySeconds: Double
  /// Seconds of handling while available, times the ticket's weight.
  public let handlingSeconds: Double
  /// The same of tickets in hands whose customer was waited for; they keep their share of the capacity.
  public let pendingSeconds: Double

  /// Handling as a share of the available capacity; nil without any. Above 1 where a ticket arrived at a capacity that was lowered since.
  public var occupancy: Double? { capacitySeconds > 0 ? handlingSeconds / capacitySeconds : nil }
  /// The same with waiting for customers.
  public var load: Double? { capacitySeconds > 0 ? (handlingSeconds + pendingSeconds) / capacitySeconds : nil }
}

/// Transfers by people from one queue or agent to another.
public struct TransferRow: Sendable, Hashable {
  /// What is compared.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case queue, agent
  }

  /// Queues or agents.
  public let kind: Kind
  /// Where the tickets were; nil for none.
  public let from: String?
  /// Where they went. For queues nil for a transfer to an agent, for agents nil for one to a queue.
  public let to: String?
  /// Transfers.
  public let transfers: Int64
  /// Tickets that were transferred so.
  public let tickets: Int64
}
