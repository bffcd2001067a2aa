import DeskCore
import TestPostgres
import TestStore
import Testing

@testable import Intake
@testable import Store

/// What channels get when no synchronous standby confirms what they sent.
@Suite("Unconfirmed messages")
struct UnconfirmedMessageTests {
  @Test("a message that no standby has confirmed is acknowledged neither at first nor as a duplicate")
  func nothingUnconfirmedIsAcknowledged() async throws {
    try await TestDatabase.onOwnServer { store, observer in
      var limits = CommitMachine.Limits()
      // The first failed commit decides.
      limits.deadline = .zero
      try await ServedIntake.serve(store, limits: limits) { intake in
        let body = Array(#"{"id":"m1","customer":"ann","text":"words"}"#.utf8)
        try await observer.waitForStandbys(named: "missing")
        for attempt in ["the message", "its repetition"] {
          let sending = Task { try await intake.post(body) }
          try await observer.endCommitWaits()
          let answer = try await sending.value
          #expect(answer.status == 503 && answer.hasRetryAfter, "\(attempt)")
        }
        let asking = Task { try await intake.ask([body])[0] }
        try await observer.endCommitWaits()
        let problem = try await asking.value.results.first?["problem"]?["type"]?.text
        #expect(problem == "urn:frontdesk:problem:unavailable", "over ZeroMQ")
        #expect(try await store.reports.stageBacklogs().contains { $0.waiting == 1 }, "the server has it")

        // What only finds something done waits as well, and reading does not.
        let receipts = #"{"receipts":[{"reply_id":"00000000-0000-7000-8000-000000000001","state":"read"}]}"#
        let reporting = Task { try await intake.send("POST", "/v1/replies/receipts", body: Array(receipts.utf8)) }
        try await observer.endCommitWaits()
        #expect(try await reporting.value.status == 503)
        #expect(try await intake.get("/v1/replies").status == 200)

        try await observer.waitForStandbys(named: "")
        let confirmed = try await intake.post(body)
        #expect(confirmed.status == 202 && confirmed.json?["status"]?.text == "duplicate")
      }
    }
  }
}
