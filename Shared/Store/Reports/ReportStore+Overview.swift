public import DeskCore

/// The figures of one queue.
public struct QueueFigures: Sendable, Hashable {
  /// The queue.
  public let queue: QueueID
  /// Tickets waiting for an agent.
  public let waiting: Int64
  /// Tickets offered to an agent.
  public let offered: Int64
  /// Tickets assigned to an agent, including those that wait for the customer.
  public let assigned: Int64
  /// Tickets whose first response or resolution is overdue.
  public let late: Int64
  /// Since when the oldest is waiting.
  public let oldestWaiting: Instant?
}

extension QueueFigures {
  /// Whether a row of `desk.ticket` is overdue, in SQL; null where nothing is due. The first condition on `clock_state` spares most rows a
  /// call of the function.
  static func isLate(now: String) -> String {
    """
    ((first_met_at IS NULL AND first_paused_at IS NULL AND first_due_at < \(now))
     OR (resolution_met_at IS NULL AND resolution_paused_at IS NULL AND resolution_due_at < \(now))
     OR (clock_state IS NOT NULL AND clock_state ? 'next_since_us'
         AND desk.timestamp_from_us(clock_state->>'next_due_us') < \(now)))
    """
  }
}

/// The number of tickets per state, over all queues.
public struct StateFigures: Sendable, Hashable {
  /// The state's name; `closed` and `rejected` count ended tickets.
  public let state: String
  /// The number of tickets.
  public let tickets: Int64
}

extension ReportStore {
  /// Returns every queue with live tickets. Reads the whole live table: for people and slow gauges, not for the hot path.
  public func queueFigures() async throws -> [QueueFigures] { try await liveFigures().queues }

  /// Returns tickets by state. Reads all history too.
  public func stateFigures() async throws -> [StateFigures] {
    try await (liveFigures().states + otherStateFigures()).sorted { $0.state < $1.state }
  }
}
