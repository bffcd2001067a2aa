import Curl
import DeskCore
import ServiceProcess
import Store
import Testing
import UseCases

@testable import Console

/// Inspections over HTTP: by a lead, as the agent sees them, with an appeal and a report.
@Suite struct InspectionRoutesTests {
  private static let section = """
    inspection:
      seed: s
      share: full
      appeal: { within: 1d }
      form:
        courtesy: { title: { zh: 礼貌, en: Courtesy }, weight: 1, scale: 5 }
        solution: { title: { zh: 解决, en: Solution }, weight: 3, scale: 5 }

    """

  /// A ticket on which an agent replied, and which has ended.
  private func ended(_ desk: StaffedDesk, by agent: AgentID) async throws -> TicketID {
    let (_, offer) = try await desk.offered(to: agent, from: "customer-of-\(agent)")
    let ticket = try await desk.desk.accept(offer, by: agent)
    _ = try await desk.desk.reply("We will help.", awaitsCustomer: false, on: ticket.id, by: agent, key: nil)
    _ = try await desk.desk.resolve(ticket.id, by: agent, reason: nil)
    _ = try await desk.desk.stepper.step(ticket.id) { _ in .take(.reopenWindowPassed) }
    return ticket.id
  }

  @Test func aResultIsGivenReadAppealedDecidedAndReported() async throws {
    try await StaffedDesk.serving(adding: Self.section) { desk, client, url in
      func send(
        _ method: String, _ path: String, _ key: String, _ body: String = "", language: String = "en"
      ) async throws -> (Int, String) {
        let response = try await client.send(
          HTTPClient.Request(
            method: method, url: url + path,
            headers: [
              "authorization": "Bearer \(key)", "content-type": "application/json", "accept-language": language,
            ], body: Array(body.utf8)))
        return (response.status, String(decoding: response.body, as: UTF8.self))
      }
      let ticket = try await ended(desk, by: "ann")
      let (ann, bob) = (try await desk.key(.agent, agent: "ann"), try await desk.key(.lead, agent: "bob"))
      let (cid, auditor) = (try await desk.key(.lead, agent: "cid"), try await desk.key(.auditor))
      let waiting = try #require(
        try await desk.store.inspections.inspections(in: .waiting, before: nil, limit: 9).first)
      #expect(waiting.ticket == ticket && waiting.agent == "ann")
      let place = "/v1/inspections/\(waiting.id)"

      // Before there is a result, the agent learns nothing.
      #expect(try await send("GET", "/v1/agents/me/inspections", ann) == (200, #"{"inspections":[],"next":null}"#))
      #expect(try await send("POST", "\(place)/appeal", ann, #"{"reason":"why"}"#).0 == 404)
      #expect(try await send("GET", place, ann).0 == 403)
      let list = try await send("GET", "/v1/inspections?state=waiting", auditor)
      #expect(list.0 == 200 && list.1.contains("\(waiting.id)"))
      let form = try await send("GET", place, auditor)
      #expect(form.0 == 200 && form.1.contains(#""title":{"zh":"礼貌","en":"Courtesy"},"weight":1,"scale":5"#))

      // The form is checked whole.
      let wrong = try await send(
        "POST", "\(place)/score", bob, #"{"scores":[{"criterion":"courtesy","score":6},{"criterion":"x","score":1}]}"#)
      #expect(wrong.0 == 422 && wrong.1.contains("/scores/0") && wrong.1.contains("/scores/1"))
      #expect(wrong.1.contains("solution"))
      for body in [
        "{}", #"{"scores":1}"#, #"{"scores":[1]}"#, #"{"scores":[{"criterion":"courtesy","score":"5"}]}"#,
        #"{"scores":[{"criterion":"courtesy","score":5,"more":1}]}"#, #"{"scores":[{"criterion":"","score":5}]}"#,
      ] {
        #expect(try await send("POST", "\(place)/score", bob, body).0 == 422, "\(body)")
      }
      let score =
        #"{"scores":[{"criterion":"courtesy","score":5},{"criterion":"solution","score":3,"comment":"slow"}],"remark":"fair"}"#
      #expect(try await send("POST", "\(place)/score", auditor, score).0 == 403)
      let scored = try await send("POST", "\(place)/score", bob, score)
      #expect(scored.0 == 200 && scored.1.contains(#""percent":70"#) && scored.1.contains(#""state":"scored""#))
      #expect(try await send("POST", "\(place)/score", bob, score) == scored)
      let late = try await send("POST", "\(place)/score", cid, score)
      #expect(late.0 == 409 && late.1.contains("urn:frontdesk:problem:inspection-state"))

      // The agent reads it in their language, without the inspector's name.
      let chinese = try await send("GET", "/v1/agents/me/inspections", ann, language: "zh-CN")
      #expect(chinese.0 == 200 && chinese.1.contains("谢谢您的用心") && chinese.1.contains(#""title":"解决""#))
      #expect(chinese.1.contains(#""can_appeal":true"#) && !chinese.1.contains("bob"))
      let english = try await send("GET", "/v1/agents/me/inspections", ann)
      #expect(english.1.contains("you can appeal once") && english.1.contains(#""comment":"slow""#))
      #expect(try await send("GET", "/v1/agents/me/inspections", bob) == (200, #"{"inspections":[],"next":null}"#))

      // Only the agent appeals, once; another lead decides.
      #expect(try await send("POST", "\(place)/appeal", cid, #"{"reason":"why"}"#).0 == 404)
      #expect(try await send("POST", "\(place)/decision", cid, #"{"outcome":"upheld","reason":"r"}"#).0 == 409)
      let appealed = try await send("POST", "\(place)/appeal", ann, #"{"reason":"the carrier was late"}"#)
      #expect(appealed.0 == 200 && appealed.1.contains(#""can_appeal":false"#))
      #expect(try await send("POST", "\(place)/appeal", ann, #"{"reason":"the carrier was late"}"#) == appealed)
      let twice = try await send("POST", "\(place)/appeal", ann, #"{"reason":"more"}"#, language: "zh")
      #expect(twice.0 == 409 && twice.1.contains("您已经对这次质检提出过申诉"))
      let own = try await send("POST", "\(place)/decision", bob, #"{"outcome":"upheld","reason":"r"}"#)
      #expect(own.0 == 403 && own.1.contains("urn:frontdesk:problem:own-inspection"))
      #expect(try await send("POST", "\(place)/decision", cid, #"{"outcome":"changed","reason":"r"}"#).0 == 422)
      let better =
        #"{"outcome":"changed","reason":"true","scores":[{"criterion":"courtesy","score":5},{"criterion":"solution","score":5}]}"#
      let decided = try await send("POST", "\(place)/decision", cid, better)
      #expect(decided.0 == 200 && decided.1.contains(#""percent":100"#) && decided.1.contains(#""state":"changed""#))
      #expect(try await send("POST", "\(place)/decision", cid, better) == decided)

      // What happened is in the audit, without what people wrote.
      let audit = try await desk.store.audit.newestAuditEntries(ofKind: "inspection.", limit: 9)
      #expect(audit.map(\.kind) == ["inspection.changed", "inspection.appealed", "inspection.scored"])
      #expect(
        audit.allSatisfy { entry in
          entry.subject == "\(waiting.id)" && entry.reason == nil
            && ["slow", "fair", "carrier"].allSatisfy { !entry.detail.contains($0) }
        })

      let report = try await send("GET", "/v1/inspection-report?by=criterion", auditor)
      #expect(report.0 == 200 && report.1.contains(#""group":"solution""#))
      let table = try await send("GET", "/v1/inspection-report.csv", auditor)
      #expect(table.0 == 200 && table.1.contains("\r\nann,1,1,1.0000,1,1,100.0000,1,0,1,0,0\r\n"))
      #expect(try await send("GET", "/v1/inspection-report?by=word", auditor).0 == 422)
      #expect(try await send("GET", "/v1/inspections?state=lost&limit=0", auditor).0 == 422)
    }
  }

  @Test func aLeadDoesNotInspectTheirOwnTicket() async throws {
    try await StaffedDesk.with(adding: Self.section) { desk in
      _ = try await ended(desk, by: "bob")
      let waiting = try #require(
        try await desk.store.inspections.inspections(in: .waiting, before: nil, limit: 9).first)
      var inspection = waiting
      let marks = [InspectionMark("courtesy", 5), InspectionMark("solution", 5)]
      #expect(throws: InspectionRefusal.ownTicket) {
        try inspection.handle(
          .scored(marks, remark: nil, by: "bob"), now: desk.clock.now(), under: desk.policy.current?.inspection)
      }
    }
  }
}
