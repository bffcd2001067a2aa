// Answers without a person, and customer feedback on settled tickets.

extension Ticket {
  /// Records that an article answers the first message. While the customer's response is awaited, no SLA clock runs.
  mutating func answer(
    _ decision: RoutingDecision, with article: ArticleID, in message: MessageID, under policy: Policy,
    to next: TicketPhase, now: Instant
  ) -> [TicketEffect] {
    phase = next
    needsTriage = false
    queue = decision.queue
    priority = decision.priority
    skills = decision.skills
    weight = decision.weight
    labels = decision.labels
    policyVersion = decision.policyVersion
    clocks.start(decision.targets, from: openedAt)
    clocks.pauseAfterAnswer(at: now)
    _ = beginConversation(with: decision, under: policy, now: now)
    let kept = decision.message.map { keep(decision.fields, from: $0).effects } ?? []
    return [
      .record(
        TimelineEntry(
          .answered(.init(.init(decision), article: article, reply: message)), by: .service("router"))),
      .notify(
        .messageReplied,
        summary(message: message, extra: [.init("article", .text(article.rawValue)), .init("asks", "solved")])),
    ] + kept
  }

  /// Applies the customer's feedback on a ticket settled by an article or an agent. The newest rating counts.
  mutating func receive(_ feedback: Feedback, to next: TicketPhase, now: Instant) -> [TicketEffect] {
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
    guard feedback.solved else { return effects + reopen(with: nil, to: next, now: now) }
    return effects + confirm(to: next, now: now)
  }

  /// Settles an answered ticket, or confirms a resolved one.
  mutating func confirm(to next: TicketPhase, now: Instant) -> [TicketEffect] {
    if state == .answered { return settleByArticle(to: next, now: now) }
    phase = next
    return []
  }

  /// Settles an answered ticket whose customer says that it is solved.
  private mutating func settleByArticle(to next: TicketPhase, now: Instant) -> [TicketEffect] {
    phase = next
    _ = clocks.stop(.settledByArticle, at: now)
    return [
      .record(TimelineEntry(.resolved(.init(by: .article)), by: .customer)),
      .notify(.ticketResolved, summary(extra: [.init("resolved_by", "article")])),
    ]
  }
}
