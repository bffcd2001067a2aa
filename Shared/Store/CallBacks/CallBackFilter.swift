public import DeskCore

/// The call-backs that a person asks for. Empty lists and nil match every one; everything that is set must match.
public struct CallBackFilter: Sendable, Hashable {
  public var states: [CallBack.State] = []
  /// Whether the customer still waits for the call, in time or not.
  public var isUnfinished: Bool?
  /// The agent who calls.
  public var owner: AgentID?
  /// The queues in which the tickets are now, or were at the last step of the call-back.
  public var queues: [QueueID] = []
  /// Due at or after this time.
  public var dueFrom: Instant?
  /// Due before this time.
  public var dueBefore: Instant?
  /// Nil if all call-backs may be seen; else the agent's own and those of tickets that the agent may see.
  public var sight: TicketFilter.Sight?

  public init() {}
}

/// A call-back in a list.
public struct ListedCallBack: Sendable, Hashable {
  public let ticket: TicketID
  public let number: Int32
  public let origin: CallBack.Origin
  public let state: CallBack.State
  /// The agent who calls; nil until an agent accepts the ticket, if the overload promised it.
  public let owner: AgentID?
  public let queue: QueueID?
  public let promisedAt: Instant
  public let dueAt: Instant
  /// How often the due time was moved.
  public let moves: Int32
  public let brokenAt: Instant?
  public let endedAt: Instant?

  /// The position in a list.
  public var place: CallBackPlace { CallBackPlace(dueAt: dueAt, ticket: ticket, number: number) }
}

/// The position after a call-back in a list that is ordered by due time.
public struct CallBackPlace: Sendable, Hashable, LosslessStringConvertible {
  public let dueAt: Instant
  public let ticket: TicketID
  public let number: Int32

  public init(dueAt: Instant, ticket: TicketID, number: Int32) {
    self.dueAt = dueAt
    self.ticket = ticket
    self.number = number
  }

  /// Parses what `description` writes; nil for anything else.
  public init?(_ description: String) {
    let parts = description.split(separator: "_", omittingEmptySubsequences: false)
    guard parts.count == 3, let due = Int64(parts[0]), let ticket = TicketID(String(parts[1])),
      let number = Int32(parts[2])
    else { return nil }
    self.init(dueAt: Instant(microseconds: due), ticket: ticket, number: number)
    guard self.description.hasSameBytes(as: description) else { return nil }
  }

  public var description: String { "\(dueAt.microseconds)_\(ticket)_\(number)" }
}

/// A page of a list of call-backs, those due first first.
public struct CallBackPage: Sendable {
  public let callBacks: [ListedCallBack]
  /// The position from which the next page is read; nil when there are no more.
  public let next: CallBackPlace?

  public init(callBacks: [ListedCallBack], next: CallBackPlace?) {
    self.callBacks = callBacks
    self.next = next
  }
}
