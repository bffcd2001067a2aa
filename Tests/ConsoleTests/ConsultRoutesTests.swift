import Curl
import DeskCore
import Store
import Testing

@testable import Console

/// Consults over HTTP: asked, answered, withdrawn, listed, and what they let others read.
@Suite struct ConsultRoutesTests {
  private struct Desk {
    let desk: StaffedDesk
    let client: HTTPClient
    let url: String

    func ask(
      _ method: String, _ path: String, _ key: String, _ body: String? = nil, idempotencyKey: String? = nil
    ) async throws -> (status: Int, body: JSONValue?, text: String) {
      var headers: HTTPHeaders = ["authorization": "Bearer \(key)"]
      if body != nil { headers.add(name: "content-type", value: "application/json") }
      if let idempotencyKey { headers.add(name: "idempotency-key", value: idempotencyKey) }
      let response = try await client.send(
        HTTPClient.Request(
          method: method, url: url + path, headers: headers, body: body.map { Array($0.utf8) } ?? []))
      let text = String(decoding: response.body, as: UTF8.self)
      return (response.status, JSONValue(json: text), text)
    }
  }

  /// Bob's team, which does not serve the tickets' queue, are the interface people of the line `pay`.
  private func serving(_ body: @escaping @Sendable (Desk) async throws -> Void) async throws {
    let lines = "product_lines: { pay: { teams: [care] }, own: { agents: [ann] } }\n"
    try await StaffedDesk.serving(adding: lines) { desk, client, url in
      try await body(Desk(desk: desk, client: client, url: url))
    }
  }

  /// A ticket that Ann has.
  private func taken(_ http: Desk) async throws -> TicketID {
    let (offered, offer) = try await http.desk.offered(to: "ann")
    _ = try await http.desk.desk.accept(offer, by: "ann")
    return offered.id
  }

