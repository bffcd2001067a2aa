import Curl
import DeskCore
import HTTPService
import PostgreSQL
import Store
import Testing

@testable import Console

/// What overseers watch, the titles, and who has a ticket open, over HTTP.
@Suite struct WallboardRoutesTests {
  private struct Unexpected: Error { let text: String }

  private func ask(
    _ client: HTTPClient, _ url: String, _ method: String, _ path: String, _ key: String, _ body: String = ""
  ) async throws -> (status: Int, body: JSONValue, text: String) {
    var headers: HTTPHeaders = ["authorization": "Bearer \(key)"]
    if !body.isEmpty { headers.add(name: "content-type", value: "application/json") }
    let response = try await client.send(
      HTTPClient.Request(method: method, url: url + path, headers: headers, body: Array(body.utf8)))
    let text = String(decoding: response.body, as: UTF8.self)
    return (response.status, JSONValue(json: text) ?? .null, text)
  }

  @Test func everyQueueOfThePolicyIsOnTheWallboard() async throws {
    try await StaffedDesk.serving { desk, client, url in
      _ = try await desk.queued()
      let lead = try await desk.key(.lead, agent: "bob")
      let board = try await ask(client, url, "GET", "/v1/wallboard", lead)
      #expect(board.status == 200)
      guard case .list(let queues)? = board.body["queues"] else { throw Unexpected(text: board.text) }
      #expect(queues.compactMap { $0["queue"]?.text } == ["parcels", "praise"])
      #expect(queues.compactMap { $0["waiting"]?.integer } == [1, 0])
      // Ann serves both; nobody has taken a ticket yet, and no target was set.
      #expect(queues.allSatisfy { $0["agents"]?["free"]?.integer == 1 && $0["expected_wait_seconds"] == nil })
      #expect(queues.allSatisfy { $0["kept_today"]?["met"]?.integer == 0 })
      #expect(queues.map { $0["oldest_waiting_since"] == nil } == [false, true])
      #expect(board.body["agents"]?["free"]?.integer == 2)
      guard case .list(let findings)? = board.body["findings"] else { throw Unexpected(text: board.text) }
      #expect(findings.first?["code"]?.text == "service_missing" && findings.first?["urgent"] == .flag(true))
      let agent = try await desk.key(.agent, agent: "ann")
      for path in ["/v1/wallboard", "/v1/queues/flow", "/v1/wallboard/stream"] {
        #expect(try await ask(client, url, "GET", path, agent).status == 403)
      }
    }
  }

  @Test(arguments: [(nil, false), (40, false), (55, true)] as [(minutes: Int?, isJudged: Bool)])
  func theWallboardSaysWhetherHotIssuesCanBeFoundYet(_ desk: (minutes: Int?, isJudged: Bool)) async throws {
    let (minutes, isJudged) = desk
    try await StaffedDesk.serving { desk, client, url in
      if let minutes {
        try await desk.store.pool.executeScript(
          """
          INSERT INTO desk.arrival_slot (category, slot, tickets)
          VALUES ('payment', date_bin('5 minutes', now(), 'epoch') - interval '\(minutes) minutes', 1)
          """)
      }
      let lead = try await desk.key(.lead, agent: "bob")
      #expect(try await ask(client, url, "GET", "/v1/wallboard", lead).body["hot_issues_judged"]?.flag == isJudged)
    }
  }

