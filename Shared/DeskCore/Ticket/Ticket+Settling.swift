// Answers without a person, and customer feedback on settled tickets.

extension Ticket {
  /// Records that an article answers the first message. While the customer's response is awaited, no SLA clock runs.
  mutating func answer(
    _ decision: RoutingDecision, with article: ArticleID, in message: MessageID, under policy: Policy, now: Instant
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
    _ = beginConversation(with: decision, under: policy, now: now)
    return [
      .record(
        TimelineEntry(
          .answered(.init(.init(decision), article: article, reply: message)), by: .service("router"))),
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
      .record(TimelineEntry(.feedbackReceived(.init(feedback, in: state, servedBy: lastAgent)), by: .customer)),
      .rate(rating),
    ]
    if feedback.isLow, let score = feedback.rating {
      let opened = TimelineEvent.FollowUpOpened(lead: feedback.lead, rating: score)
      effects += [
        .record(TimelineEntry(.followUpOpened(opened), by: .service("intake"))),
        .followUp(FollowUp(lead: feedback.lead, rating: score)),
        .notify(.followUpOpened, summary(extra: opened.fields)),
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

  /// Settles an answered ticket whose customer says that it is solved.
  mutating func settleByArticle(now: Instant) -> [TicketEffect] {
    state = .resolved
    resolvedAt = now
    answeredAt = nil
    _ = clocks.stop(.settledByArticle, at: now)
    return [
      .record(TimelineEntry(.resolved(.init(by: .article)), by: .customer)),
      .notify(.ticketResolved, summary(extra: [.init("resolved_by", "article")])),
    ]
  }
}
