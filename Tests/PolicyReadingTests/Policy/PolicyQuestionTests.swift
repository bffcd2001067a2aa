import DeskCore
import Testing

@testable import PolicyReading

@Suite("The questions of a policy") struct PolicyQuestionTests {
  private static let ground = """
    version: 1
    teams: {desk: {}}
    agents: [{id: ann, teams: [desk], capacity: 5}]
    queues:
      general: {teams: [desk]}
    calendars:
      office: {time_zone: Asia/Shanghai, week: {monday: ["09:00-18:00"]}}
    default_queue: general
    triage: {queue: general, below: 0.3}
    channels:
      web: {replies: fetch}

    """

  private static let usual = """
    questions:
      turns: 2
      wait: 90s
      person: [operator]
      grave: [fire]
      unknown: [dunno]
      fields:
        order_number: {kind: order_number, title: {zh: 订单号, en: Order number}}
        serial: {pattern: [AA-0000, "00000000"]}
        since: {kind: date, calendar: office}
        state: {choice: {damaged: [damaged, 破损], missing: missing}}
        details: {kind: text, at_most: 200}
      ask:
        - name: parcel
          when: {category: [logistics, delivery_damage], channel: web}
          questions:
            - {field: order_number, attempts: 3, zh: 哪个订单？, en: Which order?, again: {zh: 订单号？, en: The number?}}
            - {field: state, zh: "{order_number}？", en: "{order_number}?"}
        - name: other
          when: {intent: where_is_it}
          questions: [{field: details, zh: 请描述, en: What happened?}]

    """

  private func mistakes(_ text: String) -> [PolicyMistake] {
    do throws(PolicyMistakes) {
      _ = try PolicyDocument.load(yaml: Self.ground + text, version: 1)
      return []
    } catch {
      return error.mistakes
    }
  }

  /// The mistakes of the usual questions with one text replaced.
  private func mistakes(_ text: String, instead other: String) -> [PolicyMistake] {
    mistakes(Self.usual.replacing(text, with: other))
  }

  @Test func everySettingIsRead() throws {
    let questions = try PolicyDocument.load(yaml: Self.ground + Self.usual, version: 1).life.questions
    #expect(questions.turns == 2 && questions.wait == .seconds(90))
    #expect(questions.person == ["operator"] && questions.grave == ["fire"] && questions.unknown == ["dunno"])
    #expect(questions.fields["order_number"]?.kind == .orderNumber)
    #expect(
      questions.fields["serial"]?.kind
        == .pattern([try #require(FieldPattern("AA-0000")), try #require(FieldPattern("00000000"))]))
    #expect(
      questions.fields["since"]?.kind == .date("office") && questions.fields["details"]?.kind == .text(atMost: 200))
    #expect(
      questions.fields["state"]?.kind
        == .choice([
          FieldChoice("damaged", words: ["damaged", "破损"]), FieldChoice("missing", words: ["missing"]),
        ]))
    let parcel = try #require(questions.questionnaires.first)
    #expect(parcel.categories == ["logistics", "delivery_damage"] && parcel.channels == ["web"])
    #expect(
      parcel.questions.first
        == Question(
          field: "order_number", attempts: 3, texts: ["zh": "哪个订单？", "en": "Which order?"],
          repeated: ["zh": "订单号？", "en": "The number?"]))
    #expect(questions.questionnaires[1].intents == ["where_is_it"])
    #expect(questions.questionnaire(channel: "web", category: "logistics", intent: "x")?.name == "parcel")
    #expect(questions.questionnaire(channel: "email", category: "logistics", intent: "x") == nil)
  }

  @Test func withoutThemNothingIsAsked() throws {
    #expect(try PolicyDocument.load(yaml: Self.ground, version: 1).life.questions == QuestionPolicy())
  }

  @Test(arguments: [
    ("turns: 2", "turns: 6"), ("wait: 90s", "wait: 11m"), ("wait: 90s", "wait: 5s"), ("attempts: 3", "attempts: 4"),
    ("kind: order_number", "kind: phone"), ("AA-0000", "A-0"), ("calendar: office", "calendar: unknown"),
    ("at_most: 200", "at_most: 501"), ("{field: details", "{field: detail"), (", en: What happened?", ""),
    ("zh: 请描述, ", ""), ("\"{order_number}?\"", "\"{order}?\""), ("- {field: state", "- {field: order_number"),
    ("name: other", "name: parcel"), ("{intent: where_is_it}", "{channel: web}"),
    ("{intent: where_is_it}", "{category: logistics, channel: web}"), ("channel: web}", "channel: wap}"),
    ("[damaged, 破损]", "[\"\\u200b\"]"), ("{damaged: [damaged, 破损], missing: missing}", "{missing: missing}"),
    ("[{field: details, zh: 请描述, en: What happened?}]", "[]"),
  ])
  func aMistakeIsReported(_ text: String, _ other: String) {
    let found = mistakes(text, instead: other)
    #expect(!found.isEmpty && found.allSatisfy { $0.line > 12 }, "\(other): \(found)")
  }

  @Test func rulesTestFields() throws {
    func condition(_ when: String) throws -> Condition? {
      let rules = "rules:\n  - {name: r, when: \(when), queue: general}\n"
      return try PolicyDocument.load(yaml: Self.ground + Self.usual + rules, version: 1).rules.first?.condition
    }
    #expect(try condition("{field: {state: damaged}}") == .field(FieldTest("state", in: ["damaged"])))
    #expect(
      try condition("{field: {state: [damaged, missing]}}") == .field(FieldTest("state", in: ["damaged", "missing"])))
    #expect(try condition("{field_given: order_number}") == .field(FieldTest("order_number")))
    #expect(
      try condition("{field_given: [order_number, state]}")
        == .all([.field(FieldTest("order_number")), .field(FieldTest("state"))]))
    for mistaken in [
      "{field: {state: lost}}", "{field: {details: x}}", "{field: {unknown: x}}", "{field_given: unknown}",
    ] {
      #expect(throws: PolicyMistakes.self, "\(mistaken)") { try condition(mistaken) }
    }
  }
}
