import Foundation
import Testing

/// Reports on work that was really done, read over HTTP and by the command.
@Suite("Reports on work, end to end", .serialized)
struct ReportLifeTests {
  private static let policy = """
    version: 1
    teams:
      desk: { lead: agent-003 }
    agents:
      - { id: agent-001, teams: [desk], capacity: 5 }
      - { id: agent-002, teams: [desk], capacity: 5 }
      - { id: agent-003, teams: [desk], capacity: 5 }
    queues:
      general: { teams: [desk], offer_time: 60s }
    rules: [{ name: rest, queue: general }]
    default_queue: general
    triage: { queue: general, below: 0.0 }
    channels:
      web: { replies: fetch, reopen_window: 1d }
      email: { replies: fetch, reopen_window: 1d }

    """

  @Test("handle time, occupancy, transfers, path and change of a ticket", .timeLimit(.minutes(4)))
  func workIsReported() async throws {
    try await LifeDesk.with(policy: Self.policy) { life in
      try await life.come(.ann)
      let id = try await life.write("Where is my parcel?", from: "cara", by: .email, id: "m-1")
      try await life.take(id, by: .ann)
      try await life.ask(.ann, "POST", "/v1/tickets/\(id)/resolve", expecting: 200)
      let handling = try await life.ask(.eve, "GET", "/v1/analysis/handling", expecting: 200)
      #expect(handling.text.contains(#"{"agent":"agent-001","tickets":1,"hands":1,"ended":1,"#), "\(handling.text)")
      let occupancy = try await life.ask(.eve, "GET", "/v1/analysis/occupancy", expecting: 200)
      #expect(occupancy.text.contains(#"{"agent":"agent-001","available_seconds":"#), "\(occupancy.text)")
      let path = try await life.ask(.eve, "GET", "/v1/analysis/path", expecting: 200)
      #expect(path.body["tickets"] as? Int == 1)
      let reached = try #require(path.body["reached"] as? [String: Int])
      #expect(reached == ["channel": 1, "label": 1, "queue": 1, "hands": 1, "end": 1])
      let picture = try await life.ask(.eve, "GET", "/v1/analysis/path/picture.svg?language=zh", expecting: 200)
      #expect(picture.text.contains("服务路径"))
      let today = try #require(path["to"])
      let change = try await life.ask(.eve, "GET", "/v1/analysis/change?from=\(today)&to=\(today)", expecting: 200)
      #expect(change.body["change"] as? Double == 1 && change.body["noise"] as? Bool == true, "\(change.text)")
      try await life.ask(.eve, "GET", "/v1/analysis/transfers", expecting: 200)
      try await life.ask(.ann, "GET", "/v1/analysis/path", expecting: 403)
      let table = try await life.desk.expect(["report", "path", "--csv"])
      #expect(table.contains("nodes,channel,email,false"), "\(table)")
    }
  }
}
