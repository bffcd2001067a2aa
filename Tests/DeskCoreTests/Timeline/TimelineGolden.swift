import Testing

@testable import DeskCore

/// An entry and its stored form, with members in the order written.
struct TimelineGolden {
  let event: TimelineEvent
  let json: String

  /// At least one entry of the kind; together they have every member.
  static func all(of kind: TimelineEntry.Kind) throws -> [TimelineGolden] {
    switch kind {
    case .queued:
      [
        TimelineGolden(event: .queued(.init(decision)), json: "{\(decisionMembers)}"),
        TimelineGolden(event: .queued(.init(plainDecision)), json: "{\(plainMembers)}"),
        TimelineGolden(event: .queued(.init(usualDecision)), json: "{\(usualMembers)}"),
      ]
    case .triaged: [TimelineGolden(event: .triaged(.init(decision)), json: "{\(decisionMembers)}")]
    case .answered:
      [
        TimelineGolden(
          event: .answered(.init(.init(decision), article: "parcels", reply: .number(8))),
          json: #"{\#(decisionMembers),"article":"parcels","reply":"00000000-0000-0000-0000-000000000008"}"#)
      ]
    case .labelled:
      [
        TimelineGolden(
          event: .labelled(.init(.sample(), from: "refund", to: "logistics", reason: "it says so", decision: decision)),
          json: #"{"corrected_message":"00000000-0000-0000-0000-000000000004","was":"refund","category":"logistics","#
            + #""model":"m1","reason":"it says so","queue":"overflow","decision":{\#(decisionMembers)}}"#),
        TimelineGolden(
          event: .labelled(.init(.sample(), from: nil, to: "logistics", reason: "it says so", decision: nil)),
          json: #"{"corrected_message":"00000000-0000-0000-0000-000000000004","was":null,"category":"logistics","#
            + #""model":"m1","reason":"it says so"}"#),
      ]
    case .rejected:
      [
        TimelineGolden(
          event: .rejected(.init(reason: "poison", unanswered: [.firstResponse, .resolution])),
          json: #"{"reason":"poison","unanswered":["first_response","resolution"]}"#),
        TimelineGolden(event: .rejected(.init(reason: "poison", unanswered: [])), json: #"{"reason":"poison"}"#),
      ]
    case .offered: try offers()
    case .accepted:
      [
        TimelineGolden(
          event: .accepted(.init(offer: .number(1), reason: "I know \"her\"")),
          json: #"{"offer":"00000000-0000-0000-0000-000000000001","reason":"I know \"her\""}"#),
        TimelineGolden(
          event: .accepted(.init(offer: .number(1), reason: nil)),
          json: #"{"offer":"00000000-0000-0000-0000-000000000001"}"#),
      ]
    case .declined: endedOffers { .declined($0) }
    case .offerTimedOut: endedOffers { .offerTimedOut($0) }
    case .offerWithdrawn: endedOffers { .offerWithdrawn($0) }
    case .requeued:
      [
        TimelineGolden(
          event: .requeued(.init(from: "ann", reason: .agentLeft)), json: #"{"agent":"ann","reason":"agent_left"}"#),
        TimelineGolden(
          event: .requeued(.init(from: "ann", reason: .escalated)), json: #"{"agent":"ann","reason":"escalated"}"#),
      ]
    case .reclaimed:
      [
        TimelineGolden(
          event: .reclaimed(.init(owedSince: .at(1), pause: OfferPause(agent: "ann", times: 2, until: .at(15)))),
          json: #"{"agent":"ann","reason":"no_reply","owed_since_us":1772442001000000,"times":2,"#
            + #""not_before_us":1772442015000000}"#)
      ]
    case .customerWrote:
      [
        TimelineGolden(
          event: .customerWrote(.init(.number(9), in: .pending, labels: .sample(urgency: .high))),
          json: #"{"message":"00000000-0000-0000-0000-000000000009","state":"pending","category":"logistics","#
            + #""urgency":"high","language":"zh-Hans","sentiment":"neutral"}"#),
        TimelineGolden(
          event: .customerWrote(
            .init(.number(9), in: .resolved, labels: .sample(), reading: DialogueActReading(.closing, share: 0.9))),
          json: #"{"message":"00000000-0000-0000-0000-000000000009","state":"resolved","category":"logistics","#
            + #""urgency":"normal","language":"zh-Hans","sentiment":"neutral","act":"closing","act_share":0.9}"#),
      ]
    case .replied:
      [
        TimelineGolden(
          event: .replied(.init(.number(9))), json: #"{"message":"00000000-0000-0000-0000-000000000009"}"#)
      ]
    case .replyFailed:
      [
        TimelineGolden(
          event: .replyFailed(.init(.number(9))), json: #"{"message":"00000000-0000-0000-0000-000000000009"}"#)
      ]
    case .pending: [TimelineGolden(event: .pending, json: "{}")]
    case .noted:
      [
        TimelineGolden(event: .noted(.init(.number(9))), json: #"{"note":"00000000-0000-0000-0000-000000000009"}"#)
      ]
    case .resolved:
      [
        TimelineGolden(
          event: .resolved(.init(reason: "spam", unanswered: [.firstResponse])),
          json: #"{"reason":"spam","unanswered":["first_response"]}"#),
        TimelineGolden(event: .resolved(.init(reason: nil, unanswered: [])), json: "{}"),
        TimelineGolden(event: .resolved(.init(by: .article)), json: #"{"by":"article"}"#),
      ]
    case .reopened: [TimelineGolden(event: .reopened(.init(times: 2)), json: #"{"times":2}"#)]
    case .closed:
      [
        TimelineGolden(
          event: .closed(.init(from: .answered, isConfirmed: false)), json: #"{"was":"answered","confirmed":false}"#)
      ]
    case .feedbackReceived:
      [
        TimelineGolden(
          event: .feedbackReceived(
            .init(.sample(solved: true, rating: 4, comment: .number(3)), in: .resolved, servedBy: "ann")),
          json: #"{"solved":true,"was":"resolved","rating":4,"comment":"00000000-0000-0000-0000-000000000003","#
            + #""served_by":"ann"}"#),
        TimelineGolden(
          event: .feedbackReceived(.init(.sample(solved: false), in: .answered, servedBy: nil)),
          json: #"{"solved":false,"was":"answered","rating":null,"comment":null,"served_by":null}"#),
      ]
    case .followUpOpened:
      [
        TimelineGolden(event: .followUpOpened(.init(lead: "eve", rating: 1)), json: #"{"lead":"eve","rating":1}"#),
        TimelineGolden(event: .followUpOpened(.init(lead: nil, rating: 2)), json: #"{"lead":null,"rating":2}"#),
      ]
    case .slaWarned:
      [
        TimelineGolden(
          event: .slaWarned(.init(.init(clock: .nextResponse, sharePercent: 75, dueAt: .at(60)))),
          json: #"{"clock":"next_response","share_percent":75,"due_at_us":1772442060000000}"#)
      ]
    case .slaBreached:
      [
        TimelineGolden(
          event: .slaBreached(.init(.init(clock: .resolution, sharePercent: 100, dueAt: .at(0)))),
          json: #"{"clock":"resolution","share_percent":100,"due_at_us":1772442000000000}"#)
      ]
    case .escalated: escalations
    case .priorityChanged:
      [
        TimelineGolden(
          event: .priorityChanged(.init(from: .normal, to: .urgent, reason: "at the gate")),
          json: #"{"from":"normal","to":"urgent","reason":"at the gate"}"#)
      ]
    case .queueMoved:
      [
        TimelineGolden(
          event: .queueMoved(.init(from: "billing", to: "general")),
          json: #"{"from":"billing","to":"general","reason":"queue_removed"}"#),
        TimelineGolden(
          event: .queueMoved(.init(from: nil, to: "general")),
          json: #"{"from":null,"to":"general","reason":"queue_removed"}"#),
      ]
    case .transferred:
      [
        TimelineGolden(
          event: .transferred(
            .init(to: .queue("general", skills: []), fromAgent: nil, fromQueue: "billing", reason: "not ours")),
          json: #"{"reason":"not ours","from_agent":null,"from_queue":"billing","to_queue":"general"}"#),
        TimelineGolden(
          event: .transferred(.init(to: .agent(.to("bob")), fromAgent: "ann", fromQueue: nil, reason: "yours")),
          json: #"{"reason":"yours","from_agent":"ann","from_queue":null,"to_agent":"bob","#
            + #""offer":"00000000-0000-0000-0000-000000000001","expires_at_us":1772442090000000}"#),
      ]
    case .linked:
      [
        TimelineGolden(
          event: .linked(.init(to: .number(2), reason: "same parcel")),
          json: #"{"ticket":"00000000-0000-0000-0000-000000000002","reason":"same parcel"}"#)
      ]
    case .absorbed:
      [
        TimelineGolden(
          event: .absorbed(.init(.number(2), reason: "same", replyDueSince: .at(3))),
          json: #"{"ticket":"00000000-0000-0000-0000-000000000002","reason":"same","#
            + #""reply_due_since_us":1772442003000000}"#),
        TimelineGolden(
          event: .absorbed(.init(.number(2), reason: "same", replyDueSince: nil)),
          json: #"{"ticket":"00000000-0000-0000-0000-000000000002","reason":"same"}"#),
      ]
    case .merged:
      [
        TimelineGolden(
          event: .merged(.init(into: .number(2), reason: "same", unanswered: [.resolution])),
          json: #"{"ticket":"00000000-0000-0000-0000-000000000002","reason":"same","unanswered":["resolution"]}"#)
      ]
    case .greeted, .confirmed, .rerouted, .moveSuggested, .moveDeclined, .crisisAnswered: conversation(of: kind)
    case .progressSent:
      [
        TimelineGolden(
          event: .progressSent(
            .init(
              .init(event: .waiting, occurrence: 2, agent: "ann", since: .at(1), due: .at(9)), message: .number(9),
              language: "zh")),
          json: #"{"progress":"waiting","occurrence":2,"message":"00000000-0000-0000-0000-000000000009","#
            + #""language":"zh","since_us":1772442001000000}"#)
      ]
    case .callBackPromised: callBacks { .callBackPromised($0) }
    case .callBackMoved: callBacks { .callBackMoved($0) }
    case .callBackWarned: callBacks { .callBackWarned($0) }
    case .callBackBroken: callBacks { .callBackBroken($0) }
    case .callBackEnded: callBacks { .callBackEnded($0) }
    case .asked, .answeredQuestion, .questionsEnded: questions(of: kind)
    case .consultAsked: consults { .consultAsked($0) }
    case .consultWithdrawn: consults { .consultWithdrawn($0) }
    case .consultAnswered: consults { .consultAnswered($0) }
    }
  }

  // MARK: - Consults

  /// Of an agent, still open, and of a product line, answered.
  private static func consults(_ event: (TimelineEvent.ConsultStep) -> TimelineEvent) -> [TimelineGolden] {
    [
      consult(.agent("bob"), #""consulted":"bob""#, event),
      consult(
        .productLine("pay"), #""consulted_line":"pay","note":"00000000-0000-0000-0000-000000000009""#,
        phase: .answered(by: "bob", note: .number(9), at: .at(9)), event),
    ]
  }

  private static func consult(
    _ recipient: Consult.Recipient, _ members: String, phase: Consult.Phase = .open,
    _ event: (TimelineEvent.ConsultStep) -> TimelineEvent
  ) -> TimelineGolden {
    let consult = Consult(
      id: .number(5), asker: "ann", recipient: recipient, question: "why?", askedAt: .at(1), phase: phase)
    return TimelineGolden(
      event: event(.init(consult)),
      json: #"{"consult":"00000000-0000-0000-0000-000000000005","asker":"ann",\#(members)}"#)
  }

  // MARK: - Call-backs

  private static func callBacks(_ event: (TimelineEvent.CallBackStep) -> TimelineEvent) -> [TimelineGolden] {
    let broken = CallBack(
      number: 2, origin: .person, promisedAt: .at(1), owner: "bob", dueAt: .at(60), warnAt: nil, moves: 1,
      brokenAt: .at(60), endedAt: .at(90))
    let open = CallBack(
      number: 1, origin: .overload, promisedAt: .at(1), owner: nil, dueAt: .at(60), warnAt: .at(45))
    return [
      TimelineGolden(
        event: event(.init(broken, queue: "shipping", from: "ann", leads: ["eve"], reason: "at last")),
        json: #"{"number":2,"origin":"person","state":"broken","owner":"bob","former_owner":"ann","#
          + #""promised_at_us":1772442001000000,"due_at_us":1772442060000000,"moves":1,"#
          + #""broken_at_us":1772442060000000,"ended_at_us":1772442090000000,"queue":"shipping","leads":["eve"],"#
          + #""reason":"at last"}"#),
      TimelineGolden(
        event: event(.init(open, queue: nil, from: nil, leads: [], reason: nil)),
        json: #"{"number":1,"origin":"overload","state":"open","promised_at_us":1772442001000000,"#
          + #""due_at_us":1772442060000000,"check_at_us":1772442045000000,"moves":0,"leads":[]}"#),
    ]
  }

  // MARK: - Conversations

  private static func conversation(of kind: TimelineEntry.Kind) -> [TimelineGolden] {
    switch kind {
    case .greeted:
      [
        TimelineGolden(
          event: .greeted(
            .init(.init(share: 0.9, wait: .seconds(20), reply: .number(8)), threshold: 0.8, heldUntil: .at(20))),
          json: #"{"share":0.9,"threshold":0.8,"reply":"00000000-0000-0000-0000-000000000008","#
            + #""held_until_us":1772442020000000}"#),
        TimelineGolden(
          event: .greeted(.init(.init(share: 0.9, wait: .zero, reply: nil), threshold: 0.8, heldUntil: nil)),
          json: #"{"share":0.9,"threshold":0.8}"#),
      ]
    case .confirmed:
      [
        TimelineGolden(
          event: .confirmed(.init(by: .number(9), in: .resolved, share: 0.9, threshold: 0.8, policyVersion: 7)),
          json: #"{"closing_message":"00000000-0000-0000-0000-000000000009","was":"resolved","share":0.9,"#
            + #""threshold":0.8,"policy":7}"#)
      ]
    case .rerouted:
      [
        TimelineGolden(
          event: .rerouted(
            .init(
              decision, fromQueue: "general", fromAgent: "ann", fromPriority: .normal, queue: "orders",
              priority: .urgent, reason: "not mine")),
          json: #"{\#(decisionMembers),"from_queue":"general","from_agent":"ann","from_priority":"normal","#
            + #""kept_queue":"orders","kept_priority":"urgent","reason":"not mine"}"#),
        TimelineGolden(
          event: .rerouted(
            .init(
              plainDecision, fromQueue: "orders", fromAgent: nil, fromPriority: .high, queue: "general",
              priority: .normal, reason: nil)),
          json: #"{\#(plainMembers),"from_queue":"orders","from_priority":"high"}"#),
      ]
    case .moveSuggested:
      [
        TimelineGolden(
          event: .moveSuggested(.init(decision, to: "ann")), json: #"{\#(decisionMembers),"agent":"ann"}"#)
      ]
    case .moveDeclined:
      [
        TimelineGolden(
          event: .moveDeclined(.init(.init(queue: "orders", priority: .high, rule: "r"), reason: "I know her")),
          json: #"{"queue":"orders","priority":"high","reason":"I know her"}"#)
      ]
    case .crisisAnswered:
      [
        TimelineGolden(
          event: .crisisAnswered(
            .init(
              CrisisReply(
                crisis: .number(6), cause: .words("recall"), answer: "checking", match: .words, reply: .number(8)),
              policyVersion: 7)),
          json: #"{"crisis":"00000000-0000-0000-0000-000000000006","cause":"words:recall","crisis_answer":"checking","#
            + #""reply":"00000000-0000-0000-0000-000000000008","match":"words","policy":7}"#)
      ]
    default: []
    }
  }

  private static func questions(of kind: TimelineEntry.Kind) -> [TimelineGolden] {
    let first = QuestionFacts.Asked(questionnaire: "which-order", field: "order_number", attempts: 1)
    let again = QuestionFacts.Asked(questionnaire: "which-order", field: "order_number", attempts: 2)
    var facts = QuestionFacts(channel: "web", category: "logistics", intent: "where_is_it", known: [])
    let members = #""channel":"web","category":"logistics","intent":"where_is_it""#
    switch kind {
    case .asked:
      let plain = TimelineEvent.Asked(first, as: .number(8), from: facts, heldUntil: .at(60), policyVersion: 7)
      facts.known = ["state"]
      facts.skipped = ["since"]
      facts.asked = first
      facts.turns = 2
      return [
        TimelineGolden(
          event: .asked(plain),
          json:
            #"{"questionnaire":"which-order","field":"order_number","question":"00000000-0000-0000-0000-000000000008","#
            + #""attempt":1,"turn":1,"held_until_us":1772442060000000,"policy":7,\#(members)}"#),
        TimelineGolden(
          event: .asked(.init(again, as: .number(8), from: facts, heldUntil: .at(60), policyVersion: 7)),
          json:
            #"{"questionnaire":"which-order","field":"order_number","question":"00000000-0000-0000-0000-000000000008","#
            + #""attempt":2,"turn":3,"held_until_us":1772442060000000,"policy":7,\#(members),"known":["state"],"#
            + #""skipped":["since"],"former_questionnaire":"which-order","former_field":"order_number","#
            + #""former_attempts":1}"#),
      ]
    case .answeredQuestion:
      return [
        TimelineGolden(
          event: .answeredQuestion(.init(.number(9), fields: ["order_number", "state"], isAsked: true)),
          json: #"{"answer":"00000000-0000-0000-0000-000000000009","fields":["order_number","state"],"asked":true}"#),
        TimelineGolden(
          event: .answeredQuestion(.init(.number(9), fields: ["state"], isAsked: false)),
          json: #"{"answer":"00000000-0000-0000-0000-000000000009","fields":["state"]}"#),
      ]
    case .questionsEnded:
      return [
        TimelineGolden(
          event: .questionsEnded(.init(again, because: .waitOver, turns: 2)),
          json: #"{"questionnaire":"which-order","field":"order_number","ended":"wait_over","turns":2}"#)
      ]
    default: return []
    }
  }

  // MARK: - Decisions

  /// A decision with every member.
  private static let decision: RoutingDecision = {
    var decision = RoutingDecision(
      queue: "overflow", priority: .high, skills: [SkillRequirement("parcels", proficiency: 2)],
      weight: TicketWeight.whole, labels: .sample(urgency: .high, sentiment: .negative), needsTriage: false,
      targets: ServiceLevelTargets(policy: "usual", firstResponse: nil, resolution: nil, pausesWhilePending: true),
      rule: "parcels", policyVersion: 7)
    decision.message = .number(5)
    decision.overflowedFrom = "shipping"
    decision.promisesCallback = true
    decision.basis = RoutingDecision.Basis(
      channel: "web", tier: .keyAccount, openedAt: .morning, productLine: "phones", found: [0, 2],
      full: ["general", "shipping"], met: [1])
    decision.suggestions = [ArticleSuggestion("parcels", coverage: 0.5)]
    decision.guesses = [LabelGuess("logistics/where_is_it", share: 0.9), LabelGuess("returns", share: 0.0612)]
    return decision
  }()

  private static let decisionMembers =
    #""message":"00000000-0000-0000-0000-000000000005","queue":"overflow","priority":"high","rule":"parcels","#
    + #""service_level":"usual","category":"logistics","intent":"where_is_it","confidence":0.9,"urgency":"high","#
    + #""sentiment":"negative","language":"zh-Hans","model":"m1","policy":7,"skills":["parcels:2"],"weight":"whole","#
    + #""overflowed_from":"shipping","promises_callback":true,"channel":"web","tier":"key_account","#
    + #""opened_at_us":1772442000000000,"product_line":"phones","found":[0,2],"full":["general","shipping"],"#
    + #""fields_met":[1],"articles":["parcels:0.5"],"guesses":["logistics/where_is_it:0.9","returns:0.061"]"#

  /// Entries of builds that wrote what now goes without saying, and articles as objects.
  static let earlierDecisions = [
    TimelineGolden(
      event: .queued(.init(decision)),
      json: #"{"message":"00000000-0000-0000-0000-000000000005","queue":"overflow","priority":"high","rule":"parcels","#
        + #""service_level":"usual","category":"logistics","intent":"where_is_it","confidence":0.9,"urgency":"high","#
        + #""sentiment":"negative","language":"zh-Hans","model":"m1","policy":7,"skills":["parcels:2"],"weight":"whole","#
        + #""overflowed_from":"shipping","promises_callback":true,"channel":"web","tier":"key_account","#
        + #""opened_at_us":1772442000000000,"product_line":"phones","found":[0,2],"full":["general","shipping"],"#
        + #""fields_met":[1],"articles":[{"article":"parcels","coverage":0.5}],"#
        + #""guesses":["logistics/where_is_it:0.9","returns:0.061"]}"#),
    TimelineGolden(
      event: .queued(.init(usualDecision)),
      json: #"{"message":null,"queue":"general","priority":"normal","rule":null,"service_level":null,"#
        + #""category":"logistics","intent":"logistics","confidence":0.9,"urgency":"normal","sentiment":"neutral","#
        + #""language":"zh-Hans","model":"m1","policy":7,"skills":[],"channel":"web","tier":"standard","#
        + #""opened_at_us":1772442000000000}"#),
  ]

  /// A decision of which much goes without saying.
  private static let usualDecision: RoutingDecision = {
    var decision = RoutingDecision(
      queue: "general", priority: .normal, skills: [], weight: 1, labels: .sample(intent: "logistics"),
      needsTriage: false, targets: .none, rule: nil, policyVersion: 7)
    decision.basis = RoutingDecision.Basis(
      channel: "web", tier: .standard, openedAt: .morning, productLine: "", found: [], full: [])
    // Neither is worth showing.
    decision.suggestions = [ArticleSuggestion("parcels", coverage: 0.0208)]
    decision.guesses = [LabelGuess("logistics", share: 0.99), LabelGuess("returns", share: 0.01)]
    return decision
  }()

  private static let usualMembers =
    #""message":null,"queue":"general","priority":"normal","rule":null,"service_level":null,"category":"logistics","#
    + #""confidence":0.9,"language":"zh-Hans","model":"m1","policy":7,"skills":[],"channel":"web","#
    + #""opened_at_us":1772442000000000"#

  /// A decision with as few members as possible.
  private static let plainDecision = RoutingDecision(
    queue: "general", priority: .normal, skills: [], weight: 3, labels: .sample(sentiment: .negative),
    needsTriage: false, targets: .none, rule: nil, policyVersion: 7)

  private static let plainMembers =
    #""message":null,"queue":"general","priority":"normal","rule":null,"service_level":null,"category":"logistics","#
    + #""intent":"where_is_it","confidence":0.9,"sentiment":"negative","language":"zh-Hans","#
    + #""model":"m1","policy":7,"skills":[],"weight":3"#

  // MARK: - Offers

  private static func offers() throws -> [TimelineGolden] {
    let made = TimelineEvent.Offered(.to("ann"))
    let members =
      #""offer":"00000000-0000-0000-0000-000000000001","agent":"ann","expires_at_us":1772442090000000"#
    var desk = MatchingEngine(queues: [DeskTraffic.queue], headStarts: HeadStarts(), now: .at(10))
    desk.upsert(
      AgentStatus(
        profile: AgentProfile(id: "ann", teams: ["orders"], skills: ["s": 5], languages: [], capacity: 5),
        presence: .available, load: 2, idleSince: .at(0)))
    desk.add(
      WaitingTicket(
        id: .number(1), version: 2, priority: .normal, tier: .standard,
        skills: [SkillRequirement("s", proficiency: 3)], weight: 1, language: "en", waitingSince: .at(0),
        dueAt: .at(900), refusedBy: ["bob"], lastAgent: "bob",
        pauses: [OfferPause(agent: "bob", times: 1, until: .at(12))]), to: "q")
    let pick = desk.next()
    let choice = try #require(pick).record
    return [
      TimelineGolden(event: .offered(made), json: "{\(members)}"),
      TimelineGolden(
        event: .offered(made.explained(by: choice, policyVersion: 7)),
        json: #"{\#(members),"policy":7,"why":{"agent":"ann","result":{"agent":"ann","by":"only_one","steps":0,"#
          + #""band":2,"counts_as_due_us":1772442900000000,"ranking":["ann"]},"overdue_turn":false,"passed_over":0,"#
          + #""able":1,"full":0,"asked":0,"unfit":0,"input":{"queue":"q","now_us":1772442010000000,"#
          + #""ticket":{"id":"00000000-0000-0000-0000-000000000001","version":2,"priority":"normal","#
          + #""tier":"standard","skills":[["s",3]],"weight":1,"language":"en","waiting_since_us":1772442000000000,"#
          + #""due_us":1772442900000000,"refused_by":["bob"],"last_agent":"bob","dedicated_agent":null,"#
          + #""pauses":[["bob",1,1772442012000000]]},"#
          + #""agents":[["ann","available",2,1772442000000000,false]]}}}"#),
    ]
  }

  private static func endedOffers(_ event: (TimelineEvent.OfferEnded) -> TimelineEvent) -> [TimelineGolden] {
    let members = #""offer":"00000000-0000-0000-0000-000000000001","agent":"ann""#
    return [
      TimelineGolden(
        event: event(
          .init(.to("ann"), pause: OfferPause(agent: "ann", times: 3, until: .at(45)), reason: "busy")),
        json: #"{\#(members),"times":3,"not_before_us":1772442045000000,"reason":"busy"}"#),
      TimelineGolden(event: event(.init(.to("ann"), pause: nil, reason: nil)), json: "{\(members)}"),
    ]
  }

  // MARK: - Escalations

  private static var escalations: [TimelineGolden] {
    let step = EscalationStep(after: .milliseconds(90_500), actions: [])
    let plain = TimelineEvent.Escalated(step, number: 1, because: .firstResponse)
    var full = plain
    (full.fromPriority, full.toPriority) = (.normal, .urgent)
    full.leads = ["lea"]
    full.proficiencyLess = 2
    full.skillsDropped = ["parcels"]
    full.toQueue = "escalations"
    var moved = plain
    (moved.fromQueue, moved.toQueue) = ("shipping", "escalations")
    let members = #""step":1,"clock":"first_response","after_seconds":90.5"#
    return [
      TimelineGolden(event: .escalated(plain), json: "{\(members)}"),
      TimelineGolden(
        event: .escalated(full),
        json: #"{\#(members),"from_priority":"normal","to_priority":"urgent","leads":["lea"],"proficiency_less":2,"#
          + #""skills_dropped":["parcels"],"from_queue":null,"to_queue":"escalations"}"#),
      TimelineGolden(
        event: .escalated(moved),
        json: #"{\#(members),"from_queue":"shipping","to_queue":"escalations"}"#),
    ]
  }
}
