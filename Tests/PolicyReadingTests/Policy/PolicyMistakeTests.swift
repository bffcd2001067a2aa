import DeskCore
import Testing

@testable import PolicyReading

@Suite("Mistakes in a policy file")
struct PolicyMistakeTests {
  struct Spoiled: Sendable, CustomTestStringConvertible {
    let piece: String
    let replacement: String
    let path: String
    let problem: String

    init(_ piece: String, _ replacement: String, _ path: String, _ problem: String) {
      self.piece = piece
      self.replacement = replacement
      self.path = path
      self.problem = problem
    }

    var testDescription: String { problem }
  }

  static let single: [Spoiled] = [
    // Shapes and keys
    .init("version: 1", "version: 2", "version", "'2' is not a whole number in the allowed range"),
    .init("version: 1\n", "", "", "'version' is missing"),
    .init("version: 1", "version: '1'", "version", "'1' is not a whole number in the allowed range"),
    .init("default_queue: general\n", "", "", "'default_queue' is missing"),
    .init("default_queue: general", "default_queue:", "", "'default_queue' is missing"),
    .init("default_queue: general", "default_queue: [general]", "default_queue", "a list is not allowed here"),
    .init("default_queue: general", "default_queue: ''", "default_queue", "'' is not a valid name"),
    .init("default_queue: general", "default_queue: genral", "default_queue", "unknown queue 'genral'"),
    .init("default_queue: general", "defualt: 1\ndefault_queue: general", "defualt", "unknown key 'defualt'"),
    .init("offer_time: 45s", "offer_tme: 45s", "queues.parcels.offer_tme", "unknown key 'offer_tme'"),
    .init("general: {}", "general: []", "queues.general", "a list is not allowed here"),
    .init("general: {}", "general: {}\n  General: {}", "queues.General", "'General' is not a valid name"),
    .init("general: {}", "general: {}\n  物流: {}", "queues.'物流'", "'物流' is not a valid name"),
    .init("general: {}", "general: {}\n  ? [a]\n  : {}", "queues", "the key is a list"),
    .init("[orders], skills: { shipping: 5", "x", "", ""),
    // Times, numbers, words
    .init("offer_time: 45s", "offer_time: 45", "queues.parcels.offer_time", "'45' is not a duration"),
    .init("offer_time: 45s", "offer_time: 1m30m", "queues.parcels.offer_time", "'1m30m' is not a duration"),
    .init("offer_time: 45s", "offer_time: -5s", "queues.parcels.offer_time", "'-5s' is not a duration"),
    .init("offer_time: 45s", "offer_time: 2h", "queues.parcels.offer_time", "'2h' is too short or too long"),
    .init("offer_time: 45s", "offer_time: 9999999999s", "queues.parcels.offer_time", "'9999999999s' is not a duration"),
    .init(
      "default_queue: general", "head_starts: { high: 25h }\ndefault_queue: general", "head_starts.high",
      "'25h' is too short or too long"),
    .init(
      "default_queue: general", "head_starts: { vip: 5 }\ndefault_queue: general", "head_starts.vip",
      "'5' is not a duration"),
    .init(
      "default_queue: general", "head_starts: { urgent: 5m }\ndefault_queue: general", "head_starts.urgent",
      "unknown key 'urgent'"),
    .init(
      "default_queue: general", "head_starts: [10m]\ndefault_queue: general", "head_starts",
      "a list is not allowed here"),
    .init("high: 30m", "high: 0s", "service_levels[0].first_response.high", "'0s' is too short or too long"),
    .init("high: 30m", "higher: 30m", "service_levels[0].first_response.higher", "unknown key 'higher'"),
    .init("capacity: 4", "capacity: 0", "agents[0].capacity", "'0' is not a whole number in the allowed range"),
    .init("below: 0.35", "below: 35", "triage.below", "'35' is not a number from 0 to 1"),
    .init("below: 0.35", "below: nan", "triage.below", "'nan' is not a number from 0 to 1"),
    .init(
      "any_skill: true", "any_skill: yes", "queues.parcels.relaxation[2].any_skill", "'yes' is neither true nor false"),
    .init(
      "any_skill: true", "any_skill: false", "queues.parcels.relaxation[2].any_skill", "a step must relax something"),
    .init("priority: high", "priority: highest", "rules[0].priority", "unknown value 'highest'"),
    .init("[zh, en]", "[zh, fr]", "agents[0].languages[1]", "unknown value 'fr'"),
    .init(
      "shipping: 8", "shipping: 11", "agents[0].skills.shipping", "'11' is not a whole number in the allowed range"),
    .init("title: 物流", "title: \"a\\u0007b\"", "skills.shipping.title", "the text contains control characters"),
    .init("en: Orders", "fr: Commandes", "teams.orders.title.fr", "unknown key 'fr'"),
    // References
    .init("lead: ann", "lead: anna", "teams.orders.lead", "unknown agent 'anna'"),
    .init("queue: parcels, priority", "queue: parcel, priority", "rules[0].queue", "unknown queue 'parcel'"),
    .init(
      "teams: [orders], skills: { shipping: 8", "teams: [order], skills: { shipping: 8", "agents[0].teams[0]",
      "unknown team 'order'"),
    .init("calendar: office", "calendar: ofice", "service_levels[0].calendar", "unknown calendar 'ofice'"),
    .init("reply_hook: replies", "reply_hook: reply", "channels.web.reply_hook", "unknown hook 'reply'"),
    .init("{ rare: 2 }", "{ rarer: 2 }", "agents[1].skills.rarer", "unknown skill 'rarer'"),
    .init("{ category: logistics }", "{ channel: fax }", "rules[0].when.channel", "unknown channel 'fax'"),
    .init("queue: general, below", "queue: nowhere, below", "triage.queue", "unknown queue 'nowhere'"),
    // Names twice
    .init("{ id: ann,", "{ id: bob-2,", "agents[1].ids", "agent 'bob-2' is declared twice"),
    .init("name: rest, queue", "name: parcels, queue", "rules[1].name", "'parcels' is declared twice"),
    .init("teams: [care], skills", "teams: [care, care], skills", "agents[1].teams[1]", "'care' is listed twice"),
    // Agents
    .init("ids: bob-1..bob-3", "ids: bob-3..bob-1", "agents[1].ids", "'bob-3..bob-1' is not a range of names"),
    .init("ids: bob-1..bob-3", "ids: bob-1..bob-10", "agents[1].ids", "'bob-1..bob-10' is not a range of names"),
    .init(
      "ids: bob-1..bob-3", "ids: b-000001..b-999999", "agents[1].ids", "'b-000001..b-999999' is not a range of names"),
    .init("ids: bob-1..bob-3", "id: x, ids: bob-1..bob-3", "agents[1]", "an agent needs either 'id' or 'ids'"),
    .init("ids: bob-1..bob-3", "title: B, ids: bob-1..bob-3", "agents[1].title", "a title is not allowed with 'ids'"),
    // Queues, rules and targets that cannot work
    .init(
      "skills: { shipping: 5 }", "skills: { shipping: 9 }", "queues.parcels.skills.shipping",
      "no agent has 'shipping' at 9"),
    .init("  rare:\n", "  rare:\n  lost:\n", "", ""),
    .init(
      "after: 5m, teams", "after: 1m, teams", "queues.parcels.relaxation[1]", "the step comes before the one above it"),
    .init(
      "proficiency_less: 2 }", "proficiency_less: 2, any_skill: true }", "queues.parcels.relaxation[0]",
      "a step must relax exactly one thing"),
    .init("when: { category: logistics }", "when: {}", "rules[0].when", "the condition is empty"),
    .init("when: { category: logistics }", "when: { category: [] }", "rules[0].when.category", "the list is empty"),
    .init("when: { category: logistics }", "when: { any: [] }", "rules[0].when.any", "the list is empty"),
    .init(
      "when: { category: logistics }", "when: { categories: x }", "rules[0].when.categories", "unknown key 'categories'"
    ),
    .init("when: { category: logistics }, ", "", "rules[1]", "the rule is never reached: 'parcels' matches before it"),
    .init(
      "name: rest, queue: general", "name: rest, queue: general, skills: { rare: 3 }", "rules[1].skills.rare",
      "no agent has 'rare' at 3"),
    .init(
      "first_response: { high: 30m, normal: 2h }, resolution: 1d, next_response: 1h, ", "", "service_levels[0]",
      "the service level has no target"),
    .init("[50, 80]", "[50, 100]", "service_levels[0].warn_at[1]", "'100' is not a whole number in the allowed range"),
    .init("[50, 80]", "[80, 80]", "service_levels[0].warn_at[1]", "80 is not greater than 80"),
    .init(
      "tell_lead: true", "tell_lead: false", "service_levels[0].escalation[0].tell_lead",
      "false is not allowed in an escalation step"),
    .init(", tell_lead: true", "", "service_levels[0].escalation[0]", "the escalation step does nothing"),
    .init(
      "after: 10m, raise", "after: 0s, raise", "service_levels[0].escalation[1]",
      "the escalation step is not later than the one above it"),
    .init("{ after: 10m, raise", "{ raise", "service_levels[0].escalation[1]", "'after' is missing"),
    .init(
      "raise_priority: urgent", "raise_priority: low", "service_levels[0].escalation[1].raise_priority",
      "unknown value 'low'"),
    .init(
      "urgent, queue: parcels", "urgent, queue: parcel", "service_levels[0].escalation[1].queue",
      "unknown queue 'parcel'"),
    .init("{ high: 30m, normal: 2h }", "{}", "service_levels[0].first_response", "no time is given"),
    .init("weight: 2", "weight: 9", "channels.web.weight", "no agent has the capacity for a ticket of this weight"),
    // Calendars
    .init("time_zone: Europe/Berlin", "time_zone: Berlin", "calendars.office.time_zone", "unknown time zone 'Berlin'"),
    .init(
      "[\"09:00-17:00\"]", "[\"09:00-17:00\", \"16:00-18:00\"]", "calendars.office.week.monday..friday[1]",
      "'16:00-18:00' overlaps other hours of the day"),
    .init("[\"09:00-17:00\"]", "[\"9-17\"]", "calendars.office.week.monday..friday[0]", "'9-17' is not a time range"),
    .init(
      "[\"09:00-17:00\"]", "[\"17:00-09:00\"]", "calendars.office.week.monday..friday[0]",
      "'17:00-09:00' ends before it begins"),
    .init("below: 0.35", "below: 0x0.8p0", "triage.below", "'0x0.8p0' is not a number from 0 to 1"),
    .init("below: 0.35", "below: 1e400", "triage.below", "'1e400' is not a number from 0 to 1"),
    .init("below: 0.35", "below: .inf", "triage.below", "'.inf' is not a number from 0 to 1"),
    .init("capacity: 4", "capacity: 0x4", "agents[0].capacity", "'0x4' is not a whole number in the allowed range"),
    .init(
      "capacity: 4", "capacity: 99999999999999999999", "agents[0].capacity",
      "'99999999999999999999' is not a whole number in the allowed range"),
    .init("capacity: 4", "capacity: &a 4", "agents[0].capacity", "anchors and aliases are not allowed"),
    .init("monday..friday:", "mon:", "calendars.office.week.mon", "'mon' is not a weekday"),
    .init(
      "{ monday..friday:", "{ tuesday: [\"08:00-09:00\"], monday..friday:", "calendars.office.week.monday..friday",
      "tuesday is listed twice"),
    .init("[\"09:00-17:00\"]", "[]", "calendars.office", "the calendar never opens"),
    .init("  office:\n", "  always: {}\n  office:\n", "calendars.always", "'always' is predefined"),
    .init(
      "time_zone: Europe/Berlin", "time_zone: UTC\n    holidays: [2026-02-29]", "calendars.office.holidays[0]",
      "'2026-02-29' is not a date"),
    .init(
      "time_zone: Europe/Berlin", "time_zone: UTC\n    holidays: [2026-02-01..2026-02-03, 2026-02-03]",
      "calendars.office.holidays[1]", "the date is listed twice"),
    .init(
      "time_zone: Europe/Berlin",
      "time_zone: UTC\n    holidays: [2026-02-01]\n    make_up_days: { 2026-02-01: monday }",
      "calendars.office.make_up_days.2026-02-01", "the date is listed twice or is also a holiday"),
    // Hooks
    .init("https://example.com/hook", "ftp://example.com/hook", "hooks.replies.url", "not a valid web address"),
    .init("https://example.com/hook", "example.com", "hooks.replies.url", "not a valid web address"),
    .init("https://example.com/hook", "http://example.com/hook", "hooks.replies.url", "the address is not encrypted"),
    .init(
      "https://example.com/hook", "https://me:pass@example.com/", "hooks.replies.url",
      "the address contains a user, a password or a fragment"),
    .init("https://example.com/hook", "https://例え.jp/", "hooks.replies.url", "not a valid web address"),
    .init("https://example.com/hook", "https://example.com:99999/", "hooks.replies.url", "not a valid web address"),
    .init("secret_env: [REPLY_SECRET]", "secrets: [abc]", "hooks.replies.secrets[0]", "not a valid signing secret"),
    .init("    secret_env: [REPLY_SECRET]\n", "", "hooks.replies", "the hook has no secret"),
    .init(
      "secret_env: [REPLY_SECRET]", "secret_env: [reply-secret]", "hooks.replies.secret_env[0]",
      "not a valid variable name"),
    .init("secret_env: [REPLY_SECRET]", "secrets: []", "hooks.replies.secrets", "the hook has no secret"),
    .init("secret_env: [REPLY_SECRET]", "secret_env: []", "hooks.replies.secret_env", "the hook has no secret"),
    .init("[message.replied]", "[message.answered]", "hooks.replies.kinds[0]", "unknown value 'message.answered'"),
  ].filter { !$0.problem.isEmpty }

