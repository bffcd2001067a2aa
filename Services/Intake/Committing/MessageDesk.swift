import DeskCore
import Store
import SystemPrimitives
import UseCases

/// Commits the messages of both transports.
struct MessageDesk: Sendable {
  /// The outcome of a request.
  enum Answer: Equatable, Sendable {
    /// One result for each message, in order.
    case results([MessageResult])
    case overloaded
    case draining
  }

  /// Turns for reading requests and preparing their messages, shared among senders.
  let turns = FairTurns<MessageSender>(atOnce: IntakeBounds.requestsReadAtOnce)

  private let committer: GroupCommitter
  private let metrics: IntakeMetrics
  private let now: @Sendable () -> Instant
  private let masksPersonalData: @Sendable (ChannelID) -> Bool
  private let contactKeys: @Sendable () -> ContactKeys?
  private let trustedProofs: @Sendable (ChannelID) -> Set<ProofKind>

  /// - Parameters:
  ///   - masksPersonalData: whether the channel's policy asks for masking.
  ///   - contactKeys: the keys that encrypt contacts; nil refuses messages with a contact, because it must not be stored unencrypted.
  ///   - trustedProofs: what the policy trusts a channel to verify of its customers; anything else is ignored.
  ///   - now: the database's clock, which dates the identifiers.
  init(
    committer: GroupCommitter, metrics: IntakeMetrics,
    masksPersonalData: @escaping @Sendable (ChannelID) -> Bool = { _ in false },
    contactKeys: @escaping @Sendable () -> ContactKeys? = { nil },
    trustedProofs: @escaping @Sendable (ChannelID) -> Set<ProofKind> = { _ in [] },
    now: @escaping @Sendable () -> Instant
  ) {
    self.committer = committer
    self.metrics = metrics
    self.masksPersonalData = masksPersonalData
    self.contactKeys = contactKeys
    self.trustedProofs = trustedProofs
    self.now = now
  }

  /// Whether a request of this sender would be refused as overload. In an overload most are, and should cost little.
  func isFull(for sender: MessageSender) -> Bool { committer.isFull(for: sender) }

  /// A request whose messages are ready to be committed.
  struct PreparedRequest: Sendable {
    let channel: ChannelID
    fileprivate let messages: [ReadMessage]
    /// One for each message that can be committed.
    fileprivate let entries: [CommitMachine.Entry]

    /// The messages' ids; nil where it is unknown.
    var ids: [String?] { messages.map(\.id) }
  }

  /// Commits the valid messages of a request and returns a result for each.
  /// - Parameter sender: the owner of the request's key; commits are shared by it. Nil shares by channel.
  func accept(
    _ messages: [ReadMessage], channel: ChannelID, sender: MessageSender? = nil, traceparent: String?
  ) async -> Answer {
    let sender = sender ?? .channel(channel)
    let request = await turns.turn(of: sender) {
      prepare(messages, channel: channel, sender: sender, traceparent: traceparent)
    }
    return answer(to: request, await committer.submit(request.entries))
  }

  /// Commits the messages of several requests.
  /// - Parameters:
  ///   - requests: each with the number by which the sink knows it.
  ///   - sink: gets the outcomes, for `answer`.
  func submit(_ requests: [(number: UInt64, request: PreparedRequest)], to sink: any CommitSink) {
    let empty = requests.filter { $0.request.entries.isEmpty }
    if !empty.isEmpty { sink.take(empty.map { ($0.number, .outcomes([])) }) }
    committer.submit(
      requests.lazy.filter { !$0.request.entries.isEmpty }.map { number, request in
        CommitRequest(entries: request.entries, recipient: .sink(sink, number: number))
      })
  }

