import DeskCore

/// A ticket of a run. Its place in the run's list is used again when it has left.
struct SimulatedTicket {
  /// Where it is.
  enum Phase {
    case routing, waiting, offered, served, gone
  }

  /// Its number, by arrival.
  var number: Int
  var kind: Int
  var tier: CustomerTier
  var openedAt: Instant
  /// Draws what happens to it and to it alone, so that two policies meet the same ticket.
  var random: SeededGenerator
  /// How long an agent works on it, if it was recorded.
  var handling: Duration?
  /// How long after accepting the agent replies, if it was recorded.
  var firstReply: Duration?
  var phase = Phase.routing
  /// Its queue, by number.
  var queue = 0
  var priority = Priority.normal
  /// When its first response is due.
  var dueAt: Instant?
  /// As it waits, or waited last.
  var waiting: WaitingTicket
  /// The agent who has it or its offer, by number.
  var agent = -1
  /// The serial number of the offer or the handling that is running.
  var serial = 0
  var offeredAt = Instant.earliest
  var isAnswered = false
  /// When it began to wait, and whether no agent could take it at once.
  var waitsSince = Instant.earliest
  var isDelayed = false
  /// Whether it counts: not if it came during the warm-up.
  var counts: Bool
  /// What was known of its queue when it began to wait, of some tickets.
  var joined: QueueObservation?
}
