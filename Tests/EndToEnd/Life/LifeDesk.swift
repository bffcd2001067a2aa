import Foundation
import TestKit
import Testing

@testable import LoadTesting

/// A running desk with its own small policy, and all its users, over HTTP alone.
struct LifeDesk {
  let desk: RunningDesk
  private let ports: (intake: Int, console: Int)
  private let keys: [String: String]

  /// The users.
  enum Voice: String {
    /// Channels.
    case web, email
    /// Agents, the lead of both, and an operator.
    case ann = "agent-001"
    case bob = "agent-002"
    case eve = "agent-003"
    case `operator`
    /// Channels that only the scripted customers of a day write on, and the lead who serves them.
    case shop, post
    case cleo = "day-cleo"
  }

  static func with(
    policy: String, clock: ShiftedClock? = nil, wordKeys: String? = nil, _ body: (LifeDesk) async throws -> Void
  ) async throws {
    try await RunningDesk.with(clock: clock, wordKeys: wordKeys) { desk in
      let clients = try ClientKeys(desk)
      func make(_ arguments: [String]) async throws -> String {
        let output = try await desk.expect(["keys", "create"] + arguments).split(separator: "\n")
        return String(try #require(output.first { $0.hasPrefix("fd_") }))
      }
      let keys = try await [
        Voice.web.rawValue: make(["--channel", "web"]), Voice.email.rawValue: make(["--channel", "email"]),
        Voice.ann.rawValue: make(["--agent", "agent-001"]), Voice.bob.rawValue: make(["--agent", "agent-002"]),
        Voice.eve.rawValue: make(["--role", "lead", "--agent", "agent-003"]),
        Voice.operator.rawValue: make(["--role", "operator"]),
      ]
      let life = LifeDesk(desk: desk, ports: (clients.intakePort, clients.consolePort), keys: keys)
      try await life.apply(policy)
      try await body(life)
    }
  }

  /// Joins a running desk as the users of a day, with the keys that `apply` has created for the policy in force.
  static func joining(_ desk: RunningDesk) throws -> LifeDesk {
    let clients = try ClientKeys(desk)
    var keys: [String: String] = [:]
    for (voice, file) in [
      (Voice.shop, "channel.shop"), (.post, "channel.post"), (.cleo, "agent.day-cleo"), (.operator, "operator"),
    ] {
      keys[voice.rawValue] = try String(contentsOfFile: "\(desk.folder)/keys/\(file)", encoding: .utf8)
        .trimmingCharacters(in: .whitespacesAndNewlines)
    }
    return LifeDesk(desk: desk, ports: (clients.intakePort, clients.consolePort), keys: keys)
  }

  /// Puts a policy into force and waits until every process uses it.
  func apply(_ policy: String) async throws {
    let path = "\(desk.folder)/life.yaml"
    try policy.write(toFile: path, atomically: true, encoding: .utf8)
    try await desk.expect(["apply", path])
    try await everyProcessUsesThePolicy()
  }

  func everyProcessUsesThePolicy() async throws {
    let version = try #require(try await ask(.operator, "GET", "/v1/policy", expecting: 200).body["version"] as? Int)
    let processes = try #require(try desk.description()["processes"] as? [[String: Any]])
    for process in processes {
      guard let address = process["operations_url"] as? String, let port = URL(string: address)?.port else { continue }
      let request = Array("GET /metrics HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n\r\n".utf8)
      try await eventually("the use of policy \(version) at port \(port)") {
        try await ClientConnection.exchange(port: port, request).text.contains("frontdesk_policy_version \(version)")
      }
    }
  }

  /// A user's key, and the ports, for clients other than this one.
  func key(of voice: Voice) -> String { keys[voice.rawValue] ?? "" }
  var consolePort: Int { ports.console }
  var intakePort: Int { ports.intake }

  // MARK: Requests

  /// An answer, its body read as JSON.
  struct Answer {
    let status: Int
    let text: String
    let body: [String: Any]

    subscript(_ name: String) -> String? { body[name] as? String }
  }

  @discardableResult
  func ask(
    _ voice: Voice, _ method: String, _ path: String, _ body: [String: Any]? = nil, expecting status: Int? = nil,
    headers: [String: String] = [:], sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> Answer {
    let bytes = try body.map { Array(try JSONSerialization.data(withJSONObject: $0)) } ?? []
    var head = "\(method) \(path) HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer \(keys[voice.rawValue] ?? "")\r\n"
    if body != nil { head += "Content-Type: application/json\r\n" }
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    head += "Connection: close\r\nContent-Length: \(bytes.count)\r\n\r\n"
    let isChannel = [.web, .email, .shop, .post].contains(voice)
    let answer = try await ClientConnection.exchange(
      port: isChannel ? ports.intake : ports.console, Array(head.utf8) + bytes)
    if let status {
      #expect(answer.status == status, "\(method) \(path): \(answer.text)", sourceLocation: sourceLocation)
    }
    let read = try? JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
    return Answer(status: answer.status, text: answer.text, body: read ?? [:])
  }

  /// Polls until the answer meets a condition, bounded by the test's time limit.
  func until(
    _ voice: Voice, _ path: String, _ isWanted: (Answer) -> Bool
  ) async throws -> Answer {
    while true {
      let answer = try await ask(voice, "GET", path)
      if answer.status == 200, isWanted(answer) { return answer }
      try Task.checkCancellation()
    }
  }

  // MARK: User actions

  /// Sends a customer's message and returns the ticket.
  func write(_ words: String, from customer: String, by channel: Voice = .web, id: String) async throws -> String {
    let answer = try await ask(
      channel, "POST", "/v1/messages", ["id": id, "customer": customer, "text": words], expecting: 202)
    return try #require(answer["ticket_id"])
  }

  /// Signs agents in.
  func come(_ agents: Voice...) async throws {
    for agent in agents {
      try await ask(agent, "PUT", "/v1/agents/me/presence", ["presence": "available"], expecting: 200)
    }
  }

  /// Signs agents out.
  func go(_ agents: Voice...) async throws {
    for agent in agents {
      try await ask(agent, "PUT", "/v1/agents/me/presence", ["presence": "offline"], expecting: 200)
    }
  }

  /// Waits until a ticket is in a state.
  @discardableResult
  func ticket(_ id: String, is state: String, seenBy voice: Voice = .eve) async throws -> Answer {
    try await until(voice, "/v1/tickets/\(id)") { $0["state"] == state }
  }

  /// Waits until a ticket is offered to an agent, and accepts it.
  func take(_ id: String, by agent: Voice) async throws {
    let offered = try await until(.eve, "/v1/tickets/\(id)") {
      ($0.body["offer"] as? [String: Any])?["agent"] as? String == agent.rawValue
    }
    let offer = try #require((offered.body["offer"] as? [String: Any])?["offer_id"] as? String)
    try await ask(agent, "POST", "/v1/offers/\(offer)/accept", expecting: 200)
  }

  func reply(_ words: String, on id: String, by agent: Voice, awaiting: Bool) async throws {
    try await ask(
      agent, "POST", "/v1/tickets/\(id)/replies", ["text": words, "awaits_customer": awaiting], expecting: 201)
  }

  /// Returns the kinds of a ticket's timeline entries with their actors, in order.
  func timeline(of id: String) async throws -> [String] {
    let entries = try await ask(.eve, "GET", "/v1/tickets/\(id)/timeline", expecting: 200).body["entries"]
    return (entries as? [[String: Any]] ?? []).map { "\($0["kind"] ?? "") by \($0["actor"] ?? "")" }
  }

  /// Returns a ticket's links to others: kind and identifier.
  func links(of id: String) async throws -> [String] {
    let tied = try await ask(.eve, "GET", "/v1/tickets/\(id)", expecting: 200).body["links"]
    return (tied as? [[String: Any]] ?? []).map { "\($0["kind"] ?? "") \($0["ticket_id"] ?? "")" }
  }
}
