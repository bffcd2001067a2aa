import Curl
import DeskCore
import PostgreSQL
import Store
import Testing

@testable import Console

/// Call-backs over HTTP: promised, moved, finished, listed.
@Suite struct CallBackRoutesTests {
  private struct Desk {
    let desk: StaffedDesk
    let client: HTTPClient
    let url: String

    func ask(
      _ method: String, _ path: String, _ key: String, _ body: String? = nil
    ) async throws -> (status: Int, body: JSONValue?, text: String) {
      var headers: HTTPHeaders = ["authorization": "Bearer \(key)"]
      if body != nil { headers.add(name: "content-type", value: "application/json") }
      let response = try await client.send(
        HTTPClient.Request(
          method: method, url: url + path, headers: headers, body: body.map { Array($0.utf8) } ?? []))
      let text = String(decoding: response.body, as: UTF8.self)
      return (response.status, JSONValue(json: text), text)
    }

    /// A time some seconds from now.
    func due(in seconds: Int) async throws -> String { RFC3339.text(try await desk.store.now() + .seconds(seconds)) }
  }

  private func serving(_ body: @escaping @Sendable (Desk) async throws -> Void) async throws {
    try await StaffedDesk.serving { desk, client, url in try await body(Desk(desk: desk, client: client, url: url)) }
  }

