package import DeskCore
package import Store

/// The tables of the desk in memory: the same meaning as the statements of `DeskStore`, without a server.
///
/// It stores, compares, fences, claims and orders. What a step changes is computed by the state machines of `DeskCore` before it comes
/// here, as with PostgreSQL. Each method is one statement or transaction: it takes effect as a whole, at the instant `now`.
///
/// It is a value with synchronous methods, for a simulation on one thread; `SimulatedStore` makes it a store behind the protocols. Results
/// never depend on the order in which a dictionary is iterated, which differs from process to process.
package struct SimulatedDatabase: Sendable {
  /// The database's clock. Whoever drives the simulation sets it, forwards and backwards.
  package var now: Instant

  // Intake
  var keys: [NameOnChannel: AcceptedKey] = [:]
  var requestKeys: [NameOnChannel: [UInt8]] = [:]
  package internal(set) var messages: [MessageID: SimulatedMessage] = [:]
  var messagesOfTicket: [TicketID: [MessageID]] = [:]
  var inbox = InboxTable()

  // Tickets
  var openings = OpeningTable()
  var live = TicketTable()
  /// Ended tickets in their final state, and when they ended.
  package internal(set) var closed: [TicketID: (ticket: Ticket, at: Instant)] = [:]
  /// What happened to each ticket, in order.
  package internal(set) var timelines: [TicketID: [SimulatedEvent]] = [:]
  /// Customers other than the ticket's own who write on it, since their tickets were merged into it.
  var guests: [TicketID: Set<Correspondent>] = [:]
  var customers: [Correspondent: SimulatedCustomer] = [:]

  // Agents and processes
  var agents = AgentTable()
  var paces: [QueueID: (perSecond: Double, at: Instant)] = [:]
  var instances: [InstanceID: ServiceInstance] = [:]
  var leases: [ExactString: SimulatedLease] = [:]

  // Delivery
  var outbox = OutboxTable()
  package internal(set) var deadLetters: [Identifier<DeadLetter>: SimulatedDeadLetter] = [:]
  var replyTable = ReplyTable()

  /// Creates empty tables.
  package init(now: Instant) { self.now = now }
}

/// A customer's or a channel's own name for something, unique on the channel.
struct NameOnChannel: Hashable {
  let channel: ChannelID
  let name: ExactString

  init(_ name: String, on channel: ChannelID) {
    self.channel = channel
    self.name = ExactString(name)
  }
}

/// An idempotency key, which answers a retry.
struct AcceptedKey {
  let digest: [UInt8]
  let message: MessageID
  let ticket: TicketID
  let at: Instant
}

/// A message of a customer, or one that the desk wrote.
package struct SimulatedMessage: Sendable {
  package let id: MessageID
  package internal(set) var ticket: TicketID
  /// 1 from the customer, 2 to the customer, 3 an internal note.
  package let direction: Int16
  package let channel: ChannelID
  package let author: String
  package let addressee: String?
  package let subject: String?
  package let body: String
  package let attributes: String?
  package let attachments: String?
  package let productLine: String?
  package let traceparent: String?
  package let at: Instant
}

/// An entry of a timeline.
package struct SimulatedEvent: Sendable {
  /// The ticket's version after the step, and the position within the step.
  package let place: TimelinePlace
  package let entry: TimelineEntry
  package let at: Instant
  package let traceparent: String?
}

/// What is kept of a customer beyond their open ticket.
struct SimulatedCustomer {
  var tier = CustomerTier.standard
  var dedicatedAgent: AgentID?
  /// The one that ended last.
  var lastTicket: TicketID?
}

/// A lease as the table has it.
struct SimulatedLease {
  var holder: InstanceID
  var term: Int64
  var expiresAt: Instant
}

/// A dead letter as the table has it.
package struct SimulatedDeadLetter: Sendable {
  package var letter: DeadLetter
  /// The delivery that it was.
  var delivery: Delivery?
}

/// A ticket at a time, in the order of an index.
struct TimedTicket: Hashable, Comparable, Sendable {
  let at: Instant
  let ticket: TicketID

  /// Before all tickets of a time.
  static func start(of instant: Instant) -> TimedTicket {
    TimedTicket(at: instant, ticket: TicketID(high: 0, low: 0))
  }

  /// Before all tickets of any later time.
  static func end(of instant: Instant) -> TimedTicket { start(of: instant + .microseconds(1)) }

  static func < (left: Self, right: Self) -> Bool {
    left.at != right.at ? left.at < right.at : left.ticket < right.ticket
  }
}

extension SortedBuckets {
  /// The first elements from one on that a condition selects.
  /// - Parameter reaches: whether an element is still in the range; the first that is not ends it.
  func first(
    _ limit: Int, from start: Element?, while reaches: (Element) -> Bool = { _ in true },
    where isWanted: (Element) -> Bool = { _ in true }
  ) -> [Element] {
    var found: [Element] = []
    guard limit > 0, var next = start ?? first else { return found }
    // Read in pages, so that few elements are copied where few are wanted.
    var isContinued = false
    while true {
      var page = elements(from: next, limit: limit + 1)
      if isContinued { page.removeFirst() }
      for element in page {
        guard reaches(element) else { return found }
        guard isWanted(element) else { continue }
        found.append(element)
        if found.count == limit { return found }
      }
      guard let last = page.last else { return found }
      next = last
      isContinued = true
    }
  }
}
