import Testing

@testable import DeskCore

@Suite("Routing decisions")
struct PolicyTests {
  @Test func theFirstMatchingRuleDecides() {
    var policy = Policy.sample
    policy.rules.insert(
      Rule(name: "vip", condition: .oneOf(.tier, ["vip"]), queue: "general", priority: .urgent, skills: []), at: 0)
    #expect(policy.decision(tier: .vip).rule == "vip")
    #expect(policy.decision(tier: .vip).priority == .urgent)
    #expect(policy.decision().rule == "parcels")
  }

  @Test func queueAndRuleSkillsMergeAtTheHigherProficiency() {
    #expect(
      Policy.sample.decision().skills == [
        SkillRequirement("parcels", proficiency: 2), SkillRequirement("shipping", proficiency: 5),
      ])
  }

  @Test func withoutARuleTheDefaultQueueAndTheUrgencyDecide() {
    for (urgency, priority) in [(Urgency.high, Priority.high), (.normal, .normal), (.low, .low)] {
      let decision = Policy.sample.decision(.sample(category: "weather", urgency: urgency))
      #expect(decision.queue == "general")
      #expect(decision.priority == priority)
      #expect(decision.rule == nil)
      #expect(!decision.needsTriage)
    }
  }

  @Test func belowTheThresholdTicketsNeedManualTriage() {
    let uncertain = Policy.sample.decision(.sample(confidence: 0.349))
    #expect(uncertain.needsTriage)
    #expect(uncertain.queue == "triage")
    #expect(uncertain.rule == nil)
    #expect(!Policy.sample.decision(.sample(confidence: 0.35)).needsTriage)
  }

  @Test func theChannelSetsTheTicketWeight() {
    #expect(Policy.sample.decision(channel: "call").weight == 5)
    #expect(Policy.sample.decision(channel: "unheard-of").weight == 1)
  }

  @Test func theChannelSetsTheReopenWindow() {
    #expect(Policy.sample.reopenWindow(of: "call") == .seconds(3_600))
    #expect(Policy.sample.reopenWindow(of: "unheard-of") == .seconds(3 * 86_400))
  }

  @Test func targetsFollowThePriority() {
    let high = Policy.sample.decision()
    #expect(high.targets.policy == "usual")
    #expect(high.targets.firstResponse?.dueAt == .at(3_600))
    #expect(high.targets.resolution?.firstNotificationAt == .at(64_800))
    let normal = Policy.sample.decision(.sample(category: "weather"))
    #expect(normal.targets.firstResponse == nil)
    #expect(normal.targets.resolution?.allowed == .seconds(100_000))
    var silent = Policy.sample
    silent.serviceLevels = []
    #expect(silent.decision().targets == .none)
  }

  @Test func targetsCountInTheirCalendar() {
    var policy = Policy.sample
    policy.calendars["mornings"] = BusinessCalendar(
      zone: .utc, week: Array(repeating: [540..<570], count: 7), exceptions: [:])
    policy.serviceLevels = [
      ServiceLevelPolicy(
        name: "mornings", condition: .always, calendar: "mornings", firstResponse: [.high: .seconds(3_600)],
        resolution: [:], pausesWhilePending: false)
    ]
    #expect(policy.decision().targets.firstResponse?.dueAt == .at(86_400 + 1_800))
  }

  @Test func theSameFactsGiveTheSameExplanation() {
    var first = Policy.sample.decision()
    #expect(first == Policy.sample.decision())
    first.message = .number(5)
    #expect(
      first.detail.json
        == #"{"message":"00000000-0000-0000-0000-000000000005","queue":"shipping","priority":"high","#
        + #""rule":"parcels","service_level":"usual","category":"logistics","intent":"where_is_it","#
        + #""confidence":0.9,"language":"zh-Hans","#
        + #""model":"m1","policy":7,"skills":["parcels:2","shipping:5"],"channel":"web","#
        + #""opened_at_us":1772442000000000}"#)
  }

  @Test func theExplanationContainsNoCustomerText() {
    let decision = Policy.sample.decision(text: "my secret parcel")
    #expect(!decision.detail.json.contains("secret"))
  }

  @Test func hooksReceiveOnlySubscribedNotifications() {
    func hook(_ id: HookID, _ kinds: Set<NoticeKind>) -> (HookID, Hook) {
      (
        id,
        Hook(id: id, url: "https://h", secrets: [], kinds: kinds, allowsPrivateAddress: false, parallelDeliveries: 1)
      )
    }
    var policy = Policy.sample
    policy.hooks = Dictionary(uniqueKeysWithValues: [
      hook("b", [.slaBreached, .ticketClosed]), hook("a", [.slaBreached]), hook("c", []),
    ])
    #expect(policy.subscribers(of: .slaBreached).map(\.id) == ["a", "b"])
    #expect(policy.subscribers(of: .ticketClosed).map(\.id) == ["b"])
    #expect(policy.subscribers(of: .slaWarned).isEmpty)
  }
}