  @Test func theChecklistOfACaseIsInBothLanguages() async throws {
    let policy = "crises: { checklist: [{ zh: 通知法务, en: Inform legal }, Call back] }\n"
    try await StaffedDesk.serving(adding: policy) { desk, client, url in
      let lead = try await desk.key(.lead, agent: "bob")
      let opened = try await ask(client, url, "POST", "/v1/crises", lead, #"{"name":"quake","reason":"many calls"}"#)
      let points = opened.body["checklist"]?.list ?? []
      #expect(points.map { $0["text"]?.text } == ["Inform legal", "Call back"])
      #expect(points.map { $0["texts"]?["zh"]?.text } == ["通知法务", nil])
    }
  }

  @Test func anOpenCrisisIsAmongWhatToDo() async throws {
    try await StaffedDesk.serving(adding: "crises: { checklist: [Inform legal, Call back] }\n") { desk, client, url in
      let lead = try await desk.key(.lead, agent: "bob")
      let opened = try await ask(client, url, "POST", "/v1/crises", lead, #"{"name":"quake","reason":"many calls"}"#)
      #expect(opened.status == 200)
      let board = try await ask(client, url, "GET", "/v1/wallboard", lead).body
      let finding = board["findings"]?.list?.first { $0["code"]?.text == "crisis" }
      #expect(finding?["subject"]?.text == "hand:quake" && finding?["count"]?.integer == 2)
      let crisis = try #require(opened.body["crisis"]?.text)
      #expect(board["crises"]?.list?.compactMap { $0["crisis"]?.text } == [crisis])
    }
  }

  @Test func theFlowOfAllQueuesHasAFigureForEachInterval() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let (ticket, offer) = try await desk.offered(to: "ann")
      _ = try await desk.desk.accept(offer, by: "ann")
      _ = try await desk.desk.reply("hello", awaitsCustomer: false, on: ticket.id, by: "ann", key: nil)
      let flow = try await ask(client, url, "GET", "/v1/queues/flow", try await desk.key(.auditor))
      guard case .list(let queues)? = flow.body["queues"] else { throw Unexpected(text: flow.text) }
      #expect(queues.compactMap { $0["queue"]?.text } == ["parcels", "praise"])
      func figures(_ queue: JSONValue, _ name: String) -> [Int64] {
        guard case .list(let list)? = queue[name] else { return [] }
        return list.compactMap(\.integer)
      }
      for queue in queues {
        let isParcels = queue["queue"]?.text == "parcels"
        for name in ["arrivals", "answers"] {
          let list = figures(queue, name)
          #expect(list.count == WallboardBounds.flowIntervals && list.reduce(0, +) == (isParcels ? 1 : 0))
        }
      }
    }
  }

  @Test func titlesAreInBothLanguages() async throws {
    let sections = """
      skills: { parcels: { title: { zh: 包裹, en: Parcels } }, plain: {} }
      categories: { c: { title: { zh: 查件, en: Where it is } }, "no such label": { title: Beyond } }

      """
    try await StaffedDesk.serving(adding: sections) { desk, client, url in
      let agent = try await desk.key(.agent, agent: "ann")
      for _ in 0..<2 {
        let titles = try await ask(client, url, "GET", "/v1/policy/titles", agent).body
        #expect(titles["version"]?.integer == 1 && titles["queues"] == .object([]))
        #expect(titles["skills"]?["parcels"]?["zh"]?.text == "包裹" && titles["skills"]?["plain"] == nil)
        #expect(titles["categories"]?["c"]?["en"]?.text == "Where it is")
        // One text serves all languages.
        #expect(titles["categories"]?["no such label"]?["zh"]?.text == "Beyond")
      }
    }
  }

  @Test func viewersSeeEachOther() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let ticket = try await desk.queued()
      let path = "/v1/tickets/\(ticket.id)/viewers"
      let ann = try await desk.key(.agent, agent: "ann")
      let lead = try await desk.key(.lead, agent: "bob")
      func others(_ answer: (status: Int, body: JSONValue, text: String)) -> [String] {
        guard answer.status == 200, case .list(let viewers)? = answer.body["viewers"] else {
          return ["?\(answer.status)"]
        }
        return viewers.map { "\($0["agent"]?.text ?? "") \($0["doing"]?.text ?? "")" }
      }
      #expect(others(try await ask(client, url, "PUT", path, ann, #"{"doing":"looking"}"#)) == [])
      #expect(others(try await ask(client, url, "PUT", path, lead, #"{"doing":"writing"}"#)) == ["ann looking"])
      #expect(others(try await ask(client, url, "PUT", path, ann, #"{"doing":"writing"}"#)) == ["bob writing"])
      #expect(
        others(try await ask(client, url, "GET", path, try await desk.key(.operator))) == [
          "ann writing", "bob writing",
        ])
      #expect(others(try await ask(client, url, "PUT", path, lead, #"{"doing":"nothing"}"#)) == ["ann writing"])
      #expect(others(try await ask(client, url, "GET", path, ann)) == [])
      for body in [#"{"doing":"dreaming"}"#, #"{"doing":1}"#, "{}", #"{"doing":"looking","for":"ever"}"#] {
        #expect(try await ask(client, url, "PUT", path, ann, body).status == 422)
      }
      // Another team's agent sees neither the ticket nor who has it open.
      let bob = try await desk.key(.agent, agent: "bob")
      #expect(try await ask(client, url, "GET", path, bob).status == 404)
      #expect(try await ask(client, url, "PUT", path, bob, #"{"doing":"looking"}"#).status == 404)
    }
  }
}
