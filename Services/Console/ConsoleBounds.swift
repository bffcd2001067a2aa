/// The bounds of everything that the console takes, holds or repeats.
enum ConsoleBounds {
  // MARK: Requests

  /// Bytes of a request's body; a reply of the longest kind fits however it is escaped.
  static let bodyBytes = 256 << 10
  /// Characters (Unicode scalars) of a reason, of a follow-up's outcome and of the word for a break. What other doors bound too is in
  /// `InputBounds`.
  static let reasonCharacters = 500
  /// References to files in one reply.
  static let attachments = 10
  /// How far ahead the end of a break may lie.
  static let longestBreakDays = 366
  static let longestBreak: Duration = .seconds(longestBreakDays * 86_400)
  /// How long an agent has to answer a transfer of a ticket without a queue of the policy.
  static let transferTime: Duration = .seconds(30)
  /// Deliveries to a hook that is resumed that become due in a second.
  static let resumedDeliveriesPerSecond = 50
  /// Rows of one answer that lists follow-ups or feedback.
  static let rowsPerList = 200
  /// How long the database may count for a report. Shorter than the server waits for an answer.
  static let reportTimeout: Duration = .seconds(20)
  /// When to ask again who came while another report was being counted.
  static let reportPause: Duration = .seconds(5)
  /// Rows of an export.
  static let rowsPerExport = 10_000
  /// Tickets that became part of another one and are shown with it.
  static let absorbedTickets = 20
  /// Messages of a conversation, entries of a timeline, and decisions in one answer; `StoreBounds.pageBytes` bounds what they hold.
  static let messagesPerPage = 100
  static let entriesPerPage = 200
  static let decisionsPerPage = 50
  /// Names that a remedy lists.
  static let namesInRemedy = 60

  // MARK: Streams

  /// Open streams of this process, and of one agent.
  static let streams = 1_000
  static let streamsPerAgent = 4
  /// Events that wait for a slow reader; beyond it the stream ends, and the reader starts afresh.
  static let eventsPerStream = 64
  /// Messages of a customer in an offer.
  static let messagesPerOffer = 20
  /// How often the database is asked for offers, whatever the hints say.
  static let offerPause: Duration = .seconds(1)
  /// Between two signs of life on a stream, and two notes in the database that the agent is there.
  static let pingPause: Duration = .seconds(10)
  /// Agents whose own tickets are looked at in one go; the others have their turn next.
  static let agentsPerLook = 64
}
