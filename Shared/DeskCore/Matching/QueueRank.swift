/// A ticket's rank in the order of its queue; the smaller rank is served first.
///
/// - The top class is protected: urgent tickets come before all others, those that can still be in time before the late ones.
/// - Among the others, tickets that can still be in time come first, by the time at which they count as due: the due time less a head
///   start for class and tier (`HeadStarts`).
/// - Tickets that are already late, or have no target, follow by class, tier and age. Serving one of them early saves nothing and makes
///   another one late. To prevent starvation, every n-th offer of a queue (`QueuePolicy.overdueTurn`) goes to the most overdue of them.
///
/// A ticket that was answered before counts by its next target. The identifier breaks ties, so the order is total. While a ticket waits,
/// its rank changes only when a target is breached.
public struct QueueRank: Hashable, Sendable, Comparable {
  /// The bands of the order, first to last.
  public enum Band: Int, Hashable, Sendable, CaseIterable {
    case urgentInTime, urgentLate, inTime, late

    /// The description used in explanations.
    public var text: String {
      switch self {
      case .urgentInTime: "urgent, in time"
      case .urgentLate: "urgent, late"
      case .inTime: "in time"
      case .late: "late, or without an SLA target"
      }
    }
  }

  /// The band.
  public let band: Band
  /// Class and tier if they decide before time does: among late tickets; 0 elsewhere.
  public let rank: Int16
  /// The time at which it counts as due; without a target, since when it waits.
  public let countsAsDueAt: Instant
  /// The ticket.
  public let ticket: TicketID

  /// Ranks a ticket.
  /// - Parameter headStarts: those of the policy.
  public init(_ ticket: WaitingTicket, headStarts: HeadStarts, now: Instant) {
    let isUrgent = ticket.priority == .urgent
    self.ticket = ticket.id
    if let due = ticket.dueAt, due > now {
      band = isUrgent ? .urgentInTime : .inTime
      rank = 0
      countsAsDueAt = due - headStarts.start(of: ticket.priority, ticket.tier)
    } else {
      band = isUrgent ? .urgentLate : .late
      rank = Ticket.rank(ticket.priority, ticket.tier)
      countsAsDueAt = ticket.dueAt ?? ticket.waitingSince
    }
  }

  public static func < (left: Self, right: Self) -> Bool {
    if left.band != right.band { return left.band.rawValue < right.band.rawValue }
    if left.rank != right.rank { return left.rank < right.rank }
    if left.countsAsDueAt != right.countsAsDueAt { return left.countsAsDueAt < right.countsAsDueAt }
    return left.ticket < right.ticket
  }
}

extension [WaitingTicket] {
  /// The tickets in the order in which they are served.
  /// - Parameter headStarts: those of the policy.
  public func inQueueOrder(headStarts: HeadStarts, now: Instant) -> [WaitingTicket] {
    map { (place: QueueRank($0, headStarts: headStarts, now: now), ticket: $0) }.sorted { $0.place < $1.place }.map(
      \.ticket)
  }
}
