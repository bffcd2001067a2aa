public import DeskCore
import PostgreSQL

/// One step of one ticket, ready to be written: the expected version, the new state, and everything that must be written with it.
public struct TicketStep: Sendable {
  /// The version that the database must still have.
  public let expectedVersion: Int32
  /// The ticket after the step.
  public var ticket: Ticket { kept.ticket }
  /// The time of the step, by the database's clock.
  public let at: Instant
  /// The effects, in order, of the event or events that were folded into the step.
  public let effects: [TicketEffect]
  /// Messages that this step decides; it takes effect only while all of them are undecided.
  public let decides: [MessageID]
  /// A message to the customer that this step writes.
  public private(set) var outgoing: OutgoingMessage?
  /// The subscriber notifications, built from the notices among the effects.
  public let notices: [Notice]
  /// The trace it belongs to.
  public let traceparent: String?
  /// How long a settled ticket can be reopened by a message of the customer.
  public let reopenWindow: Duration
  /// What a rule of the policy found in the outgoing message, recorded in the same transaction.
  public var interception: Interception?
  /// The draft that the outgoing message was, deleted in the same transaction.
  public var sentDraft: SentDraft?
  /// Whose work on the ticket, which ends with this step, is inspected; recorded in the same transaction.
  public var sample: InspectionSample?

  /// A step is passed on from list to list, and a ticket is large: steps share it.
  private var kept: KeptTicket

  private final class KeptTicket: Sendable {
    let ticket: Ticket

    init(_ ticket: Ticket) { self.ticket = ticket }
  }

  /// Creates a step from all its parts.
  public init(
    expectedVersion: Int32, ticket: Ticket, at: Instant, effects: [TicketEffect], decides: [MessageID] = [],
    outgoing: OutgoingMessage? = nil, notices: [Notice] = [], traceparent: String?, reopenWindow: Duration
  ) {
    self.expectedVersion = expectedVersion
    kept = KeptTicket(ticket)
    self.at = at
    self.effects = effects
    self.decides = decides
    self.outgoing = outgoing
    self.notices = notices
    self.traceparent = traceparent
    self.reopenWindow = reopenWindow
  }
}

/// A message that the desk writes: an agent's reply or note, an article's answer, a customer's rating comment.
public struct OutgoingMessage: Sendable {
  /// Its identifier.
  public let id: MessageID
  /// Whether the customer sees it; otherwise it is an internal note.
  public let isPublic: Bool
  /// Who wrote it: an agent's name, `article:NAME`, `greeting:CHANNEL`, `progress:EVENT`, `crisis:ANSWER`, `question:QUESTIONNAIRE`, or
  /// `customer`.
  public let author: String
  /// The message text.
  public fileprivate(set) var body: String
  /// References to files, a JSON list as incoming messages have it; nil for none.
  public fileprivate(set) var attachments: String?
  /// The hook that delivers it to the customer's channel; nil if the channel fetches it, and for what the customer does not see.
  public private(set) var replyHook: HookID?

  /// Creates an agent's message.
  public init(id: MessageID, isPublic: Bool, author: AgentID, body: String, attachments: String? = nil) {
    self.init(id: id, isPublic: isPublic, writtenBy: author.rawValue, body: body, attachments: attachments)
  }

  /// Creates an article's answer.
  public init(id: MessageID, answerOf article: ArticleID, body: String) {
    self.init(id: id, isPublic: true, writtenBy: "article:\(article.rawValue)", body: body)
  }

  /// Creates a channel's answer to a greeting.
  public init(id: MessageID, greetingOn channel: ChannelID, body: String) {
    self.init(id: id, isPublic: true, writtenBy: "greeting:\(channel.rawValue)", body: body)
  }

  /// Creates a progress notice.
  public init(id: MessageID, progress event: ProgressEvent, body: String) {
    self.init(id: id, isPublic: true, writtenBy: OutgoingMessage.progressAuthor + event.rawValue, body: body)
  }

  /// What the authors of progress notices begin with. No agent's name contains a colon.
  package static let progressAuthor = "progress:"

  /// Creates an answer that was prepared for a crisis.
  public init(id: MessageID, crisisAnswer answer: String, body: String) {
    self.init(id: id, isPublic: true, writtenBy: "crisis:\(answer)", body: body)
  }

  /// Creates a question to the customer.
  public init(id: MessageID, questionOf questionnaire: String, body: String) {
    self.init(id: id, isPublic: true, writtenBy: "question:\(questionnaire)", body: body)
  }

  /// Creates a customer's rating comment: visible to staff only, and not a message that needs an answer.
  public init(id: MessageID, besideRating body: String) {
    self.init(id: id, isPublic: false, writtenBy: "customer", body: body)
  }

