import Testing

@testable import DeskCore

@Suite("Answers by articles, and customer feedback on settled tickets")
struct TicketSettlingTests {
  @Test func anArticleAnswerPausesClocksUntilTheCustomerResponds() throws {
    var ticket = Ticket.fresh()
    let effects = try ticket.handle(
      .answered(Policy.sample.decision(), "where-is-my-parcel", .number(8)), now: .at(2))
    #expect(effects.outline == ["record answered by service:router", "notify message.replied"])
    #expect(ticket.state == .answered)
    #expect(ticket.answeredAt == .at(2))
    #expect(ticket.waitingSince == nil)
    #expect(ticket.clocks.nextCheckAt == nil)
    #expect(ticket.queue == "shipping")
  }

  @Test func unsolvedFeedbackRequestsAnAgentAndResumesClocks() throws {
    var ticket = try Ticket.example(in: .answered)
    let effects = try ticket.handle(.feedbackReceived(.sample(solved: false)), now: .at(601))
    #expect(
      effects.outline == [
        "record feedback_received by customer", "rate nothing", "record reopened by customer", "notify ticket.reopened",
        "wake shipping",
      ])
    #expect(ticket.state == .queued)
    #expect(ticket.waitingSince == .at(601))
    #expect(ticket.answeredAt == nil)
    // Ten minutes spent waiting for the customer after the article do not count.
    #expect(ticket.clocks.firstResponse.dueAt == .at(3_600 + 600))
    #expect(ticket.clocks.resolution.dueAt == .at(86_400 + 600))
  }

  @Test func anyFurtherMessageRequestsAnAgent() throws {
    var ticket = try Ticket.example(in: .answered)
    let effects = try ticket.handle(.customerWrote(.number(20), .sample()), now: .at(601))
    #expect(effects.outline.suffix(2) == ["notify ticket.reopened", "wake shipping"])
    #expect(ticket.clocks.firstResponse.dueAt == .at(3_600 + 600))
  }

  @Test func articleSolutionsResolveWithoutAnAgent() throws {
    var ticket = try Ticket.example(in: .answered)
    let effects = try ticket.handle(.feedbackReceived(.sample(rating: 5)), now: .at(60))
    #expect(
      effects.outline == [
        "record feedback_received by customer", "rate 5", "record resolved by customer", "notify ticket.resolved",
      ])
    #expect(ticket.state == .resolved)
    #expect(ticket.resolvedAt == .at(60))
    #expect(ticket.confirmedAt == .at(60))
    #expect(ticket.lastAgent == nil)
  }

  @Test func unconfirmedAnswersClose() throws {
    var answered = try Ticket.example(in: .answered)
    let effects = try answered.handle(.reopenWindowPassed, now: .at(900))
    #expect(effects.outline == ["record closed by service:sla-watcher", "notify ticket.closed", "archive"])
    #expect(answered.state == .closed)
    #expect(answered.resolvedAt == .at(1))
    #expect(answered.clocks.firstResponse.ending == ServiceLevelClock.Ending(at: .at(1), .waived))
  }

  @Test func confirmationCountsOnceAndARatingMayFollow() throws {
    var ticket = try Ticket.example(in: .resolved)
    #expect(
      try ticket.handle(.feedbackReceived(.sample()), now: .at(300)).outline == [
        "record feedback_received by customer", "rate nothing",
      ])
    #expect(ticket.confirmedAt == .at(300))
    #expect(throws: TicketRefusal.changesNothing) { try ticket.handle(.feedbackReceived(.sample()), now: .at(301)) }
    #expect(
      try ticket.handle(.feedbackReceived(.sample(rating: 4)), now: .at(310)).outline == [
        "record feedback_received by customer", "rate 4",
      ])
    #expect(ticket.confirmedAt == .at(300))
    #expect(ticket.state == .resolved)
  }

  @Test func aLowRatingOpensAFollowUpForTheLead() throws {
    var ticket = try Ticket.example(in: .resolved)
    let effects = try ticket.handle(.feedbackReceived(.sample(rating: 2, comment: .number(31))), now: .at(300))
    #expect(
      effects.outline == [
        "record feedback_received by customer", "rate 2", "record follow_up_opened by service:intake",
        "follow up by eve",
        "notify follow_up.opened",
      ])
    guard case .rate(let rating)? = effects.first(where: { if case .rate = $0 { true } else { false } }) else {
      Issue.record("no rating was stored")
      return
    }
    #expect(rating.agent == "ann")
    #expect(rating.feedback.comment == .number(31))
  }

  @Test func unsolvedFeedbackReopensTheTicketForItsLastAgent() throws {
    var ticket = try Ticket.example(in: .resolved)
    _ = try ticket.handle(.feedbackReceived(.sample()), now: .at(300))
    let effects = try ticket.handle(.feedbackReceived(.sample(solved: false, rating: 1)), now: .at(400))
    #expect(effects.outline.suffix(3) == ["record reopened by customer", "notify ticket.reopened", "wake shipping"])
    #expect(ticket.state == .queued)
    #expect(ticket.lastAgent == "ann")
    #expect(ticket.confirmedAt == nil)
    #expect(ticket.reopenCount == 1)
  }

  @Test func unconfirmedTicketsStayOpenForTheLongerTime() throws {
    var policy = Policy.sample
    policy.life.closing.confirmWithin = .seconds(5 * 86_400)
    var ticket = try Ticket.example(in: .resolved)
    #expect(policy.settledTime(of: ticket) == .seconds(5 * 86_400))
    _ = try ticket.handle(.feedbackReceived(.sample()), now: .at(300))
    #expect(policy.settledTime(of: ticket) == .seconds(3 * 86_400))
  }
}

@Suite("When an article answers without a person")
struct AnswerPolicyTests {
  private static let article = Article(
    id: "parcel", categories: ["logistics"], answersByItself: true,
    versions: ["zh": Article.Version(title: "物流", answer: "请看物流页面", questions: [], steps: [])])

  private static let policy = {
    var policy = Policy.sample
    policy.life.answers = AnswerPolicy(articles: ["parcel": article], confidentFrom: 0.6, channels: ["web"])
    return policy
  }()

  private func answer(
    _ labels: Labels = .sample(), channel: ChannelID = "web", coverage: Double = 0.7
  ) -> ArticleID? {
    AnswerPolicyTests.policy.answer(
      to: RoutingFacts(channel: channel, tier: .standard, labels: labels, text: "", openedAt: .morning),
      suggested: [ArticleSuggestion("parcel", coverage: coverage)])
  }

  @Test func aConfidentMatchAnswers() {
    #expect(answer() == "parcel")
  }

  @Test func anyDoubtRequestsAnAgent() {
    #expect(answer(coverage: 0.5) == nil)
    #expect(answer(channel: "email") == nil)
    #expect(answer(.sample(category: "complaint")) == nil)
    #expect(answer(.sample(confidence: 0.2)) == nil)
    #expect(answer(.sample(urgency: .high)) == nil)
    #expect(answer(.sample(sentiment: .negative)) == nil)
    #expect(answer(.sample(language: "en")) == nil, "the article is in another language")
  }

  @Test func articleVersionsMatchThePrimaryLanguageSubtag() {
    #expect(AnswerPolicyTests.article.version(for: "zh-Hant")?.title == "物流")
    #expect(AnswerPolicyTests.article.version(for: "fr")?.title == "物流")
  }
}
