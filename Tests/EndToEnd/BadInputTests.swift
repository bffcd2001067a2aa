import Foundation
import Testing
import ZeroMQ

/// Input from strangers and faulty clients: clearly reported, refused, and not stored.
@Suite("Bad input", .serialized)
struct BadInputTests {
  @Test("is answered with the reason, changes nothing and crashes nothing", .timeLimit(.minutes(6)))
  func everythingWrong() async throws {
    try await RunningDesk.with { desk in
      let keys = try ClientKeys(desk)
      let goodBody = #"{"id":"good-1","customer":"c","text":"\#(BadRequest.marker)"}"#
      #expect(try await post(goodBody, keys).status == 202)
      let processes = try processes(of: desk)
      let accepted = try await acceptedMessages(of: desk)
      #expect(accepted == 1)

      let requests = BadRequests(keys: keys).all
      #expect(requests.count + BadFrames.all.count >= 60)
      for request in requests { try await send(request, keys) }
      try await sendFrames(keys)
      try await knockAsStrangers(keys)

      #expect(try await acceptedMessages(of: desk) == accepted, "no row was added")
      #expect(try self.processes(of: desk) == processes, "every process is running, and none was replaced")
      let again = try await post(goodBody, keys)
      #expect(again.status == 202 && again.text.contains(#""status":"duplicate""#), "\(again.text)")
      #expect(try await post(goodBody.replacing("good-1", with: "good-2"), keys).status == 202)
      #expect(try await acceptedMessages(of: desk) == accepted + 1)
      try expectSilentLogs(of: desk)
    }
  }

