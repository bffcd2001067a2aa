/// The grouping of a report on inspections.
public enum InspectionGrouping: String, Sendable, Hashable, CaseIterable {
  /// The inspected agent, the author of the reply, the agent who had the ticket last.
  case agent
  /// The ticket's last queue, and the queue in which a reply was written.
  case queue
  /// A criterion of the form; what concerns the whole ticket is counted in no row.
  case criterion
  /// The day on which the ticket was opened, one of the period's.
  case day
}

/// Figures about the tickets of a period, by group.
public struct InspectionReport: Sendable {
  /// A row, or the total.
  public struct Row: Sendable, Hashable {
    /// The agent, queue, criterion or day; nil for tickets without a queue, and for the total.
    public let group: String?
    /// Tickets on which an agent worked and that have ended.
    public let ended: Int64
    /// Of these, tickets with an inspection.
    public let sampledTickets: Int64
    /// Inspections that were selected.
    public let inspections: Int64
    /// Of these, those with a result.
    public let inspected: Int64
    /// The mean result in percent after appeals, 0 to 100; by criterion, that of its scores. Nil without results.
    public let meanPercent: Double?
    /// Results that were appealed, and the decided ones by outcome.
    public let appealed: Int64
    public let upheld: Int64
    public let changed: Int64
    /// Replies in which a reply rule found something: attempts that were refused, and replies that were sent.
    public let refusedReplies: Int64
    public let sentReplies: Int64

    /// The share of the ended tickets that have an inspection with or without a result; nil if none ended.
    public var share: Double? { ended > 0 ? Double(sampledTickets) / Double(ended) : nil }
  }

  /// What the rows stand for.
  public let grouping: InspectionGrouping
  /// The days that it covers.
  public let period: ReportPeriod
  /// The rows: days in order; criteria by name; agents and queues with the most inspections first.
  public let rows: [Row]
  /// Of all tickets.
  public let total: Row
}
