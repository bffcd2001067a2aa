import Foundation
import TestKit
import Testing

/// Elastic capacity as its users see it: agents in reserve, and the figures that what starts processes follows.
@Suite("Elastic capacity, end to end", .serialized)
struct ReserveLifeTests {
  private static let policy = LifeTests.policy(
    triageBelow: "0.0",
    more: """
      reserve_calls: { oldest: 10m, quiet: 1s, apart: 1s }
      capacity:
        router: { base: 2, limit: 6 }
      """)

  @Test("an agent in reserve is called, comes, and is sent back", .timeLimit(.minutes(4)))
  func calledAndSentBack() async throws {
    try await LifeDesk.with(policy: Self.policy) { life in
      try await life.ask(.ann, "PUT", "/v1/agents/me/presence", ["presence": "reserve"], expecting: 200)
      let id = try await life.write("Where is my parcel?", from: "cara", id: "m-1")
      _ = try await life.until(.ann, "/v1/notices") { $0.text.contains(#""reserve.called""#) }
      let told = try await life.until(.eve, "/v1/notices") { $0.text.contains(#""reserve.called""#) }
      #expect(told.text.contains("agent-001"), "the lead reads who was called")
      // Its status says whether something is red.
      let status = try Self.object(try await life.desk.command(["status", "--json"]).end().output)
      let calls = try #require(status["reserve_calls"] as? [[String: Any]])
      #expect(calls.map { $0["agent"] as? String } == ["agent-001"])
      #expect(calls.first?["reason"] as? String == "unstaffed" && calls.first?["is_there"] as? Bool == false)
      try await life.come(.ann)
      try await life.take(id, by: .ann)
      try await life.reply("It comes tomorrow.", on: id, by: .ann, awaiting: false)
      try await life.ask(.ann, "POST", "/v1/tickets/\(id)/resolve", ["reason": "answered"], expecting: 200)
      _ = try await life.until(.ann, "/v1/notices") { $0.text.contains(#""reserve.released""#) }
      let agents = try #require(
        try await life.ask(.eve, "GET", "/v1/agents", expecting: 200).body["agents"] as? [[String: Any]])
      let ann = try #require(agents.first { $0["agent"] as? String == "agent-001" })
      #expect(ann["presence"] as? String == "reserve")
      let shown = try await life.metrics()
      #expect(shown.contains(#"frontdesk_reserve_calls_total{change="released",queue="general"} 1"#), "\(shown)")

      // What autoscalers follow is exported once, without labels, and equals what the desk wants.
      let wanted = try #require(status["capacity"] as? [[String: Any]])
      for (service, figures) in Self.followed {
        let row = try #require(wanted.first { $0["service"] as? String == service })
        for figure in figures {
          let values = shown.split(separator: "\n").filter { $0.hasPrefix("\(figure) ") }
          #expect(values.count == 1, "\(figure) has one series, of the leader")
        }
        #expect(shown.contains("frontdesk_\(service)_workers_wanted \(row["wanted"] as? Int ?? -1)\n"))
      }
      #expect(shown.contains("frontdesk_router_workers_limit 6\n"))
    }
  }

  /// The figures that the manifests and the adapter's rules name, by service.
  private static let followed: [String: [String]] = {
    let folder = RunningDesk.project.appendingPathComponent("deploy/kubernetes/hpa")
    var found: [String: [String]] = [:]
    for service in ["router", "classifier", "intake"] {
      let text = (try? String(contentsOf: folder.appendingPathComponent("\(service).yaml"), encoding: .utf8)) ?? ""
      found[service] = text.matches(of: /name: (frontdesk_\w+)/).map { String($0.1) }
    }
    return found
  }()

  private static func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }
}