  @Test("is rejected alone among good messages", .timeLimit(.minutes(3)))
  func oneWrongAmongMany() async throws {
    try await RunningDesk.with { desk in
      let keys = try ClientKeys(desk)
      let answer = try await post(
        #"[{"id":"a","customer":"c","text":"t"},{"id":"b","customer":"c"},{"id":"c","customer":"c","text":"t"}]"#, keys)
      #expect(answer.status == 202)
      let results = try #require(object(answer.body)["results"] as? [[String: Any]])
      #expect(results.map { $0["status"] as? String } == ["accepted", "rejected", "accepted"])
      #expect((results[1]["problem"] as? [String: Any])?["field"] as? String == "/text")
      #expect(try await acceptedMessages(of: desk) == 2)

      // Half an emoji, as left by a client that truncates texts by UTF-16 units.
      let cut = try await post(
        #"[{"id":"d","customer":"c","text":"t"},{"id":"e","customer":"c","text":"hi \ud83d"},{"id":"f","customer":"c","text":"t"}]"#,
        keys)
      #expect(cut.status == 202)
      let others = try #require(object(cut.body)["results"] as? [[String: Any]])
      #expect(others.map { $0["status"] as? String } == ["accepted", "rejected", "accepted"])
      #expect(others.map { $0["id"] as? String } == ["d", "e", "f"])
      #expect(try await acceptedMessages(of: desk) == 4)
    }
  }

  @Test("does not include foreign clients: plain HTTP, and REQ or DEALER with JSON", .timeLimit(.minutes(3)))
  func foreignClients() async throws {
    try await RunningDesk.with { desk in
      let keys = try ClientKeys(desk)
      let body = { (id: String) in #"{"id":"\#(id)","customer":"c","text":"Where is my parcel?"}"# }
      let byHTTP = try await post(body("one"), keys)
      #expect(byHTTP.status == 202, "\(byHTTP.text)")
      let message = try #require(object(byHTTP.body)["message_id"] as? String)

      let json = Array("application/json".utf8)
      func ask(_ frames: [[UInt8]], _ kind: Socket.Kind) async throws -> [[UInt8]] {
        let answers = try await ClientChannel.ask(
          [frames], at: keys.channelEndpoint, kind: kind, security: keys.security)
        return try #require(answers[0])
      }
      func result(_ body: [UInt8]) throws -> [String: Any] {
        try #require((object(body)["results"] as? [[String: Any]])?.first)
      }
      // A DEALER that writes the delimiter itself gets it back; a REQ socket's is added and removed by libzmq.
      let byDealer = try await ask([[], [1, 2], json, Array(body("two").utf8)], .dealer)
      #expect(Array(byDealer.prefix(3)) == [[], [1, 2], json])
      let second = try result(try #require(byDealer.last))
      #expect(second["status"] as? String == "accepted")
      let byRequest = try await ask([[], json, Array(body("three").utf8)], .request)
      #expect(Array(byRequest.prefix(2)) == [[], json], "an empty request id is one")
      #expect(try result(try #require(byRequest.last))["status"] as? String == "accepted")

      // Over the other transport, each message is a duplicate.
      let repeated = try result(try #require(try await ask([[3], json, Array(body("one").utf8)], .request).last))
      #expect(repeated["status"] as? String == "duplicate" && repeated["message_id"] as? String == message)
      let known = try object(try await post(body("two"), keys).body)
      #expect(known["status"] as? String == "duplicate")
      #expect(known["message_id"] as? String == second["message_id"] as? String)
      #expect(try await acceptedMessages(of: desk) == 3)
    }
  }

  // MARK: Rows of the tables

  private func send(_ request: BadRequest, _ keys: ClientKeys) async throws {
    let port = request.door == .intake ? keys.intakePort : keys.consolePort
    let answer = try await ClientConnection.exchange(port: port, request.bytes, endsSending: request.endsSending)
    #expect(!answer.text.contains(BadRequest.marker), "\(request.name) repeats the customer's text")
    switch request.refusal {
    case .noHTTP:
      #expect(answer.status == 400 && answer.body.isEmpty, "\(request.name): \(answer.status) \(answer.text)")
    case .nothingThere:
      let problem = try problem(answer, of: request.name)
      #expect(answer.status == 404 && problem["detail"] is String, "\(request.name): \(answer.text)")
    case .problem(let status, let field):
      let problem = try problem(answer, of: request.name)
      #expect(answer.status == status, "\(request.name): \(answer.status) \(answer.text)")
      let errors = problem["errors"] as? [[String: Any]] ?? []
      let error = errors.first { $0["field"] as? String == field }
      for part in ["detail", "remedy"] {
        #expect((error?[part] as? String)?.isEmpty == false, "\(request.name) names no \(part): \(answer.text)")
      }
    }
  }

  private func problem(_ answer: ClientConnection.Answer, of name: String) throws -> [String: Any] {
    #expect(answer.fields["content-type"] == "application/problem+json", "\(name): \(answer.fields)")
    let problem = (try? object(answer.body)) ?? [:]
    #expect(problem["status"] as? Int == answer.status, "\(name): \(answer.text)")
    return problem
  }

  private func sendFrames(_ keys: ClientKeys) async throws {
    let answers = try await ClientChannel.ask(
      BadFrames.all.map(\.frames), at: keys.channelEndpoint, security: keys.security)
    for (request, frames) in zip(BadFrames.all, answers) {
      guard let frames, frames.count >= 3 else {
        Issue.record("\(request.name): no answer")
        continue
      }
      let text = String(decoding: frames[frames.count - 1], as: UTF8.self)
      #expect(!text.contains(BadRequest.marker), "\(request.name) repeats the customer's text")
      let contentType = String(decoding: frames[frames.count - 2], as: UTF8.self)
      switch request.refusal {
      case .problem(let kind):
        #expect(contentType == "application/problem+json", "\(request.name): \(text)")
        let problem = (try? object(frames[frames.count - 1])) ?? [:]
        #expect(problem["type"] as? String == "urn:frontdesk:problem:\(kind)", "\(request.name): \(text)")
        #expect(problem["status"] is Int && problem["title"] is String, "\(request.name): \(text)")
        let error = (problem["errors"] as? [[String: Any]])?.first
        for part in ["detail", "remedy"] {
          #expect((error?[part] as? String)?.isEmpty == false, "\(request.name) names no \(part): \(text)")
        }
      case .rejected(let field):
        let result = try #require(FirstResult(contentType, frames[frames.count - 1]), "\(request.name): \(text)")
        #expect(result.isRejected && result.field == field && !result.detail.isEmpty, "\(request.name): \(text)")
      }
    }
  }

  /// The wrong key, no key, another server's key, and bytes that are not ZMTP.
  private func knockAsStrangers(_ keys: ClientKeys) async throws {
    let stranger = try CurveKeyPair.generate()
    let securities: [(String, SocketOptions.Security)] = [
      ("no CURVE", .none),
      ("an unknown CURVE key", .curveClient(keys: stranger, server: keys.server)),
      ("another server's key", .curveClient(keys: keys.curve, server: stranger.publicKey)),
    ]
    for (name, security) in securities {
      let isLetIn = try await HandshakeProbe.isLetIn(at: keys.channelEndpoint, as: .dealer, security: security)
      #expect(!isLetIn, "\(name) is admitted")
    }
    #expect(
      try await HandshakeProbe.isLetIn(at: keys.channelEndpoint, as: .dealer, security: keys.security),
      "the right key is")
    let greeting: [UInt8] = [0xFF] + [UInt8](repeating: 0, count: 8) + [0x7F, 3]
    let garbage: [[UInt8]] = [
      Array("GET / HTTP/1.1\r\n\r\n".utf8), [UInt8](repeating: 0, count: 1000), [UInt8](repeating: 0xFF, count: 1000),
      greeting, greeting + Array("PLAIN".utf8) + [UInt8](repeating: 0xFF, count: 2000),
      greeting + [0] + Array("CURVE".utf8) + [UInt8](repeating: 0, count: 100_000),
    ]
    for bytes in garbage {
      let answer = try await ClientConnection.exchange(port: keys.channelPort, bytes, endsSending: true)
      #expect(answer.status == 0, "the connection ends, after libzmq's greeting at most")
    }
  }

  // MARK: Checks before and after

  private func post(_ body: String, _ keys: ClientKeys) async throws -> ClientConnection.Answer {
    let head = """
      POST /v1/messages HTTP/1.1\r
      Host: desk\r
      Authorization: Bearer \(keys.channel)\r
      Content-Type: application/json\r
      Content-Length: \(body.utf8.count)\r
      \r

      """
    return try await ClientConnection.exchange(port: keys.intakePort, Array((head + body).utf8))
  }

  private func acceptedMessages(of desk: RunningDesk) async throws -> Int {
    let output = try await desk.expect(["summary", "--json"])
    let figures = try #require(try object(Array(output.utf8))["figures"] as? [String: Any])
    return try #require(figures["accepted"] as? Int)
  }

  private func processes(of desk: RunningDesk) throws -> [String: Int32] {
    let all = try ["intake", "classifier", "router", "sla-watcher", "notifier", "console", "executor", "postgres"]
      .map { try desk.processes(of: $0) }.reduce(into: [:]) { $0.merge($1) { $1 } }
    #expect(all.count >= 8)
    for (name, process) in all { #expect(kill(process, 0) == 0, "\(name) is running") }
    return all
  }

  private func expectSilentLogs(of desk: RunningDesk) throws {
    let logs = try ["log/desk.log", "combined.log", "postgres/server.log"].map {
      String(decoding: try Data(contentsOf: URL(fileURLWithPath: "\(desk.folder)/\($0)")), as: UTF8.self)
    }
    #expect(logs[0].contains("serving HTTP"), "the log is the one that intake writes to")
    for log in logs { #expect(!log.contains(BadRequest.marker)) }
    #expect(!logs[0].contains("request failed"), "a client's mistake is not an error of the service")
  }

  private func object(_ bytes: [UInt8]) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
  }
}