  @Test(arguments: single)
  func eachMistakeIsReportedAtItsPosition(_ spoiled: Spoiled) throws {
    let mistakes = PolicySamples.mistakes(in: try PolicySamples.spoiled(spoiled.piece, by: spoiled.replacement))
    let match = mistakes.first { $0.path == spoiled.path && $0.problem == spoiled.problem }
    #expect(match != nil, "found instead: \(mistakes.map { $0.text(file: "desk.yaml") })")
    for mistake in mistakes {
      #expect(mistake.line >= 1 && mistake.column >= 1)
      #expect(!mistake.remedy.isEmpty)
    }
  }

  /// Mistakes from which others follow: the agent whose name was changed leads a team.
  static let withConsequences: Set<String> = ["agents[1].ids"]

  @Test(arguments: single)
  func oneMistakeIsReportedOnce(_ spoiled: Spoiled) throws {
    let mistakes = PolicySamples.mistakes(in: try PolicySamples.spoiled(spoiled.piece, by: spoiled.replacement))
    #expect(
      mistakes.count == 1 || Self.withConsequences.contains(spoiled.path),
      "\(mistakes.map { $0.text(file: "desk.yaml") })")
  }

  @Test(
    arguments: [
      ("time_zone: Europe/Berlin", "time_zone: UTC\n    holidays: [2026-02-30, 2026-13-01]", 2),
      ("time_zone: Europe/Berlin", "time_zone: UTC\n    holidays: [2026-02-30..2026-03-01, 2027-2-1]", 2),
      ("time_zone: Europe/Berlin", "time_zone: UTC\n    make_up_days: { 2026-02-30: monday, 2026-04-31: monday }", 2),
      ("[\"09:00-17:00\"]", "[\"9-17\"]", 1), ("[\"09:00-17:00\"]", "[\"22:00-06:00\"]", 1),
      ("[\"09:00-17:00\"]", "\"25:00-26:00\"", 1),
    ])
  func invalidDatesAndHoursAreReportedOnceEach(_ piece: String, _ replacement: String, _ count: Int) throws {
    let mistakes = PolicySamples.mistakes(in: try PolicySamples.spoiled(piece, by: replacement))
    #expect(mistakes.count == count, "\(mistakes.map { $0.text(file: "desk.yaml") })")
  }

  @Test func theRemedyForANightShiftNamesTwoParts() throws {
    let mistakes = PolicySamples.mistakes(
      in: try PolicySamples.spoiled("[\"09:00-17:00\"]", by: "[\"22:00-06:00\"]"))
    #expect(
      mistakes.map(\.remedy) == [
        "split a night into two parts: \"22:00-24:00\" on this day and \"00:00-06:00\" on the next"
      ])
  }

  @Test func aTextOfManyCombiningMarksIsTooLong() throws {
    let endless = "e" + String(repeating: "\u{301}", count: 300)
    let mistakes = PolicySamples.mistakes(in: try PolicySamples.spoiled("en: Orders", by: "en: \(endless)"))
    #expect(mistakes.map(\.problem) == ["the text has 301 characters"])
  }

  @Test func theUnmodifiedSampleIsValid() {
    #expect(PolicySamples.mistakes(in: PolicySamples.sound) == [])
  }

  @Test func allMistakesAreReportedInFileOrder() {
    let yaml = """
      version: 1
      queues:
        general: { offer_time: soon, teams: [nobody] }
      rules:
        - { name: a, queue: genral, priority: very }
      default_queue: general
      triage: { queue: general, below: 2 }
      colour: blue
      """
    #expect(
      PolicySamples.mistakes(in: yaml).map { "\($0.line):\($0.column) \($0.path)" } == [
        "3:26 queues.general.offer_time", "3:39 queues.general.teams", "3:40 queues.general.teams[0]",
        "5:23 rules[0].queue", "5:41 rules[0].priority", "7:34 triage.below", "8:1 colour",
      ])
  }

  @Test func mistakesAreFormattedLikeCompilerMessages() throws {
    let mistakes = PolicySamples.mistakes(in: try PolicySamples.spoiled("priority: high", by: "priority: hihg"))
    #expect(
      PolicyMistakes(mistakes, omitted: 3).description == """
        desk.yaml:26:79: rules[0].priority: unknown value 'hihg'; write one of urgent, high, normal, low
        desk.yaml: and 3 more
        """)
  }

  @Test func typosAreRecognised() throws {
    let key = PolicySamples.mistakes(in: try PolicySamples.spoiled("offer_time: 45s", by: "offertime: 45s"))
    #expect(key.map(\.remedy) == ["did you mean 'offer_time'?"])
    let name = PolicySamples.mistakes(
      in: try PolicySamples.spoiled("default_queue: general", by: "default_queue: genral"))
    #expect(name.map(\.remedy) == ["did you mean 'general'?"])
  }

  @Test func secretsAndAddressesAreNeverShown() throws {
    for (piece, replacement) in [
      ("secret_env: [REPLY_SECRET]", "secrets: [whsec_topsecret]"),
      ("secret_env: [REPLY_SECRET]", "secret_env: [whsec_topsecret]"),
      ("https://example.com/hook", "https://topsecret:topsecret@example.com/"),
      ("https://example.com/hook", "http://example.com/?token=topsecret"),
    ] {
      let mistakes = PolicySamples.mistakes(in: try PolicySamples.spoiled(piece, by: replacement))
      #expect(mistakes.count == 1)
      #expect(!PolicyMistakes(mistakes).text().contains("topsecret"))
    }
    let fromEnvironment = try PolicyDocument(
      yaml: PolicySamples.sound, version: 1, environment: ["REPLY_SECRET": "topsecret"])
    #expect(fromEnvironment.objections.map(\.path) == ["hooks.replies.secret_env[0]"])
    #expect(!PolicyMistakes(fromEnvironment.objections).text().contains("topsecret"))
    // A hook with an unusable secret does not prevent services from using the policy; its deliveries are held.
    #expect(fromEnvironment.policy.hooks["replies"]?.missingSecrets == ["REPLY_SECRET"])
    #expect(fromEnvironment.policy.hooks["replies"]?.holdReason?.contains("REPLY_SECRET") == true)
  }

  @Test(arguments: [nil, ""]) func aPolicyWithAnUnsetSecretIsNotApplied(_ value: String?) throws {
    let environment = value.map { ["REPLY_SECRET": $0] } ?? [:]
    let bytes = Array(PolicySamples.sound.utf8)
    let error = #expect(throws: PolicyMistakes.self) {
      try PolicyBundle(bytes: bytes, version: 0, environment: environment, folder: ".")
    }
    #expect(
      error?.mistakes.map { $0.text(file: "desk.yaml") } == [
        "desk.yaml:38:18: hooks.replies.secret_env[0]: REPLY_SECRET is not set; without it nothing is delivered; set it here and for the notifier, or pass --secrets-elsewhere if only the notifier has it, on another machine"
      ])
    // If the notifier has it, everything else is checked.
    #expect(throws: Never.self) {
      try PolicyBundle(bytes: bytes, version: 0, environment: environment, folder: ".", secretsElsewhere: true)
    }
    #expect(throws: PolicyMistakes.self) {
      try PolicyBundle(
        bytes: bytes, version: 0, environment: ["REPLY_SECRET": "topsecret"], folder: ".", secretsElsewhere: true)
    }
  }

  @Test func reportsContainNoTerminalControls() throws {
    let mistakes = PolicySamples.mistakes(
      in: try PolicySamples.spoiled("default_queue: general", by: "default_queue: \"\\e[31m\\u202Ered\""))
    #expect(mistakes.map(\.problem) == ["'\u{FFFD}[31m\u{FFFD}red' is not a valid name"])
    #expect(quoted(String(repeating: "x", count: 100)) == "'\(String(repeating: "x", count: 60))…'")
  }

  @Test func mistakesBeyondTheLimitAreOnlyCounted() throws {
    let many = (0..<500).map { "key\($0): 1" }.joined(separator: "\n")
    do throws(PolicyMistakes) {
      _ = try PolicyDocument(yaml: PolicySamples.sound + many, version: 1, environment: [:])
      Issue.record("it was taken")
    } catch {
      #expect(error.mistakes.count == PolicyLimits.mistakes)
      #expect(error.omitted == 500 - PolicyLimits.mistakes)
    }
  }
}
