import Curl
import DeskCore
import Store
import TestPostgres
import TestStore
import Testing

@testable import Console

/// What agents get when no synchronous standby confirms what they did.
@Suite struct UnconfirmedChangeTests {
  @Test func aChangeThatNoStandbyHasConfirmedIsNotAcknowledgedNorFoundDone() async throws {
    try await TestDatabase.onOwnServer { store, observer in
      try await StaffedDesk.on(store) { desk in
        let (ticket, offer) = try await desk.offered(to: "ann")
        let key = try await desk.key(.agent, agent: "ann")
        try await desk.serve { desk, client, url in
          func ask(_ method: String, _ path: String) async throws -> HTTPClient.Response {
            try await client.send(
              HTTPClient.Request(method: method, url: url + path, headers: ["authorization": "Bearer \(key)"]))
          }
          try await observer.waitForStandbys(named: "missing")
          // The first writes, the second finds the offer accepted: both wait, and neither is told as done.
          for attempt in ["a step", "its repetition"] {
            // The signs of life of an agent are commits, too.
            let refused = try await observer.endingCommitWaits { try await ask("POST", "/v1/offers/\(offer)/accept") }
            #expect(refused.status == 503 && refused.headers["Retry-After"] != nil, "\(attempt)")
          }
          let taken = try #require(await desk.store.tickets.tickets([ticket.id])[ticket.id])
          #expect(taken.agent == "ann", "the server has committed the step, so that its repetition finds it")
          let inbox = try await observer.endingCommitWaits { try await ask("GET", "/v1/agents/me/tickets") }
          #expect(inbox.status == 200, "reading needs no standby")
          try await observer.waitForStandbys(named: "")
          #expect(try await ask("POST", "/v1/offers/\(offer)/accept").status == 200)
        }
      }
    }
  }
}
