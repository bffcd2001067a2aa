/// Where a ticket stands in the order of its queue; the smaller place is served first.
///
/// - The top class is protected: urgent tickets come before all others, those that can still be in time before the late ones.
/// - Among the others, tickets that can still be in time come first, by the moment at which they count as due: the promised
///   moment less a head start for class and tier.
/// - Tickets that are late already, or were promised nothing, follow by class, tier and age. Nothing can be saved there, and
///   each of them served early would make another one late. So that they do not starve, every so manieth offer of a
///   queue (`QueuePolicy.overdueTurn`) goes to the most overdue of them.
///
/// A ticket that was answered before counts by what is promised next. The identifier settles ties, so the order is total. While a ticket waits,
/// its place changes only when a promise breaks.
public struct QueuePlace: Hashable, Sendable, Comparable {
  /// The parts of the order, first to last.
  public enum Band: Int, Hashable, Sendable, CaseIterable {
    case urgentInTime, urgentLate, inTime, late

    /// The word used in explanations.
    public var text: String {
      switch self {
      case .urgentInTime: "urgent, in time"
      case .urgentLate: "urgent, late"
      case .inTime: "in time"
      case .late: "late, or nothing promised"
      }
    }
  }

  /// The part of the order.
  public let band: Band
  /// Class and tier where they decide before time does: among late tickets; 0 elsewhere.
  public let rank: Int16
  /// The moment at which it counts as due; without a promise, since when it waits.
  public let countsAsDueAt: Instant
  /// The ticket.
  public let ticket: TicketID

  /// Puts a ticket into the order.
  public init(_ ticket: WaitingTicket, now: Instant) {
    let isUrgent = ticket.priority == .urgent
    self.ticket = ticket.id
    if let due = ticket.dueAt, due > now {
      band = isUrgent ? .urgentInTime : .inTime
      rank = 0
      countsAsDueAt = due - QueuePlace.headStart(ticket.priority, ticket.tier)
    } else {
      band = isUrgent ? .urgentLate : .late
      rank = Int16(ticket.priority.rawValue * 4 + ticket.tier.rank)
      countsAsDueAt = ticket.dueAt ?? ticket.waitingSince
    }
  }

  /// By how much earlier a ticket that is in time counts as due.
  public static func headStart(_ priority: Priority, _ tier: CustomerTier) -> Duration {
    headStart(of: priority) + headStart(of: tier)
  }

  /// The part of the head start that the class gives.
  public static func headStart(of priority: Priority) -> Duration {
    priority <= .high ? .seconds(600) : .zero
  }

  /// The part of the head start that the tier gives.
  public static func headStart(of tier: CustomerTier) -> Duration {
    switch tier {
    case .keyAccount: .seconds(900)
    case .vip: .seconds(300)
    case .standard: .zero
    }
  }

  public static func < (left: Self, right: Self) -> Bool {
    if left.band != right.band { return left.band.rawValue < right.band.rawValue }
    if left.rank != right.rank { return left.rank < right.rank }
    if left.countsAsDueAt != right.countsAsDueAt { return left.countsAsDueAt < right.countsAsDueAt }
    return left.ticket < right.ticket
  }
}