  /// The same message, delivered by a hook.
  func delivered(by hook: HookID?) -> OutgoingMessage {
    var message = self
    message.replyHook = isPublic ? hook : nil
    return message
  }

  private init(
    id: MessageID, isPublic: Bool, writtenBy author: String, body: String, attachments: String? = nil
  ) {
    self.id = id
    self.isPublic = isPublic
    self.author = author
    self.body = body
    self.attachments = attachments
  }
}

/// A lease that must still be held, and in the same term, for a write to take effect (guarantee I4).
public struct Fence: Sendable, Hashable {
  /// The lease.
  public let lease: String
  /// The holder.
  public let holder: InstanceID
  /// The term.
  public let term: Int64

  /// Creates a fence.
  public init(lease: String, holder: InstanceID, term: Int64) {
    self.lease = lease
    self.holder = holder
    self.term = term
  }
}

// MARK: - Assembly

extension TicketStep {
  /// Applies an event to a ticket and assembles the step.
  ///
  /// - Parameters:
  ///   - event: what happens to the ticket.
  ///   - ticket: the ticket as it was read.
  ///   - now: the time of the step, by the database's clock.
  ///   - policy: the policy in force.
  ///   - decided: messages that the step decides.
  ///   - outgoing: a message that it writes.
  ///   - traceparent: the trace that it belongs to.
  ///   - random: the source of the notices' identifiers.
  /// - Throws: the refusal of the ticket's state.
  public init(
    _ event: TicketEvent, on ticket: Ticket, at now: Instant, under policy: Policy, deciding decided: [MessageID] = [],
    writing outgoing: OutgoingMessage? = nil, traceparent: String? = nil, using random: inout some RandomNumberGenerator
  ) throws(TicketRefusal) {
    var changed = ticket
    let effects = try changed.handle(event, now: now, under: policy)
    self.init(
      from: ticket, to: changed, effects, at: now, under: policy, deciding: decided, writing: outgoing,
      traceparent: traceparent, using: &random)
  }

  /// Assembles the step of one or more events that were applied to a ticket: the notices of their effects for every subscriber, and how
  /// long the ticket can be reopened.
  ///
  /// - Parameters:
  ///   - ticket: the ticket as it was read.
  ///   - changed: the ticket after the events.
  ///   - effects: the effects of the events, in order.
  public init(
    from ticket: Ticket, to changed: Ticket, _ effects: [TicketEffect], at now: Instant, under policy: Policy,
    deciding decided: [MessageID] = [], writing outgoing: OutgoingMessage? = nil, traceparent: String? = nil,
    using random: inout some RandomNumberGenerator
  ) {
    self.init(
      expectedVersion: ticket.version, ticket: changed, at: now, effects: effects, decides: decided,
      outgoing: outgoing?.delivered(by: policy.channels[changed.addressee.channel]?.replyHook),
      notices: TicketStep.notices(for: effects, of: changed, under: policy, at: now, using: &random),
      traceparent: traceparent, reopenWindow: policy.settledTime(of: changed))
    if isInspectable { sample = policy.inspection?.sample(of: changed.id, in: changed.queue, at: now) }
  }

  private static func notices(
    for effects: [TicketEffect], of ticket: Ticket, under policy: Policy, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) -> [Notice] {
    var notices: [Notice] = []
    var identifiers = IdentifierSequence()
    for case .notify(let kind, let body) in effects {
      var hooks = policy.subscribers(of: kind).map(\.id)
      for hook in policy.leadHooks(for: kind, of: ticket.queue) where !hooks.contains(hook) { hooks.append(hook) }
      if kind.isForCustomer,
        let reply = policy.channels[ticket.addressee.channel]?.replyHook,
        !hooks.contains(reply)
      {
        hooks.append(reply)
      }
      for hook in hooks {
        notices.append(
          Notice(id: identifiers.next(at: now, using: &random), hook: hook, kind: kind, ticket: ticket.id, body: body))
      }
    }
    return notices
  }
}

// MARK: - Words

extension TicketStep {
  /// Whether the step writes what people wrote.
  var hasWords: Bool { outgoing != nil || !ticket.fields.isEmpty }

  /// Replaces what people wrote by what is stored.
  mutating func store(by words: WordCodec) throws {
    if var message = outgoing {
      message.body = try words.stored(message.body, .body(message.id))
      message.attachments = try words.stored(
        json: message.attachments.map { PostgresJSON($0) }, .attachments(message.id))?.text
      outgoing = message
    }
    // Fields that could not be opened are sealed already.
    guard words.isSealing, !ticket.fields.values.isEmpty, let document = FieldsCodec.document(of: ticket.fields) else {
      return
    }
    var sealed = ticket
    sealed.fields = TicketFields()
    sealed.fields.sealed = try words.stored(document.text, .fields(ticket.id))
    kept = KeptTicket(sealed)
  }
}
