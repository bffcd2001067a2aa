import DeskCore
import Simulator
import Store

/// Makes a ticket's line from its row, its timeline and its hands.
struct TicketRecord {
  let ticket: RecordableTicket
  let entries: [StoredEvent]
  let hands: [RecordableHands]
  let pseudonyms: Pseudonyms
  /// The start of the stretch.
  let from: Instant
  /// The product lines that the policy names: they are written as they are.
  let productLines: Set<ExactString>

  /// The line.
  var recorded: RecordedTicket {
    var messages = [RecordedTicket.Message(at: time(ticket.openedAt), author: .customer)]
    var offers: [(id: OfferID?, offer: RecordedTicket.Offer)] = []
    var decision: RecordedTicket.Decision?
    var isFirstLate = false
    for entry in entries {
      guard let event = entry.content else { continue }
      let at = time(entry.at)
      switch event {
      case .queued(let routed), .triaged(let routed):
        if decision == nil { decision = made(of: routed, at: at, needsTriage: event.kind == .triaged) }
      case .answered(let answered):
        if decision == nil { decision = made(of: answered.routed, at: at, isByArticle: true) }
        messages.append(.init(at: at, author: .article))
      case .customerWrote: messages.append(.init(at: at, author: .customer))
      case .replied: messages.append(.init(at: at, author: .agent))
      case .offered(let offer):
        if let agent = offer.agent { offers.append((offer.offer, .init(at: at, agent: name(agent)))) }
      case .transferred(let moved):
        if let agent = moved.toAgent { offers.append((moved.offer, .init(at: at, agent: name(agent)))) }
      case .accepted(let accepted): answer(&offers, accepted.offer, .accepted, at)
      case .declined(let ended): answer(&offers, ended.offer, .declined, at)
      case .offerTimedOut(let ended): answer(&offers, ended.offer, .timedOut, at)
      case .offerWithdrawn(let ended): answer(&offers, ended.offer, .withdrawn, at)
      case .slaBreached(let target): if target.clock == .firstResponse { isFirstLate = true }
      default: break
      }
    }
    return RecordedTicket(
      id: pseudonyms.name(.ticket, ticket.id.description),
      customer: pseudonyms.name(.customer, ticket.channel.rawValue, ticket.customer), channel: ticket.channel,
      tier: CustomerTier(rawValue: ticket.tier) ?? .standard, dedicatedAgent: ticket.dedicatedAgent.map(name),
      opened: time(ticket.openedAt), decision: decision, firstDue: ticket.firstDueAt.map(time),
      isFirstLate: isFirstLate, messages: messages, offers: offers.map(\.offer), hands: hands.map(recorded), end: end)
  }

  /// Whether it had ended before the stretch began.
  var isOver: Bool { end.map { $0.at < 0 } ?? false }

  private var end: RecordedTicket.End? {
    var settled: (at: Instant, kind: TimelineEntry.Kind)?
    var isByArticle = false
    for entry in entries {
      switch TimelineEntry.Kind(stored: entry.kind) {
      case .answered?: isByArticle = true
      case .reopened?: settled = nil
      case .closed?: settled = settled ?? (entry.at, .closed)
      case let kind? where [.resolved, .merged, .rejected].contains(kind): settled = (entry.at, kind)
      default: break
      }
    }
    guard let settled else { return nil }
    let how: RecordedTicket.End.How =
      switch settled.kind {
      case .merged: .merged
      case .rejected: .rejected
      default: hands.isEmpty ? (isByArticle ? .article : .abandoned) : .resolved
      }
    return RecordedTicket.End(at: time(settled.at), how: how)
  }

  // MARK: Parts

  private func made(
    of routed: TimelineEvent.Routed, at: Int64, needsTriage: Bool = false, isByArticle: Bool = false
  ) -> RecordedTicket.Decision? {
    guard let labels = routed.labels, let queue = routed.queue, let priority = routed.priority else { return nil }
    let line = routed.productLine ?? ""
    return RecordedTicket.Decision(
      at: at, policyVersion: routed.policyVersion ?? 0, labels: labels,
      productLine: line.isEmpty || productLines.contains(ExactString(line))
        ? line : pseudonyms.name(.productLine, line),
      found: routed.found, met: routed.met, queue: queue, priority: priority, skills: routed.skills ?? [],
      weight: routed.weight, needsTriage: needsTriage, isByArticle: isByArticle)
  }

  private func recorded(_ hands: RecordableHands) -> RecordedTicket.Hands {
    RecordedTicket.Hands(
      agent: name(hands.agent), since: time(hands.since), handled: Int64((hands.handledSeconds * 1000).rounded()),
      pended: Int64((hands.pendedSeconds * 1000).rounded()), endedBy: hands.endedBy)
  }

  private func answer(
    _ offers: inout [(id: OfferID?, offer: RecordedTicket.Offer)], _ id: OfferID?,
    _ answer: RecordedTicket.Offer.Answer, _ at: Int64
  ) {
    guard let id, let position = offers.lastIndex(where: { $0.id == id }) else { return }
    let offer = offers[position].offer
    offers[position].offer = .init(at: offer.at, agent: offer.agent, answer: answer, answeredAt: at)
  }

  private func name(_ agent: AgentID) -> AgentID { AgentID(pseudonyms.name(.agent, agent.rawValue)) }

  private func time(_ instant: Instant) -> Int64 { RecordedTicket.time(instant, from: from) }
}

extension RecordedTicket.Offer {
  /// An offer that is not answered yet.
  fileprivate init(at: Int64, agent: AgentID) { self.init(at: at, agent: agent, answer: nil, answeredAt: nil) }
}

extension RecordedTicket {
  /// Whole milliseconds since the start of a stretch, rounded down.
  static func time(_ instant: Instant, from start: Instant) -> Int64 {
    Instant(microseconds: instant.microseconds - start.microseconds).milliseconds
  }
}
