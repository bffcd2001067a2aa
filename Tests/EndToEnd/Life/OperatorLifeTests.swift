import CommandLineTool
import DeskCore
import Foundation
import Store
import Testing

/// What an operator does on the pages, by a client that shares no code with the desk: written down by the console, done once by the
/// executor.
@Suite("An operator's requests, end to end", .serialized)
struct OperatorLifeTests {
  private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
  private static let policy = """
    version: 1
    teams: { desk: { lead: agent-003 } }
    agents:
      - { id: agent-001, teams: [desk], capacity: 5 }
      - { id: agent-002, teams: [desk], capacity: 5 }
      - { id: agent-003, teams: [desk], capacity: 5 }
    queues: { general: { teams: [desk] }, claims: { teams: [desk] } }
    rules:
      - { name: claim, when: { words: [lawyer] }, queue: claims }
    default_queue: general
    triage: { queue: general, below: 0.0 }
    channels:
      web: { replies: fetch }
      email: { replies: fetch }
    hooks:
      watch:
        url: https://watch.example/path-that-is-secret
        secrets: [\(secret)]
        kinds: [hook.failing]

    """

  private static let script = RunningDesk.project.appendingPathComponent("Tests/EndToEnd/foreign/operate.py").path

  /// Runs the client.
  private func operate(
    _ arguments: [String], on life: LifeDesk, expecting status: Int32 = 0,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> String {
    let ended = try await Command(
      "/usr/bin/env", ["python3", Self.script] + arguments,
      environment: [
        "FRONTDESK_KEY": life.key(of: .operator), "FRONTDESK_URL": "http://127.0.0.1:\(life.consolePort)",
      ]
    ).end()
    #expect(ended.status == status, "\(arguments): \(ended.output)", sourceLocation: sourceLocation)
    return ended.output
  }

  private func withStore<Result>(of life: LifeDesk, _ body: (DeskStore) async throws -> Result) async throws -> Result {
    let postgres = try #require(try life.desk.description()["postgres"] as? String)
    return try await DeskConnection.withStore(postgres, body)
  }

  @Test("scaled, policies refused, applied and restored, dead letters replayed, a key revoked", .timeLimit(.minutes(4)))
  func operating() async throws {
    try await LifeDesk.with(policy: Self.policy) { life in
      try await scalesAndReplays(life)
      try await changesThePolicy(life)
      try await revokesAKey(life)
      #expect(try await life.desk.expect(["audit", "verify"]).contains("are valid"))
      let verified = try await life.ask(
        .operator, "POST", "/v1/audit/verification", ["reason": "monthly"], expecting: 202)
      let end = try await self.end(of: verified, life)
      #expect((end.body["result"] as? [String: Any])?["code"] as? String == "audit_valid", "\(end.text)")
    }
  }

  /// Follows an intent until it is finished.
  private func end(of asked: LifeDesk.Answer, _ life: LifeDesk) async throws -> LifeDesk.Answer {
    let id = try #require(asked["intent_id"])
    return try await life.until(.operator, "/v1/intents/\(id)") { $0["finished_at"] != nil }
  }

  private func code(_ answer: LifeDesk.Answer) -> String? {
    (answer.body["result"] as? [String: Any])?["code"] as? String
  }

  /// Without a classifier messages wait; four of them become dead letters, and are replayed although the executor is killed in between.
  private func scalesAndReplays(_ life: LifeDesk) async throws {
    _ = try await operate(["scale", "classifier", "0", "maintenance"], on: life)
    #expect(try life.desk.processes(of: "classifier").isEmpty)
    var tickets: [String] = []
    for number in 1...4 {
      tickets.append(try await life.write("a lawyer, number \(number)", from: "customer-\(number)", id: "m-\(number)"))
    }
    let dead = try await withStore(of: life) { store in
      var dead = 0
      for ticket in tickets {
        let messages = try await store.conversations.messages(of: try #require(TicketID(ticket)), limit: 1)
        if let id = messages.first?.id, try await store.outbox.deadLetter(id, reason: "cannot be read") { dead += 1 }
      }
      return dead
    }
    #expect(dead == 4)
    let listed = try await life.ask(.operator, "GET", "/v1/dead-letters?kind=message", expecting: 200)
    var set = try #require(listed.body["set"] as? [String: Any])
    #expect(set["count"] as? Int == 4)
    // Another set than the one that was looked at is refused, and nothing is replayed.
    set["kind"] = "message"
    set["reason"] = "fixed"
    var other = set
    other["digest"] = String(repeating: "0", count: 32)
    let refused = try await end(
      of: life.ask(.operator, "POST", "/v1/dead-letters/replays", other, expecting: 202), life)
    #expect(refused["state"] == "refused" && code(refused) == "set_changed", "\(refused.text)")

    set["per_second"] = 1
    let asked = try await life.ask(.operator, "POST", "/v1/dead-letters/replays", set, expecting: 202)
    _ = try await life.until(.operator, "/v1/dead-letters?kind=message") {
      (($0.body["set"] as? [String: Any])?["count"] as? Int ?? 4) < 4
    }
    let executor = try #require(try life.desk.processes(of: "executor").values.first)
    kill(executor, SIGKILL)
    let done = try await end(of: asked, life)
    #expect(done["state"] == "done" && code(done) == "replayed", "\(done.text)")
    #expect((done.body["result"] as? [String: Any])?["count"] as? Int == 4, "\(done.text)")
    let audited = try await withStore(of: life) { store in
      try await store.audit.newestAuditEntries(ofKind: "dead_letter.replayed", limit: 99)
    }
    #expect(Set(audited.map(\.subject)).count == 4 && audited.count == 4, "each was replayed once")
    let id = try #require(asked["intent_id"])
    #expect(audited.allSatisfy { $0.actor.contains("intent:\(id)") })

    _ = try await operate(["scale", "classifier", "1", "maintenance is over"], on: life)
    for ticket in tickets {
      let routed = try await life.until(.operator, "/v1/tickets/\(ticket)") { $0["queue"] != nil }
      #expect(routed["queue"] == "claims")
    }
  }

  private func changesThePolicy(_ life: LifeDesk) async throws {
    let shown = try await operate(["policy", "show"], on: life)
    #expect(!shown.contains(Self.secret) && !shown.contains("path-that-is-secret") && shown.contains("…"))
    let path = "\(life.desk.folder)/edited.yaml"
    try shown.replacing("default_queue: general", with: "default_queue: generals").write(
      toFile: path, atomically: true, encoding: .utf8)
    let mistakes = try await operate(["policy", "apply", path, "x"], on: life, expecting: 3)
    #expect(mistakes.contains("generals") && mistakes.contains("general"), "\(mistakes)")

    try shown.replacing("words: [lawyer]", with: "words: [lawyer, court]").write(
      toFile: path, atomically: true, encoding: .utf8)
    let before = try #require(try await life.ask(.operator, "GET", "/v1/policy").body["version"] as? Int)
    _ = try await operate(["policy", "apply", path, "court cases are claims"], on: life)
    try await life.everyProcessUsesThePolicy()
    let stored = try await withStore(of: life) { try await $0.access.newestPolicy() }
    #expect(stored?.version == Int32(before + 1) && stored?.document.contains(Self.secret) == true)
    #expect(stored?.document.contains("path-that-is-secret") == true && stored?.document.contains("…") == false)
    let ticket = try await life.write("see you in court", from: "cora", id: "c-1")
    #expect(try await life.until(.operator, "/v1/tickets/\(ticket)") { $0["queue"] != nil }["queue"] == "claims")

    // Someone else applied a version meanwhile: what was edited from an older one is refused.
    let stale: [String: Any] = ["document": shown, "based_on": before, "changes_confirmed": true, "reason": "late"]
    let refused = try await end(of: life.ask(.operator, "POST", "/v1/policy", stale, expecting: 202), life)
    #expect(refused["state"] == "refused" && code(refused) == "policy_changed", "\(refused.text)")
    _ = try await operate(["policy", "restore", "\(before)", "too many claims"], on: life)
    let restored = try await withStore(of: life) { try await $0.access.newestPolicy() }
    #expect(restored?.version == Int32(before + 2) && restored?.document == Self.policy)
  }

  private func revokesAKey(_ life: LifeDesk) async throws {
    let output = try await life.desk.expect(["keys", "create", "--role", "auditor", "--label", "lost"])
    let secret = try #require(output.split(separator: "\n").first { $0.hasPrefix("fd_") }.map(String.init))
    let head = "GET /v1/me HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer \(secret)\r\nConnection: close\r\n\r\n"
    func status() async throws -> Int {
      try await ClientConnection.exchange(port: life.consolePort, Array(head.utf8)).status
    }
    #expect(try await status() == 200)
    _ = try await operate(["revoke", "lost", "the laptop is gone"], on: life)
    while try await status() == 200 { try Task.checkCancellation() }
    #expect(try await status() == 401)
    let listed = try await life.ask(.operator, "GET", "/v1/intents?state=done&limit=1", expecting: 200)
    let newest = (listed.body["intents"] as? [[String: Any]])?.first
    #expect(newest?["kind"] as? String == "key.revoke" && newest?["reason"] as? String == "the laptop is gone")
  }
}
