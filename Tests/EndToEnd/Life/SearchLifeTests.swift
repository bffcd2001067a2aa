import Foundation
import Testing

/// What customers and agents write is found by a client that shares no code with the desk, by those who may see it, until it is erased.
@Suite("Search, end to end", .serialized)
struct SearchLifeTests {
  private static let policy = """
    version: 1
    teams:
      desk: { lead: agent-003 }
      law: { lead: agent-003 }
    agents:
      - { id: agent-001, teams: [desk], capacity: 5 }
      - { id: agent-002, teams: [law], capacity: 5 }
      - { id: agent-003, teams: [desk], capacity: 5 }
    queues:
      general: { teams: [desk], offer_time: 60s }
      claims: { teams: [law], offer_time: 60s }
      triage: { teams: [desk], offer_time: 60s }
    rules:
      - { name: claim, when: { words: [lawyer, 律师] }, queue: claims }
    default_queue: general
    triage: { queue: triage, below: 0.0 }
    channels:
      web: { replies: fetch, reopen_window: 1d }

    """

  private static let script = RunningDesk.project.appendingPathComponent("Tests/EndToEnd/foreign/search.py").path

  /// The lines that the client prints, and its status.
  private static func search(
    _ arguments: String..., as voice: LifeDesk.Voice, of life: LifeDesk
  ) async throws -> (lines: [[String]], status: Int32) {
    let outcome = try await Command(
      "/usr/bin/env", ["python3", script] + arguments,
      environment: [
        "FRONTDESK_KEY": life.key(of: voice), "FRONTDESK_URL": "http://127.0.0.1:\(life.consolePort)",
      ]
    ).end()
    let lines = outcome.output.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
    return (lines, outcome.status)
  }

  /// The tickets that are found at once.
  private static func found(_ query: String, by voice: LifeDesk.Voice, in life: LifeDesk) async throws -> [String] {
    let words = try #require(
      query.addingPercentEncoding(
        withAllowedCharacters: CharacterSet(charactersIn: "=&-0123456789abcdefghijklmnopqrstuvwxyz")))
    let answer = try await life.ask(voice, "GET", "/v1/search?q=\(words)", expecting: 200)
    return (answer.body["tickets"] as? [[String: Any]] ?? []).compactMap { $0["ticket_id"] as? String }
  }

  @Test("words are found by who may see them, until their customer is erased", .timeLimit(.minutes(4)))
  func words() async throws {
    try await LifeDesk.with(policy: Self.policy) { life in
      try await life.come(.ann)
      let parcel = try await life.write("你好，我的快递一周没动了，单号 A-10023", from: "李雷", id: "m-1")
      let claim = try await life.write("My lawyer will ask where my refund is", from: "Ann Lee", id: "m-2")
      try await life.take(parcel, by: .ann)
      try await life.reply("已为您催促配送站", on: parcel, by: .ann, awaiting: true)

      let word = try await Self.search("--wait", parcel, "快递", as: .eve, of: life)
      #expect(word.status == 0 && word.lines.map(\.first) == [parcel])
      #expect(word.lines.first?.last == "你好，我的[快递]一周没动了，单号 A-10023" && word.lines.first?[2] == "李雷")
      let reply = try await Self.search("--wait", parcel, "配送站", as: .ann, of: life)
      #expect(reply.lines.map(\.first) == [parcel])
      #expect(try await Self.search("--wait", claim, "refu", as: .eve, of: life).lines.map(\.first) == [claim])
      let named = try await Self.search("李雷", as: .ann, of: life).lines
      #expect(named.map(\.first) == [parcel, "customer"] && named.last?.last == "李雷")

      // Each agent finds what their teams serve.
      #expect(try await Self.found("a-100", by: .ann, in: life) == [parcel])
      #expect(try await Self.found("refund", by: .ann, in: life) == [])
      #expect(try await Self.found("refund", by: .bob, in: life) == [claim])
      #expect(try await Self.found("快递", by: .bob, in: life) == [])
      #expect(try await Self.found("快递&state=queued", by: .eve, in: life) == [])
      try await life.ask(.bob, "GET", "/v1/search?q=!", expecting: 422)

      try await life.desk.expect(["erase", "--channel", "web", "--customer", "李雷", "--reason", "asked for it"])
      for words in ["快递", "李雷", "配送站", "10023"] {
        #expect(try await Self.found(words, by: .eve, in: life) == [], "\(words)")
      }
      #expect(try await Self.found("lawyer", by: .eve, in: life) == [claim])
    }
  }
}
