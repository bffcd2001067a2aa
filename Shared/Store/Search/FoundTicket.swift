public import DeskCore

/// What a search must match besides its words. Empty lists match everything.
public struct SearchFilter: Sendable, Hashable {
  /// States, also `closed` and `rejected`.
  public var states: [TicketState] = []
  public var queues: [QueueID] = []
  /// What the searcher may see, of ended tickets those in the queues; nil if all.
  public var sight: TicketFilter.Sight?

  public init() {}
}

/// A ticket, live or ended, with its newest message that matches.
public struct FoundTicket: Sendable {
  public let ticket: TicketID
  /// `received` until the first decision.
  public let state: TicketState
  public let channel: ChannelID
  public let customer: String
  public let queue: QueueID?
  /// Who has it, or of an ended one had it last.
  public let agent: AgentID?
  public let priority: Priority?
  public let openedAt: Instant
  /// The message: 1 from the customer, 2 to the customer, 3 an internal note.
  public let message: MessageID
  public let direction: Int16
  /// The customer's external id, or the agent who wrote it.
  public let author: String
  public let at: Instant
  public private(set) var subject: String?
  /// The beginning of its text, `SearchLimits.textCharacters` and one.
  public private(set) var text: String
}

extension FoundTicket: WordedRow {
  mutating func open(by words: WordCodec) {
    words.openOrEmpty(&subject, .subject(message))
    words.openOrEmpty(&text, .body(message))
    text.keepBeginning(SearchLimits.textCharacters + 1)
  }
}

/// A customer whose name matches.
public struct FoundCustomer: Sendable, Hashable {
  public let channel: ChannelID
  /// The channel's id of the customer.
  public let customer: String
  public let tier: CustomerTier
  /// The newest ticket that the searcher may see, and when the customer wrote last on it.
  public let ticket: TicketID
  public let at: Instant
}

/// A position between two pages of a search.
public struct SearchPlace: Sendable, Hashable {
  /// Messages before this one are still to be examined.
  public let before: MessageID
  /// The newest match of the first page. What is written later does not count in the pages that follow, so that no ticket moves from a page
  /// to an earlier one.
  public let newest: MessageID

  public init(before: MessageID, newest: MessageID) {
    self.before = before
    self.newest = newest
  }
}

/// A page of a search, tickets with the newest matches first.
public struct SearchPage: Sendable {
  public let tickets: [FoundTicket]
  /// The position from which the next page is read; nil when there are no more.
  public let next: SearchPlace?
}