  @Test func anInterfacePersonReadsTheConversationAnswersAndReadsItNoLonger() async throws {
    try await serving { http in
      let id = try await taken(http)
      let (ann, bob) = try await (http.desk.key(.agent, agent: "ann"), http.desk.key(.agent, agent: "bob"))
      #expect(try await http.ask("GET", "/v1/tickets/\(id)", bob).status == 404)
      let question = #"{"question": "Is the refund through?", "product_line": "pay"}"#
      let asked = try await http.ask("POST", "/v1/tickets/\(id)/consults", ann, question, idempotencyKey: "k-1")
      #expect(asked.status == 201, "\(asked.text)")
      let consult = try #require(asked.body?["consult_id"]?.text)
      let again = try await http.ask("POST", "/v1/tickets/\(id)/consults", ann, question, idempotencyKey: "k-1")
      #expect(again.status == 200 && again.body?["consult_id"]?.text == consult)
      let other = #"{"question": "Another", "product_line": "pay"}"#
      #expect(
        try await http.ask("POST", "/v1/tickets/\(id)/consults", ann, other, idempotencyKey: "k-1").status == 422)

      let mine = try await http.ask("GET", "/v1/consults?state=open", bob)
      #expect(mine.body?["consults"]?.list?.first?["question"]?.text == "Is the refund through?", "\(mine.text)")
      #expect(mine.body?["consults"]?.list?.count == 1 && mine.body?["next"]?.text == nil)
      let read = try await http.ask("GET", "/v1/tickets/\(id)", bob)
      #expect(read.status == 200 && read.text.contains("my words") && read.body?["crm"] == nil)
      #expect(try await http.ask("GET", "/v1/tickets/\(id)/messages", bob).status == 200)
      // Nothing but reading the conversation.
      for path in ["contact", "timeline", "explanation"] {
        #expect(try await http.ask("GET", "/v1/tickets/\(id)/\(path)", bob).status == 404, "\(path)")
      }
      #expect(try await http.ask("POST", "/v1/tickets/\(id)/notes", bob, #"{"text": "hm"}"#).status == 404)
      #expect(try await http.ask("POST", "/v1/tickets/\(id)/consults", bob, question).status == 404)
      #expect(try await http.ask("POST", "/v1/consults/\(consult)/withdraw", bob).status == 404)
      // Who asks does not answer.
      #expect(try await http.ask("POST", "/v1/consults/\(consult)/answer", ann, #"{"text": "x"}"#).status == 404)

      let text = #"{"text": "Yes, since noon."}"#
      let answered = try await http.ask("POST", "/v1/consults/\(consult)/answer", bob, text)
      #expect(answered.status == 200 && answered.body?["answer"]?.text == "Yes, since noon.", "\(answered.text)")
      let repeated = try await http.ask("POST", "/v1/consults/\(consult)/answer", bob, text)
      #expect(repeated.status == 200 && repeated.body == answered.body)
      #expect(try await http.ask("POST", "/v1/consults/\(consult)/answer", bob, #"{"text": "No"}"#).status == 409)
      #expect(try await http.ask("GET", "/v1/tickets/\(id)", bob).status == 404)
      #expect(try await http.ask("GET", "/v1/tickets/\(id)/messages", bob).status == 404)

      let ticket = try await http.ask("GET", "/v1/tickets/\(id)", ann)
      #expect(ticket.body?["agent"]?.text == "ann")
      let notes = ticket.body?["messages"]?.list?.filter { $0["kind"]?.text == "note" } ?? []
      #expect(notes.map { $0["text"]?.text } == ["Yes, since noon."] && notes.first?["author"]?.text == "bob")
      let own = try await http.ask("GET", "/v1/consults?asked=by_me&state=answered", ann)
      #expect(own.body?["consults"]?.list?.first?["answer"]?.text == "Yes, since noon.")
      let timeline = try await http.ask("GET", "/v1/tickets/\(id)/timeline", ann).text
      #expect(timeline.contains("consult_asked") && timeline.contains("consult_answered"))
      #expect(!timeline.contains("refund") && !timeline.contains("noon"))
    }
  }

  @Test func itIsWithdrawnOrEndsWithTheTicket() async throws {
    try await serving { http in
      let id = try await taken(http)
      let (ann, bob) = try await (http.desk.key(.agent, agent: "ann"), http.desk.key(.agent, agent: "bob"))
      let question = #"{"question": "Well?", "agent": "bob"}"#
      var consults: [String] = []
      for _ in 0..<StoreBounds.openConsultsPerTicket {
        let asked = try await http.ask("POST", "/v1/tickets/\(id)/consults", ann, question)
        consults.append(try #require(asked.body?["consult_id"]?.text))
      }
      let surplus = try await http.ask("POST", "/v1/tickets/\(id)/consults", ann, question)
      #expect(surplus.status == 409 && surplus.body?["type"]?.text == "urn:frontdesk:problem:consult-closed")
      for _ in 0..<2 {
        let withdrawn = try await http.ask("POST", "/v1/consults/\(consults[0])/withdraw", ann)
        #expect(withdrawn.status == 200 && withdrawn.body?["state"]?.text == "withdrawn")
      }
      #expect(try await http.ask("POST", "/v1/consults/\(consults[0])/answer", bob, #"{"text": "x"}"#).status == 409)
      #expect(try await http.ask("GET", "/v1/tickets/\(id)", bob).status == 200)
      #expect(try await http.ask("POST", "/v1/tickets/\(id)/resolve", ann).status == 200)
      #expect(try await http.ask("GET", "/v1/tickets/\(id)", bob).status == 404)
      #expect(try await http.ask("POST", "/v1/consults/\(consults[1])/answer", bob, #"{"text": "x"}"#).status == 409)
      let ended = try await http.ask("GET", "/v1/consults?state=ended&limit=1", bob)
      #expect(ended.body?["consults"]?.list?.count == 1 && ended.body?["next"]?.text == consults.last)
      let rest = try await http.ask("GET", "/v1/consults?state=ended&before=\(consults[2])", bob)
      #expect(rest.body?["consults"]?.list?.compactMap { $0["consult_id"]?.text } == [consults[1]])
    }
  }

  @Test func whatCannotBeAskedIsRefused() async throws {
    try await serving { http in
      let id = try await taken(http)
      let ann = try await http.desk.key(.agent, agent: "ann")
      let refused = [
        "{}", #"{"question": "x"}"#, #"{"question": "x", "agent": "bob", "product_line": "pay"}"#,
        #"{"question": "x", "agent": "zoe"}"#, #"{"question": "x", "agent": "ann"}"#,
        #"{"question": "x", "product_line": "tea"}"#, #"{"question": "x", "product_line": "own"}"#,
        #"{"question": "", "agent": "bob"}"#, #"{"question": "x", "agent": "bob", "more": 1}"#,
      ]
      for body in refused {
        let answer = try await http.ask("POST", "/v1/tickets/\(id)/consults", ann, body)
        #expect(answer.status == 422, "\(body): \(answer.text)")
      }
      let untaken = try await http.desk.queued(from: "dora")
      let question = #"{"question": "x", "agent": "bob"}"#
      #expect(try await http.ask("POST", "/v1/tickets/\(untaken.id)/consults", ann, question).status == 409)
      for query in ["asked=all", "state=lost", "before=x", "limit=0", "more=1"] {
        #expect(try await http.ask("GET", "/v1/consults?\(query)", ann).status == 422, "\(query)")
      }
      let operators = try await http.desk.key(.operator)
      #expect(try await http.ask("GET", "/v1/consults", operators).status == 403)
      #expect(try await http.ask("POST", "/v1/consults/x/answer", ann, #"{"text": "x"}"#).status == 404)
    }
  }

  @Test func streamsShowWhatIsPutToTheAgentAndTheAnswersOnce() async throws {
    try await serving { http in
      let id = try await taken(http)
      let source = DeskStreamSource(store: http.desk.store, policy: http.desk.policy, clock: http.desk.clock)
      let hand = ActingAgent("ann", leads: false)
      let asked = try await http.desk.desk.consult(.productLine("pay"), question: "Well?", on: id, by: hand, key: nil)
      var (bob, ann) = (StreamView(), StreamView())
      var shown = try await source.consults(of: ["ann", "bob"])
      #expect(bob.update(consults: shown["bob"] ?? []).map(\.consult) == [asked.consult.consult])
      #expect(bob.update(consults: shown["bob"] ?? []).isEmpty)
      #expect(ann.update(consults: shown["ann"] ?? []).isEmpty)
      let event = StreamEvent.consult(asked.consult, for: "bob").text
      #expect(event.hasPrefix("event: consult\nid: \(asked.consult.consult.id).open\ndata: {"))
      let answered = try await http.desk.desk.answer(asked.consult.consult.id, with: "So.", by: "bob")
      shown = try await source.consults(of: ["ann", "bob"])
      #expect(ann.update(consults: shown["ann"] ?? []) == [answered])
      #expect(ann.update(consults: shown["ann"] ?? []).isEmpty && shown["bob"] == nil)
    }
  }
}
