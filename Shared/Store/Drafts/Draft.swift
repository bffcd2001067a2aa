public import DeskCore

/// What an agent is writing on a ticket.
public struct Draft: Hashable, Sendable {
  /// What it becomes when it is sent; the raw value is what the store keeps.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    case reply
    case note
  }

  /// Where a draft belongs. There is one draft in each place.
  public struct Place: Hashable, Sendable {
    public let ticket: TicketID
    public let agent: AgentID
    public let kind: Kind

    public init(ticket: TicketID, agent: AgentID, kind: Kind) {
      self.ticket = ticket
      self.agent = agent
      self.kind = kind
    }
  }

  public let place: Place
  /// 1 to `InputBounds.textCharacters` Unicode scalars.
  public private(set) var body: String
  /// Whether the ticket then waits for the customer; false for a note.
  public let awaitsCustomer: Bool
  /// Names this text: it is new after every change, and the `Idempotency-Key` under which the text is sent.
  public let key: DraftKey
  public let changedAt: Instant
}

extension Draft: WordedRow {
  mutating func open(by words: WordCodec) throws { try words.open(&body, .draft(place)) }
}

/// Names a draft's text.
public typealias DraftKey = Identifier<Draft>

/// What became of a change of a draft.
public enum DraftOutcome: Hashable, Sendable {
  /// It is stored, now or by the same change before.
  case kept(Draft)
  /// Another device was first: what is stored now; nil when the draft was sent or deleted.
  case conflict(Draft?)
  /// The agent has `StoreBounds.draftsPerAgent` drafts already.
  case full
}

/// The draft that a message which a step writes was.
public struct SentDraft: Hashable, Sendable {
  public let agent: AgentID
  public let kind: Draft.Kind
  public let key: DraftKey

  public init(agent: AgentID, kind: Draft.Kind, key: DraftKey) {
    self.agent = agent
    self.kind = kind
    self.key = key
  }
}
