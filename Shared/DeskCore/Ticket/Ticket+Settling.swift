// Answers without a person, and what customers say of what was settled.

extension Ticket {
  /// An article answers the first message. The customer's word is awaited, so no promise of time runs meanwhile.
  mutating func answer(
    _ decision: RoutingDecision, with article: ArticleID, in message: MessageID, now: Instant
  ) throws(TicketRefusal) -> [TicketEffect] {
    try require(.received)
    state = .answered
    needsTriage = false
    queue = decision.queue
    priority = decision.priority
    skills = decision.skills
    weight = decision.weight
    labels = decision.labels
    policyVersion = decision.policyVersion
    answeredAt = now
    clocks.start(decision.targets, from: openedAt)
    clocks.pauseAfterAnswer(at: now)
    guard case .object(let fields) = decision.detail else { return [] }
    return [
      .record(
        TimelineEntry(
          .answered, by: .service("router"),
          .object(
            fields + [.init("article", .text(article.rawValue)), .init("reply", .text(message.description))]))),
      .notify(
        .messageReplied,
        summary(message: message, extra: [.init("article", .text(article.rawValue)), .init("asks", "solved")])),
    ]
  }

  /// The customer's word on what an article or an agent settled. The newest rating counts.
  mutating func hear(_ judgement: Judgement, now: Instant) throws(TicketRefusal) -> [TicketEffect] {
    try require(.answered, .resolved)
    let isNews = judgement.rating != nil || judgement.comment != nil || !judgement.solved || confirmedAt == nil
    guard isNews else { throw .changesNothing }
    let rating = Rating(judgement: judgement, agent: lastAgent, queue: queue, category: labels?.category)
    var effects: [TicketEffect] = [
      .record(
        TimelineEntry(
          .judged, by: .customer,
          .object([
            .init("solved", .flag(judgement.solved)), .init("was", .text(state.rawValue)),
            .init("rating", judgement.rating.map { .integer(Int64($0)) } ?? .null),
            .init("comment", judgement.comment.map { .text($0.description) } ?? .null),
            .init("served_by", lastAgent.map { .text($0.rawValue) } ?? .null),
          ]))),
      .rate(rating),
    ]
    if judgement.isLow, let score = judgement.rating {
      let lead = Detail.Field("lead", judgement.lead.map { .text($0.rawValue) } ?? .null)
      let told = [lead, .init("rating", .integer(Int64(score)))]
      effects += [
        .record(TimelineEntry(.followUpOpened, by: .service("intake"), .object(told))),
        .followUp(FollowUp(lead: judgement.lead, rating: score)),
        .notify(.followUpOpened, summary(extra: told)),
      ]
    }
    if judgement.solved {
      if state == .answered { effects += settleByArticle(now: now) }
      confirmedAt = confirmedAt ?? now
    } else {
      effects += reopen(with: nil, now: now)
    }
    return effects
  }

  private mutating func settleByArticle(now: Instant) -> [TicketEffect] {
    state = .resolved
    resolvedAt = now
    answeredAt = nil
    _ = clocks.stop(.settledByArticle, at: now)
    return [
      .record(TimelineEntry(.resolved, by: .customer, .object([.init("by", "article")]))),
      .notify(.ticketResolved, summary(extra: [.init("resolved_by", "article")])),
    ]
  }
}
