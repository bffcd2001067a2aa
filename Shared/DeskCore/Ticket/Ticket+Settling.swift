// Answers without a person, and customer feedback on settled tickets.

extension Ticket {
  /// Records that an article answers the first message. While the customer's response is awaited, no SLA clock runs.
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

  /// Applies the customer's feedback on a ticket settled by an article or an agent. The newest rating counts.
  mutating func receive(_ feedback: Feedback, now: Instant) throws(TicketRefusal) -> [TicketEffect] {
    try require(.answered, .resolved)
    let isNews = feedback.rating != nil || feedback.comment != nil || !feedback.solved || confirmedAt == nil
    guard isNews else { throw .changesNothing }
    let rating = Rating(feedback: feedback, agent: lastAgent, queue: queue, category: labels?.category)
    var effects: [TicketEffect] = [
      .record(
        TimelineEntry(
          .feedbackReceived, by: .customer,
          .object([
            .init("solved", .flag(feedback.solved)), .init("was", .text(state.rawValue)),
            .init("rating", feedback.rating.map { .integer(Int64($0)) } ?? .null),
            .init("comment", feedback.comment.map { .text($0.description) } ?? .null),
            .init("served_by", lastAgent.map { .text($0.rawValue) } ?? .null),
          ]))),
      .rate(rating),
    ]
    if feedback.isLow, let score = feedback.rating {
      let lead = JSONValue.Field("lead", feedback.lead.map { .text($0.rawValue) } ?? .null)
      let details = [lead, .init("rating", .integer(Int64(score)))]
      effects += [
        .record(TimelineEntry(.followUpOpened, by: .service("intake"), .object(details))),
        .followUp(FollowUp(lead: feedback.lead, rating: score)),
        .notify(.followUpOpened, summary(extra: details)),
      ]
    }
    if feedback.solved {
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
