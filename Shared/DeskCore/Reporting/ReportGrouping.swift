/// The grouping of a report.
public enum ReportGrouping: String, Sendable, Hashable, CaseIterable {
  /// The day on which it was opened, one of the period's.
  case day
  /// The queue it is waiting in or was in last.
  case queue
  /// The channel.
  case channel
  /// Its category, by its newest label.
  case category
  /// The customer's tier when it was opened.
  case tier
  /// The agent who has it or had it last.
  case agent
}

/// What a report is about.
public enum ReportTopic: String, Sendable, Hashable, CaseIterable {
  /// Volume, waits, SLA targets and satisfaction, grouped.
  case outcomes
  /// How long agents work on tickets, grouped.
  case handling
  /// The share of their available capacity that agents use.
  case occupancy
  /// Tickets that people transferred, by queue and by agent.
  case transfers
  /// The path of service: from the channel by label, queue and hands to the end.
  case path
  /// What changed against the period before, and which parts contributed to it.
  case change
}

/// A figure whose change can be decomposed.
public enum ReportFigure: String, Sendable, Hashable, CaseIterable {
  /// The number of tickets.
  case volume
  /// The share of tickets whose first response was late, of those whose first response was given or is late.
  case lateShare = "late_share"
  /// Seconds from the opening to the first answer, by an agent or an article.
  case firstResponse = "first_response"
  /// The customers' rating, 1 to 5.
  case satisfaction
  /// Seconds that agents worked on a ticket.
  case handleTime = "handle_time"
}