@Suite("Conditions")
struct ConditionTests {
  private func holds(
    _ condition: Condition, labels: Labels = .sample(), channel: ChannelID = "web", tier: CustomerTier = .standard,
    text: String = ""
  ) -> Bool {
    condition.holds(
      for: RoutingFacts(channel: channel, tier: tier, labels: labels, text: text, openedAt: .morning))
  }

  @Test func everyFieldIsComparedWithItsOwnValue() {
    let labels = Labels.sample(
      category: "c", intent: "i", urgency: .high, sentiment: .negative, language: "en")
    let values: [Condition.Field: String] = [
      .channel: "web", .category: "c", .intent: "i", .language: "en", .tier: "key_account", .urgency: "high",
      .sentiment: "negative",
    ]
    for field in Condition.Field.allCases {
      #expect(holds(.oneOf(field, ["x", values[field] ?? ""]), labels: labels, tier: .keyAccount))
      for (other, value) in values where other != field {
        #expect(!holds(.oneOf(field, [value]), labels: labels, tier: .keyAccount))
      }
    }
  }

  @Test func allAnyAndNotCombineTheirParts() {
    let yes = Condition.always
    let no = Condition.not(.always)
    #expect(holds(.all([yes, yes])) && !holds(.all([yes, no])) && holds(.all([])))
    #expect(holds(.any([no, yes])) && !holds(.any([no, no])) && !holds(.any([])))
    #expect(holds(.not(no)))
  }

  @Test func boundsAreInclusive() {
    #expect(holds(.confidence(atLeast: 0.9)) && !holds(.confidence(atLeast: 0.91)))
    #expect(holds(.urgency(atLeast: .normal)) && !holds(.urgency(atLeast: .high)))
  }

  @Test(arguments: [
    ("I will SUE you", ["sue"], true), ("an issue, pursue", ["sue"], false), ("sue", ["sue"], true),
    ("Sue!", ["sue"], true), ("sued", ["sue"], false), ("我要找律师", ["律师"], true), ("打12315投诉", ["12315"], true),
    ("tel 123155", ["12315"], false), ("wir klagen", ["sue", "klagen"], true), ("", ["sue"], false), ("a", [""], false),
    ("trading  standards", ["trading standards"], true), ("to trading standards.", ["trading standards"], true),
    ("ÜBER", ["über"], true), ("sue-issue then sue", ["sue"], true), ("issue sue", ["sue"], true),
  ])
  func termsMatchOnlyAtTheirBoundaries(_ text: String, _ words: [String], _ found: Bool) {
    #expect(holds(.words(WordList(words)), text: text) == found)
  }

