import DeskCore
import ServiceKit
import Store

/// Where messages of both ways in are committed.
struct MessageDesk: Sendable {
  /// What came of a request.
  enum Answer: Equatable, Sendable {
    /// One result for each message, in order.
    case results([MessageResult])
    case overloaded
    case draining
  }

  /// Reading requests and preparing their messages, which senders share.
  let turns = FairTurns<MessageSender>(atOnce: IntakeBounds.requestsReadAtOnce)

  private let committer: GroupCommitter
  private let metrics: IntakeMetrics
  private let now: @Sendable () -> Instant
  private let masksPersonalData: @Sendable (ChannelID) -> Bool
  private let contactKeys: @Sendable () -> ContactKeys?

  /// - Parameters:
  ///   - masksPersonalData: whether the channel's policy asks for it.
  ///   - contactKeys: what contacts are sealed with; nil refuses messages with one, because nothing of it may lie open.
  ///   - now: the database's clock, which the identifiers are dated by.
  init(
    committer: GroupCommitter, metrics: IntakeMetrics,
    masksPersonalData: @escaping @Sendable (ChannelID) -> Bool = { _ in false },
    contactKeys: @escaping @Sendable () -> ContactKeys? = { nil }, now: @escaping @Sendable () -> Instant
  ) {
    self.committer = committer
    self.metrics = metrics
    self.masksPersonalData = masksPersonalData
    self.contactKeys = contactKeys
    self.now = now
  }

  /// Commits the good messages of a request and tells about each.
  /// - Parameter sender: who bears the key of the request; commits are shared out by it. Nil shares by channel.
  func accept(
    _ messages: [ReadMessage], channel: ChannelID, sender: MessageSender? = nil, traceparent: String?
  ) async -> Answer {
    let sender = sender ?? .channel(channel)
    let (messages, entries) = await turns.turn(of: sender) { prepare(messages, channel, sender, traceparent) }
    let outcomes: [CommitMachine.Outcome]
    switch await committer.submit(entries) {
    case .outcomes(let committed): outcomes = committed
    case .overloaded:
      metrics.rejected(.overloaded, messages: messages.count)
      return .overloaded
    case .draining:
      metrics.rejected(.draining, messages: messages.count)
      return .draining
    }
    var rest = outcomes[...]
    return .results(
      messages.map { message in
        switch message.result {
        case .success(let draft): result(draft.id, rest.popFirst() ?? .unavailable, channel)
        case .failure(let fault): rejected(message.id, fault)
        }
      })
  }

  /// Masks, seals and dates what was read; a message whose contact cannot be sealed becomes a fault.
  private func prepare(
    _ messages: [ReadMessage], _ channel: ChannelID, _ sender: MessageSender, _ traceparent: String?
  ) -> ([ReadMessage], [CommitMachine.Entry]) {
    var random = SystemRandom()
    let now = now()
    var messages = messages
    var entries: [CommitMachine.Entry] = []
    entries.reserveCapacity(messages.count)
    let mask = masksPersonalData(channel) ? PersonalDataMask(metrics) : nil
    for index in messages.indices {
      guard case .success(let draft) = messages[index].result else { continue }
      let contact: SealedContact?
      do {
        contact = try sealedContact(of: draft, channel)
      } catch {
        messages[index].result = .failure(error)
        continue
      }
      let incoming = (mask?.masked(draft) ?? draft).incoming(
        channel: channel, message: MessageID(at: now, using: &random), ticket: TicketID(at: now, using: &random),
        traceparent: traceparent, contact: contact)
      entries.append(CommitMachine.Entry(message: incoming, byteCount: draft.byteCount, sender: sender))
    }
    return (messages, entries)
  }

  /// The message is refused rather than kept without its contact, so that nobody is promised a call that cannot be made.
  private func sealedContact(of draft: MessageDraft, _ channel: ChannelID) throws(MessageFault) -> SealedContact? {
    guard let contact = draft.contact else { return nil }
    do {
      if let sealed = try contactKeys()?.seal(contact.json, of: draft.customer, on: channel) { return sealed }
    } catch {
      throw MessageFault(
        "/contact", "The contact cannot be sealed, so it is not taken.",
        remedy: "Report it; leave `contact` out meanwhile.")
    }
    throw MessageFault(
      "/contact", "This desk keeps no contact data, because it has no keys to seal it with.",
      remedy: "Leave `contact` out, or have intake and console started with --contact-keys.")
  }

  private func result(_ id: String, _ outcome: CommitMachine.Outcome, _ channel: ChannelID) -> MessageResult {
    switch outcome {
    case .accepted(let acceptance):
      metrics.accepted(channel)
      return MessageResult(
        id: id, status: .accepted, message: acceptance.message, ticket: acceptance.ticket, problem: nil)
    case .duplicate(let acceptance):
      metrics.duplicate()
      return MessageResult(
        id: id, status: .duplicate, message: acceptance.message, ticket: acceptance.ticket, problem: nil)
    case .duplicateOfDropped(let message):
      metrics.duplicate()
      return MessageResult(id: id, status: .duplicate, message: message, ticket: nil, problem: nil)
    case .conflict:
      return rejected(
        id,
        MessageFault(
          "/id", "A message with this id and other content was handed in before.",
          remedy: "Give each message an id of its own; send a message again exactly as it was.", rejection: .conflict))
    case .unavailable:
      return rejected(
        id,
        MessageFault(
          "", "The message could not be stored in time.",
          remedy: "Send it again with the same id; that is safe even if it was stored.", rejection: .unavailable))
    case .heldUp:
      return rejected(
        id,
        MessageFault(
          "", "The customer's ticket was held by another change for too long, so the message is not stored.",
          remedy: "Send it again with the same id in a few seconds.", rejection: .unavailable))
    case .refused:
      return rejected(
        id,
        MessageFault(
          "", "The message cannot be stored.", remedy: "Report it with its id; sending it again will not help.",
          rejection: .refused))
    }
  }

  private func rejected(_ id: String?, _ fault: MessageFault) -> MessageResult {
    metrics.rejected(fault.rejection)
    return .rejected(id, fault)
  }
}
