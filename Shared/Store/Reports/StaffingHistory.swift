public import DeskCore

/// The tickets that came before people in one queue in a quarter of an hour. All time zones' days begin with one.
public struct ArrivalCount: Sendable, Hashable {
  /// The queue that the ticket is in now, or was in when it ended.
  public let queue: QueueID
  /// When the quarter begins.
  public let start: Instant
  public let tickets: Int64

  public init(queue: QueueID, start: Instant, tickets: Int64) {
    self.queue = queue
    self.start = start
    self.tickets = tickets
  }
}

/// How long agents worked on tickets of one queue and category: sums, so that periods can be added up.
public struct HandTimeSums: Sendable, Hashable {
  public let queue: QueueID
  /// Nil for tickets without one.
  public let category: String?
  /// Times that an agent had a ticket and no longer has it.
  public internal(set) var hands: Int64
  /// Their handle times in seconds (see `HandlingRow`): the sum, and the sum of squares.
  public internal(set) var seconds: Double
  public internal(set) var squares: Double
  /// The sum of the tickets' weights.
  public internal(set) var weight: Double

  public init(queue: QueueID, category: String?, hands: Int64, seconds: Double, squares: Double, weight: Double) {
    self.queue = queue
    self.category = category
    self.hands = hands
    self.seconds = seconds
    self.squares = squares
    self.weight = weight
  }
}

/// How a ticket waited in a queue for the first time.
public struct WaitSpell: Sendable, Hashable {
  /// How a wait ended.
  public enum End: String, Sendable, Hashable, CaseIterable {
    /// An agent was offered the ticket.
    case offered
    /// The ticket was settled without one: the customer no longer needed an answer.
    case settled
    /// It left the queue in another way: moved, merged, rejected, or it still waits.
    case other
  }

  public let ticket: TicketID
  public let queue: QueueID
  /// When it was queued.
  public let joined: Instant
  /// When the wait ended; for one that has not, the time at which it was read.
  public let left: Instant
  public let end: End

  public init(ticket: TicketID, queue: QueueID, joined: Instant, left: Instant, end: End) {
    self.ticket = ticket
    self.queue = queue
    self.joined = joined
    self.left = left
    self.end = end
  }
}