  @Test(
    "words are found in every spelling, whichever side uses it",
    arguments: [
      // Width
      ("打１２３１５投诉", "12315"), ("I will ｓｕｅ you", "sue"), ("ＳＵＥ", "sue"), ("trading　standards", "trading standards"),
      // Traditional characters and their compatibility forms
      ("我要找律師", "律师"), ("我要請\u{F9D8}師", "律师"), ("\u{F9E1}", "李"),
      // Invisible characters
      ("打1\u{200B}2\u{200B}3\u{200D}1\u{2060}5", "12315"), ("起\u{200B}诉", "起诉"), ("law\u{AD}suit", "lawsuit"),
      ("\u{FEFF}s\u{200C}u\u{FE0F}e", "sue"), ("律\u{3164}师", "律师"), ("律\u{E0101}师", "律师"),
      ("1\u{FE0F}\u{20E3}2\u{FE0F}\u{20E3}3\u{FE0F}\u{20E3}1\u{FE0F}\u{20E3}5\u{FE0F}\u{20E3}", "12315"),
      // Composed and decomposed
      ("u\u{308}ber", "\u{FC}ber"), ("re\u{301}clamation", "r\u{E9}clamation"), ("мо\u{438}\u{306}", "мо\u{439}"),
      ("ε\u{301}να", "\u{3AD}να"), ("カ\u{3099}イト\u{3099}", "ガイド"), ("ｶﾞｲﾄﾞ", "ガイド"),
      ("\u{1112}\u{1161}\u{11AB}\u{1100}\u{116E}\u{11A8}", "한국"), ("क\u{93C}लम", "\u{958}लम"),
      // Case mappings beyond single letters
      ("STRASSE", "straße"), ("STRA\u{1E9E}E", "strasse"), ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("\u{17F}ue", "sue"),
      ("İPTAL", "iptal"),
      // Compatibility forms
      ("\u{FB01}ne print", "fine"), ("𝐬𝐮𝐞", "sue"), ("\u{1D7CF}\u{1D7D0}\u{1D7D1}\u{1D7CF}\u{1D7D3}", "12315"),
      ("can’t", "can't"),
      // White space
      ("trading\n\tstandards", "trading standards"), ("trading\u{A0}standards", "trading standards"),
      ("we sue", " sue "),
      // The policy's own spelling
      ("打12315投诉", "１２３１５"), ("找律师", "律師"), ("strasse", "STRAßE"), ("lawsuit", "law\u{AD}suit"),
      ("\u{FC}ber", "U\u{308}BER"),
    ])
  func termsMatchInEverySpelling(_ text: String, _ word: String) {
    #expect(holds(.words([word]), text: text))
  }

  @Test(
    "a word keeps its boundaries when it is folded, and signs that fold to letters are not part of a word",
    arguments: [
      ("ｉｓｓｕｅ", "sue", false), ("is\u{AD}sue", "sue", false), ("１２３１５５", "12315", false), ("pur𝐬𝐮𝐞", "sue", false),
      ("straßen", "strasse", false), ("suéd", "sue", false), ("①sue", "sue", true), ("sue™", "sue", true),
      ("sue²", "sue", true), ("12315㎏", "12315", true), ("12315", "①", false), ("①②", "①", true), ("1.", "①", true),
    ])
  func termsKeepTheirTrailingMarks(_ text: String, _ word: String, _ found: Bool) {
    #expect(holds(.words([word]), text: text) == found)
  }

  @Test func theLongestMessageIsSearchedToItsEnd() {
    for filler in ["字", "x ", "\u{200B}", "ﷺ", "\u{1D400} "] {
      let long = String(repeating: filler, count: 20_000)
      #expect(holds(.words(["律师"]), text: long + "律師"))
      #expect(holds(.words(["sue"]), text: long + " ｓｕｅ"))
    }
  }

  @Test func anInvisibleTermIsNeverFound() {
    for word in ["", " ", "\u{3000}\u{A0}", "\u{200B}", "\u{AD}\u{FE0F}", "\u{3164}", "\u{301}"] {
      #expect(!WordList.canBeFound(word))
      #expect(!holds(.words([word]), text: "a b \(word)"))
    }
  }
}

