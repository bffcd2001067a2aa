package import DeskCore

/// What a message needs of the store on its way through the desk, one narrow protocol for each subject.
///
/// `DeskStore` conforms with PostgreSQL; the simulated store of the fault simulation conforms in memory. One suite
/// (`Tests/StoreConformanceTests`) checks both, so that what holds in a simulated run holds in a running desk.
package protocol DeskStoring: Sendable {
  associatedtype Inbox: InboxStoring
  associatedtype Tickets: TicketStoring
  associatedtype Conversations: ConversationStoring
  associatedtype Matching: MatchingStoring
  associatedtype Fleet: FleetStoring
  associatedtype Outbox: OutboxStoring
  associatedtype Replies: ReplyStoring

  /// Messages that were accepted and wait for their decision.
  var inbox: Inbox { get }
  /// Live tickets, and everything that changes one.
  var tickets: Tickets { get }
  /// What was written on a ticket and what happened to it.
  var conversations: Conversations { get }
  /// Waiting tickets and the agents who could take them.
  var matching: Matching { get }
  /// The running processes and the leases that they hold.
  var fleet: Fleet { get }
  /// Deliveries to hooks, and the dead letters.
  var outbox: Outbox { get }
  /// Replies to customers on their way to the channels.
  var replies: Replies { get }

  /// Returns the database's time, to the microsecond. It dates leases, claims and steps; no process's own clock does.
  func now() async throws -> Instant
}

extension DeskStore: DeskStoring {}
