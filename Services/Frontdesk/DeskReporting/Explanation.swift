import CommandLineTool
import DeskCore
import Store
import UseCases

/// Everything known about a ticket's history; message texts only on request.
struct Explanation: Sendable, Encodable {
  struct Message: Sendable, Encodable {
    var id: String
    /// `customer`, `agent` or `note`.
    var from: String
    var at: Moment
    var undecided: Bool
    /// Nil unless texts were requested.
    var words: String?
  }

  struct Entry: Sendable, Encodable {
    var at: Moment
    var kind: String
    var actor: String
    var text: String
    /// The same in Chinese.
    var chinese: String
    var labels: String?
    /// The stored details, a JSON text.
    var detail: String
  }

  struct Promise: Sendable, Encodable {
    var clock: String
    var due: Moment?
    /// `met`, `met late`, `late`, `paused`, `running`, `unanswered`, `not needed`, `unreachable` or `none`.
    var state: String
  }

  var ticket: String
  var state: String
  var channel: String
  var queue: String?
  var priority: String?
  var agent: String?
  var opened: Moment
  var closed: Moment?
  var promises: [Promise] = []
  /// The newest call-back that was promised.
  var callBack: CallBackLine?
  var messages: [Message] = []
  var timeline: [Entry] = []
  /// Whether older messages or entries were omitted.
  var isShortened = false
  /// The decisions, each replayed and explained.
  var decisions = Decisions()

  /// A promise to call the customer back.
  struct CallBackLine: Sendable, Encodable {
    var number: Int
    var due: Moment
    var owner: String?
    /// `open`, `kept`, `broken` or `withdrawn`.
    var state: String

    init(_ callBack: CallBack) {
      number = Int(callBack.number)
      due = Moment(callBack.dueAt)
      owner = callBack.owner?.rawValue
      state = callBack.state.rawValue
    }
  }

  /// The decisions as a document, and as the source of the human-readable text.
  struct Decisions: Sendable, Encodable {
    var explanation: TicketExplanation?

    func encode(to encoder: any Encoder) throws {
      try (explanation?.detail ?? .null).encode(to: encoder)
    }
  }

  /// The maximum numbers of messages and timeline entries shown, the newest first.
  static let messagesShown = 1000

  /// Reads a ticket by its own identifier or by one of its messages'.
  static func read(_ store: DeskStore, id text: String, words: Bool) async throws -> Explanation {
    guard let asked = TicketID(text) else {
      throw CommandFailure(
        "\(text) is not an identifier", remedy: "use a ticket or message id from an acknowledgement", status: .wrongCall
      )
    }
    let id = try await store.conversations.message(asked.of(Labels.self))?.ticket ?? asked
    var explanation: Explanation
    if let ticket = try await store.tickets.tickets([id])[id] {
      explanation = Explanation(ticket, now: try await store.now())
    } else if let ticket = try await store.conversations.closedTicket(id) {
      explanation = Explanation(ticket)
    } else {
      throw CommandFailure("there is no ticket or message \(text)")
    }
    let messages = try await store.conversations.messages(
      of: store.conversations.parts(of: id, limit: 0), before: nil, limit: messagesShown)
    explanation.messages = messages.elements.map { Message($0, words: words) }
    let timeline = try await store.conversations.timelinePage(of: id, limit: messagesShown)
    explanation.timeline = timeline.elements.map(Entry.init)
    explanation.isShortened = messages.earlier != nil || timeline.earlier != nil
    explanation.decisions.explanation = try await TicketExplanation(of: id, timeline: timeline.elements, in: store)
    return explanation
  }

}

extension Explanation {
  private init(_ ticket: Ticket, now: Instant) {
    self.init(
      ticket: ticket.id.description, state: ticket.state.rawValue, channel: ticket.channel.rawValue,
      queue: ticket.queue?.rawValue, priority: ticket.priority.name, agent: ticket.capacityHolder?.rawValue,
      opened: Moment(ticket.openedAt))
    promises = [
      Promise("first response", ticket.clocks.firstResponse, now: now),
      Promise("next response", ticket.clocks.nextResponse, now: now),
      Promise("resolution", ticket.clocks.resolution, now: now),
    ]
    callBack = ticket.callBack.map { CallBackLine($0) }
  }

  private init(_ ticket: ClosedTicket) {
    self.init(
      ticket: ticket.id.description, state: ticket.state, channel: ticket.channel.rawValue,
      queue: ticket.queue?.rawValue, opened: Moment(ticket.openedAt), closed: Moment(ticket.closedAt))
  }
}

extension Explanation.Message {
  init(_ message: StoredMessage, words: Bool) {
    self.init(
      id: message.id.description, from: message.direction == 1 ? "customer" : message.direction == 2 ? "agent" : "note",
      at: Moment(message.receivedAt), undecided: message.isUndecided, words: words ? message.body : nil)
  }
}

extension Explanation.Entry {
  init(_ event: StoredEvent) {
    let text = TimelineText(kind: event.kind, detail: event.detail)
    self.init(
      at: Moment(event.at), kind: event.kind, actor: event.actor, text: text.sentence, chinese: text.chinese,
      labels: text.labels, detail: event.detail)
  }
}

extension Explanation.Promise {
  init(_ name: String, _ clock: ServiceLevelClock, now: Instant) {
    let state =
      switch (clock.dueAt, clock.metAt, clock.ending) {
      case (nil, _, _): clock.isUnreachable ? "unreachable" : "none"
      case (let due?, let met?, _): met <= due ? "met" : "met late"
      case (_, nil, let ending?) where ending.reason == .waived: "not needed"
      case (let due?, nil, let ending?): ending.at <= due && clock.notifiedPercent < 100 ? "unanswered" : "late"
      case (let due?, nil, nil): clock.pausedAt != nil ? "paused" : due < now ? "late" : "running"
      }
    self.init(clock: name, due: clock.dueAt.map(Moment.init), state: state)
  }
}