  /// Returns the answer to a request, by the outcomes of its commit.
  func answer(to request: PreparedRequest, _ outcomes: CommitMachine.Answer) -> Answer {
    switch outcomes {
    case .outcomes(let outcomes):
      var rest = outcomes[...]
      let results = request.messages.map { message in
        switch message.result {
        case .success(let draft): result(draft.id, rest.popFirst() ?? .unavailable)
        case .failure(let fault): rejected(message.id, fault)
        }
      }
      metrics.stored(results, request.channel)
      return .results(results)
    case .overloaded:
      metrics.rejected(.overloaded, messages: request.messages.count)
      return .overloaded
    case .draining:
      metrics.rejected(.draining, messages: request.messages.count)
      return .draining
    }
  }

  /// Masks, encrypts and dates what was read; a message whose contact cannot be encrypted becomes a fault.
  /// Takes processor time in proportion to the messages: call it in a turn.
  func prepare(
    _ messages: [ReadMessage], channel: ChannelID, sender: MessageSender, traceparent: String?
  ) -> PreparedRequest {
    var random = SystemRandom()
    let now = now()
    var messages = messages
    var entries: [CommitMachine.Entry] = []
    entries.reserveCapacity(messages.count)
    let trusted = trustedProofs(channel)
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
        channel: channel, message: IdentifierSource.process.next(at: now, using: &random),
        ticket: IdentifierSource.process.next(at: now, using: &random), traceparent: traceparent, contact: contact,
        trusted: trusted)
      if incoming.proofs.count < draft.proofs.count {
        metrics.ignored(proofs: draft.proofs.count - incoming.proofs.count)
      }
      entries.append(CommitMachine.Entry(message: incoming, byteCount: draft.byteCount, sender: sender))
    }
    return PreparedRequest(channel: channel, messages: messages, entries: entries)
  }

  /// The message is refused rather than stored without its contact, so that no customer expects a call that cannot be made.
  private func sealedContact(of draft: MessageDraft, _ channel: ChannelID) throws(MessageFault) -> SealedContact? {
    guard let contact = draft.contact else { return nil }
    do {
      if let sealed = try contactKeys()?.seal(contact.json, of: draft.customer, on: channel) { return sealed }
    } catch {
      throw MessageFault(
        "/contact", "The contact cannot be encrypted, so the message was not accepted.",
        remedy: "Report this problem; leave `contact` out in the meantime.")
    }
    throw MessageFault(
      "/contact", "This installation stores no contact data, because no contact keys are configured.",
      remedy: "Leave `contact` out, or start intake and console with --contact-keys.")
  }

  private func result(_ id: String, _ outcome: CommitMachine.Outcome) -> MessageResult {
    switch outcome {
    case .accepted(let acceptance):
      return MessageResult(
        id: id, status: .accepted, message: acceptance.message, ticket: acceptance.ticket, problem: nil)
    case .duplicate(let acceptance):
      return MessageResult(
        id: id, status: .duplicate, message: acceptance.message, ticket: acceptance.ticket, problem: nil)
    case .duplicateOfDropped(let message):
      return MessageResult(id: id, status: .duplicate, message: message, ticket: nil, problem: nil)
    case .conflict:
      return rejected(
        id,
        MessageFault(
          "/id", "A message with this id and different content was submitted before.",
          remedy: "Give each message its own id; repeat a message only unchanged.", rejection: .conflict))
    case .unavailable:
      return rejected(
        id,
        MessageFault(
          "", "The message could not be stored in time.",
          remedy: "Send it again with the same id; this is safe even if it was stored.", rejection: .unavailable))
    case .heldUp:
      return rejected(
        id,
        MessageFault(
          "", "The customer's ticket was locked by another change for too long; the message was not stored.",
          remedy: "Send it again with the same id in a few seconds.", rejection: .unavailable))
    case .overloaded:
      return rejected(
        id,
        MessageFault(
          "", "Too many messages are waiting to be processed; this one was not stored.",
          remedy: "Send it again with the same id in a second.", rejection: .overloaded))
    case .refused:
      return rejected(
        id,
        MessageFault(
          "", "The message cannot be stored.", remedy: "Report this with the message's id; retrying will not help.",
          rejection: .refused))
    }
  }

  private func rejected(_ id: String?, _ fault: MessageFault) -> MessageResult {
    metrics.rejected(fault.rejection)
    return .rejected(id, fault)
  }
}