  @Test func aCallBackIsPromisedMovedAndKeptAndRepetitionsChangeNothing() async throws {
    try await serving { http in
      let (offered, offer) = try await http.desk.offered(to: "ann")
      _ = try await http.desk.desk.accept(offer, by: "ann")
      let (ann, bob) = try await (http.desk.key(.agent, agent: "ann"), http.desk.key(.lead, agent: "bob"))
      let path = "/v1/tickets/\(offered.id)/callbacks/1"
      let due = try await http.due(in: 3_600)
      let promised = try await http.ask("PUT", path, ann, #"{"due_at": "\#(due)", "reason": "asked for it"}"#)
      #expect(promised.status == 200, "\(promised.text)")
      let callBack = try #require(promised.body?["call_back"])
      #expect(callBack["state"]?.text == "open" && callBack["owner"]?.text == "ann" && callBack["due_at"]?.text == due)
      let again = try await http.ask("PUT", path, ann, #"{"due_at": "\#(due)"}"#)
      #expect(again.status == 200 && again.body?["version"] == promised.body?["version"])
      let later = try await http.due(in: 7_200)
      let moved = try await http.ask("PUT", path, bob, #"{"due_at": "\#(later)", "owner": "bob"}"#)
      #expect(moved.body?["call_back"]?["owner"]?.text == "bob" && moved.body?["call_back"]?["moves"]?.integer == 1)
      let mine = try await http.ask("GET", "/v1/callbacks?mine=true", bob)
      #expect(mine.body?["callbacks"]?.list?.first?["ticket_id"]?.text == offered.id.description, "\(mine.text)")
      #expect(try await http.ask("GET", "/v1/callbacks?mine=true", ann).body?["callbacks"]?.list == [])
      let kept = try await http.ask("PUT", path, bob, #"{"state": "kept", "reason": "reached her"}"#)
      #expect(kept.status == 200 && kept.body?["call_back"]?["state"]?.text == "kept")
      let repeated = try await http.ask("PUT", path, bob, #"{"state": "kept"}"#)
      #expect(repeated.status == 200 && repeated.body?["version"] == kept.body?["version"])
      // A late repetition of the promise promises nothing again.
      #expect(try await http.ask("PUT", path, ann, #"{"due_at": "\#(due)"}"#).status == 409)
      #expect(try await http.ask("PUT", path, ann, #"{"state": "broken"}"#).status == 409)
      #expect(try await http.ask("GET", "/v1/callbacks", bob).body?["callbacks"]?.list == [])
      let done = try await http.ask("GET", "/v1/callbacks?state=kept&finished=true", bob)
      #expect(done.body?["callbacks"]?.list?.count == 1)
      let timeline = try await http.ask("GET", "/v1/tickets/\(offered.id)/timeline", ann).text
      #expect(timeline.contains("call_back_promised") && timeline.contains("call_back_ended"))
      // The customer was informed on the channel's own hook, of the promise and of the other time.
      let sent = try await http.desk.store.pool.query(
        PostgresStatement<String>(
          "test_sent",
          "SELECT kind FROM desk.outbox WHERE hook = 'replies' AND kind LIKE 'callback%' ORDER BY created_at"))
      #expect(sent == ["callback.promised", "callback.moved"])
    }
  }

  @Test func whatCannotBePromisedIsRefused() async throws {
    try await serving { http in
      let (offered, offer) = try await http.desk.offered(to: "ann")
      _ = try await http.desk.desk.accept(offer, by: "ann")
      let ann = try await http.desk.key(.agent, agent: "ann")
      let path = "/v1/tickets/\(offered.id)/callbacks"
      let due = try await http.due(in: 3_600)
      let past = try await http.due(in: -60)
      let far = try await http.due(in: 400 * 86_400)
      let refused: [(String, String, Int)] = [
        ("1", "{}", 422), ("1", #"{"state": "kept"}"#, 422), ("1", #"{"due_at": "\#(past)"}"#, 422),
        ("1", #"{"due_at": "\#(far)"}"#, 422), ("1", #"{"due_at": "soon"}"#, 422),
        ("1", #"{"due_at": "\#(due)", "owner": "zoe"}"#, 422), ("1", #"{"due_at": "\#(due)", "state": "lost"}"#, 422),
        ("1", #"{"due_at": "\#(due)", "more": 1}"#, 422), ("2", #"{"due_at": "\#(due)"}"#, 409),
        ("0", #"{"due_at": "\#(due)"}"#, 404), ("x", #"{"due_at": "\#(due)"}"#, 404),
        ("99999999999", #"{"due_at": "\#(due)"}"#, 404),
      ]
      for (number, body, status) in refused {
        let answer = try await http.ask("PUT", "\(path)/\(number)", ann, body)
        #expect(answer.status == status, "\(number) \(body): \(answer.text)")
      }
      #expect(try await http.ask("PUT", "\(path)/1", ann, #"{"due_at": "\#(due)"}"#).status == 200)
      let both = #"{"state": "kept", "owner": "bob"}"#
      #expect(try await http.ask("PUT", "\(path)/1", ann, both).status == 422)
      #expect(try await http.ask("PUT", "\(path)/1", ann, "{}").status == 422)
      let operators = try await http.desk.key(.operator)
      #expect(try await http.ask("PUT", "\(path)/1", operators, "{}").status == 403)
      #expect(try await http.ask("GET", "/v1/callbacks", operators).body?["callbacks"]?.list?.count == 1)
      for query in ["mine=true", "state=lost", "cursor=x", "limit=0", "due_before=soon", "owner=a,b", "finished=2"] {
        #expect(try await http.ask("GET", "/v1/callbacks?\(query)", operators).status == 422, "\(query)")
      }
    }
  }

  @Test func agentsSeeTheirOwnAndThoseOfTheirQueues() async throws {
    try await serving { http in
      let ticket = try await http.desk.queued()
      let (lead, bob) = try await (http.desk.key(.lead, agent: "ann"), http.desk.key(.agent, agent: "bob"))
      let path = "/v1/tickets/\(ticket.id)/callbacks/1"
      let due = try await http.due(in: 3_600)
      // Bob's team does not serve the queue.
      #expect(try await http.ask("PUT", path, bob, #"{"due_at": "\#(due)"}"#).status == 404)
      #expect(try await http.ask("PUT", path, lead, #"{"due_at": "\#(due)"}"#).status == 200)
      #expect(try await http.ask("GET", "/v1/callbacks", bob).body?["callbacks"]?.list == [])
      #expect(try await http.ask("PUT", path, lead, #"{"owner": "bob"}"#).status == 200)
      // As the owner he sees the ticket, and can finish the call-back.
      #expect(try await http.ask("GET", "/v1/callbacks", bob).body?["callbacks"]?.list?.count == 1)
      #expect(try await http.ask("GET", "/v1/tickets/\(ticket.id)", bob).status == 200)
      #expect(try await http.ask("PUT", path, bob, #"{"state": "broken", "reason": "no number"}"#).status == 200)
    }
  }
}
