import Testing

/// Inspection of what agents write, on a running desk: replies before they leave, and ended tickets.
@Suite("Inspection, end to end", .serialized)
struct InspectionLifeTests {
  private static let policy = """
    version: 1
    teams:
      desk: { lead: agent-003 }
    agents:
      - { id: agent-001, teams: [desk], languages: [zh, en], capacity: 5 }
      - { id: agent-002, teams: [desk], languages: [zh, en], capacity: 5 }
      - { id: agent-003, teams: [desk], languages: [zh, en], capacity: 5 }
    queues:
      general: { teams: [desk], offer_time: 60s }
      triage: { teams: [desk], offer_time: 60s }
    rules: [{ name: rest, queue: general }]
    default_queue: general
    triage: { queue: triage, below: 0.0 }
    channels:
      web: { replies: fetch, reopen_window: 1d }
      email: { replies: fetch, reopen_window: 1s }
    reply_rules:
      insults:
        action: block
        terms: [idiot, 废物东西]
        message: { zh: 请换一种说法。, en: Please rephrase this. }
      blame:
        action: warn
        terms: [your fault]
        message: { zh: 请再看一眼。, en: Please look again. }
    inspection:
      seed: autumn
      share: 0
      queues: { general: full }
      appeal: { within: 1d, by_inspector: true }
      form:
        courtesy: { title: { zh: 礼貌, en: Courtesy }, weight: 1, scale: 5 }
        solution: { title: { zh: 解决, en: Solution }, weight: 3, scale: 5 }

    """

  @Test("an abusive reply is stopped in every disguise; a warning can be acknowledged", .timeLimit(.minutes(4)))
  func abusiveReplies() async throws {
    try await LifeDesk.with(policy: Self.policy) { life in
      try await life.come(.ann)
      let id = try await life.write("Where is my parcel?", from: "cara", by: .email, id: "m-1")
      try await life.take(id, by: .ann)
      for text in ["You idiot", "ＩＤＩＯＴ", "id\u{200B}iot", "i d i o t", "i.d.i.o.t", "廢物東西", "废 物 东 西"] {
        let refused = try await life.ask(
          .ann, "POST", "/v1/tickets/\(id)/replies", ["text": text, "acknowledge": ["insults"]], expecting: 422,
          headers: ["Accept-Language": "zh-CN"])
        #expect(refused["type"] == "urn:frontdesk:problem:reply-blocked", "\(text)")
        #expect(refused.text.contains("请换一种说法。"))
      }
      let warned = try await life.ask(
        .ann, "POST", "/v1/tickets/\(id)/replies", ["text": "It was your fault."], expecting: 422,
        headers: ["Accept-Language": "en"])
      #expect(warned["type"] == "urn:frontdesk:problem:reply-unacknowledged")
      #expect(warned.text.contains("Please look again."))
      try await life.ask(
        .ann, "POST", "/v1/tickets/\(id)/replies", ["text": "It was your fault.", "acknowledge": ["blame"]],
        expecting: 201)
      let conversation = try await life.ask(.eve, "GET", "/v1/tickets/\(id)", expecting: 200)
      #expect(!conversation.text.contains("idiot") && conversation.text.contains("your fault"))
      let counted = try await life.ask(.eve, "GET", "/v1/interceptions/report", expecting: 200)
      #expect(counted.text.contains(#""term":"idiot","action":"block","refused":5,"sent":0"#), "\(counted.text)")
      #expect(counted.text.contains(#""term":"your fault","action":"warn","refused":1,"sent":1"#), "\(counted.text)")
      try await life.ask(.ann, "GET", "/v1/interceptions", expecting: 403)
    }
  }

  @Test("an ended ticket is scored, appealed, decided and reported", .timeLimit(.minutes(4)))
  func inspection() async throws {
    try await LifeDesk.with(policy: Self.policy) { life in
      try await life.come(.ann)
      let id = try await life.write("Where is my parcel?", from: "cara", by: .email, id: "m-1")
      try await life.take(id, by: .ann)
      try await life.reply("It leaves today", on: id, by: .ann, awaiting: false)
      try await life.ask(.ann, "POST", "/v1/tickets/\(id)/resolve", expecting: 200)
      try await life.ticket(id, is: "closed")
      let list = try await life.ask(.eve, "GET", "/v1/inspections?state=waiting", expecting: 200)
      let row = try #require((list.body["inspections"] as? [[String: Any]])?.first)
      #expect(row["ticket_id"] as? String == id && row["agent"] as? String == "agent-001")
      #expect(row["cause"] as? String == "queue")
      let place = "/v1/inspections/\(try #require(row["inspection_id"] as? String))"
      let read = try await life.ask(.eve, "GET", place, expecting: 200)
      #expect(
        (read.body["form"] as? [[String: Any]])?.compactMap { $0["criterion"] as? String } == ["courtesy", "solution"])
      func marks(_ solution: Int) -> [[String: Any]] {
        [["criterion": "courtesy", "score": 5], ["criterion": "solution", "score": solution, "comment": "slow"]]
      }
      for _ in 0..<2 {
        let scored = try await life.ask(.eve, "POST", "\(place)/score", ["scores": marks(3)], expecting: 200)
        #expect(scored.body["percent"] as? Int == 70)
      }
      try await life.ask(.bob, "POST", "\(place)/appeal", ["reason": "not mine"], expecting: 404)
      let mine = try await life.ask(
        .ann, "GET", "/v1/agents/me/inspections", expecting: 200, headers: ["Accept-Language": "zh"])
      #expect(mine.text.contains("谢谢您的用心") && mine.text.contains("解决"))
      try await life.ask(.ann, "POST", "\(place)/appeal", ["reason": "the carrier was late"], expecting: 200)
      try await life.ask(.ann, "POST", "\(place)/appeal", ["reason": "once more"], expecting: 409)
      let decision: [String: Any] = ["outcome": "changed", "reason": "true", "scores": marks(5)]
      let decided = try await life.ask(.eve, "POST", "\(place)/decision", decision, expecting: 200)
      #expect(decided["state"] == "changed" && decided.body["percent"] as? Int == 100)
      let noticed =
        (try await life.ask(.ann, "GET", "/v1/notices", expecting: 200).body["notices"] as? [[String: Any]] ?? [])
        .compactMap { $0["kind"] as? String }.filter { $0.hasPrefix("inspection.") }
      #expect(noticed == ["inspection.decided", "inspection.scored"])
      #expect(try await life.ask(.eve, "GET", "/v1/notices", expecting: 200).text.contains(#""inspection.appealed""#))
      let report = try await life.ask(.eve, "GET", "/v1/inspection-report.csv", expecting: 200)
      #expect(report.text.contains("agent-001,1,1,1.0000,1,1,100.0000,1,0,1,0,0"), "\(report.text)")
      let printed = try await life.desk.expect(["report", "--inspections", "criterion", "--csv"])
      #expect(printed.contains("courtesy,0,0,,1,1,100.0000,1,0,1,0,0"), "\(printed)")
    }
  }
}