@Suite("When a delivery is retried")
struct RetryScheduleTests {
  @Test func jitterShortensDelaysByAtMostAFifth() {
    var random = SeededGenerator(seed: 9)
    let schedule = RetrySchedule.standardWebhooks
    for attempt in 1...schedule.delays.count {
      let full = schedule.delays[attempt - 1]
      var seen: Set<Duration> = []
      for _ in 0..<200 {
        guard let delay = schedule.delay(afterAttempts: attempt, using: &random) else {
          Issue.record("the schedule ended early")
          return
        }
        #expect(delay >= full * 4 / 5 - .microseconds(1))
        #expect(delay <= full)
        seen.insert(delay)
      }
      #expect(seen.count > 100, "the delays are spread")
    }
  }

  @Test func theScheduleEndsAfterTheLastDelay() {
    var random = SeededGenerator(seed: 10)
    let schedule = RetrySchedule.standardWebhooks
    #expect(schedule.delay(afterAttempts: schedule.delays.count + 1, using: &random) == nil)
    #expect(schedule.delay(afterAttempts: 1_000, askedFor: .seconds(1), using: &random) == nil)
    #expect(RetrySchedule(delays: [], jitter: 0).delay(afterAttempts: 1, using: &random) == nil)
  }

  @Test func theWholeScheduleTakesAboutThreeDays() {
    let hours = RetrySchedule.standardWebhooks.delays.reduce(Duration.zero, +).inSeconds / 3_600
    #expect((75..<76).contains(hours))
  }

  @Test func aChatIsRetriedInSecondsAndAMailInMinutes() {
    func schedule(_ kind: NoticeKind, isChat: Bool?) -> RetrySchedule {
      RetrySchedule.of(
        kind, on: isChat.map { ChannelPolicy(id: "c", weight: 1, replyHook: nil, reopenWindow: .zero, isChat: $0) })
    }
    for kind: NoticeKind in [.messageReplied, .confirmationAsked, .queuePlace] {
      #expect(schedule(kind, isChat: true) == .chat)
      #expect(schedule(kind, isChat: false) == .mail)
      #expect(schedule(kind, isChat: nil) == .standardWebhooks)
    }
    #expect(schedule(.ticketQueued, isChat: true) == .standardWebhooks)
    #expect(RetrySchedule.of(nil, on: nil) == .standardWebhooks)
    // However long an outage of up to a minute lasted, a chat is retried within that time again, and within 30 s.
    var since: Duration = .zero
    for delay in RetrySchedule.chat.delays {
      guard since < .seconds(60) else { break }
      #expect(delay <= max(.seconds(1), since + .seconds(1)) && delay <= .seconds(30))
      since += delay
    }
    #expect(RetrySchedule.mail.delays.prefix(3).allSatisfy { (.seconds(60)...(.seconds(300))).contains($0) })
  }

  @Test(arguments: [RetrySchedule.chat, .mail, .standardWebhooks])
  func everyScheduleGrowsAndOutlastsTwoDays(schedule: RetrySchedule) {
    #expect(schedule.delays == schedule.delays.sorted())
    #expect(schedule.delays.reduce(.zero, +) > .seconds(2 * 86_400))
  }

  @Test func aRequestedDelayIsHonouredUpToTheLongest() {
    var random = SeededGenerator(seed: 11)
    let schedule = RetrySchedule(delays: [.seconds(10), .seconds(100)], jitter: 0)
    #expect(schedule.delay(afterAttempts: 1, askedFor: .seconds(3), using: &random) == .seconds(10))
    #expect(schedule.delay(afterAttempts: 1, askedFor: .seconds(60), using: &random) == .seconds(60))
    #expect(schedule.delay(afterAttempts: 1, askedFor: .seconds(9_999), using: &random) == .seconds(100))
  }
}
