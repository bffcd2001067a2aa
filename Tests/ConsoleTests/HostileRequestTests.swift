import DeskCore
import HTTPTypes
import Store
import TestKit
import Testing

@testable import Console

/// Requests that no client would send, over sockets: every one is answered, none with a server error, and the console stays up.
///
/// `FuzzSettings` sets their number (half as many again) and the seed.
@Suite struct HostileRequestTests {
  private static let inputs = FuzzSettings.inputs + FuzzSettings.inputs / 2

  @Test func noRequestCausesAServerError() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let (ticket, offer) = try await desk.offered(to: "ann")
      let closed = try await desk.queued(from: "carl")
      let target = try await desk.queued(from: "cyn")
      _ = try await desk.desk.merge(
        closed.id, into: target.id, by: ActingAgent("bob", leads: true), reason: "r", acrossCustomers: true)
      let names = [
        "\(ticket.id)", "\(closed.id)", "\(target.id)", "\(offer)", "ann", "web", "replies", "cara", "day", "queue",
      ]
      let keys = try await [
        desk.key(.agent, agent: "ann"), desk.key(.lead, agent: "bob"), desk.key(.operator), desk.key(.auditor),
      ]
      let port = try #require(url.split(separator: ":").last.flatMap { Int($0) })
      let faults = try await RawConnection.blocking {
        var random = SeededGenerator(seed: FuzzSettings.seed)
        var faults: [String] = []
        for number in 0..<HostileRequestTests.inputs {
          let request = HostileRequest(names: names, keys: keys, using: &random)
          let answer = try HostileRequestTests.send(request.bytes, to: port)
          // A connection that is closed without an answer means that the request was invalid.
          let status = answer.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 400
          if status >= 500 && status != 503 {
            faults.append("seed \(FuzzSettings.seed), request \(number), \(status): \(request.line)")
          }
        }
        return faults
      }
      #expect(faults.isEmpty, "\(faults.prefix(5))")
      let alive = try HostileRequestTests.send(
        Array("GET /openapi.json HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8), to: port)
      #expect(alive.hasPrefix("HTTP/1.1 200"))
    }
  }

  /// Sends bytes and reads the beginning of the answer; nothing when the connection is closed first.
  private static func send(_ bytes: [UInt8], to port: Int) throws -> String {
    let connection = try RawConnection(to: port)
    connection.sendAll(bytes)
    // A truncated request ends here, so that the server does not wait for the rest.
    connection.endSending()
    return connection.readSome(512, within: 5000)
  }
}

/// A request to a console endpoint in which every part may be invalid.
private struct HostileRequest {
  /// Its first line, for reports.
  let line: String
  let bytes: [UInt8]

  private static let pieces = [
    "", "%00", "%zz", "%", "%ff", "%C3%28", "..", "%2e%2e", "%2F", "a", "%20", "+", "é", "\u{1F600}", "'", "\"", ";",
    "\\",
    "00000000-0000-7000-8000-000000000001", "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "-1", "9223372036854775808", String(repeating: "a", count: 3000), "294248-01-01T00:00:00Z",
  ]
  private static let values = [
    "null", "true", "-0", "1e999", "9223372036854775808", "[]", "{}", "[[]]", "\"\"", #""a""#, #""\u0000""#,
    #""\ud800""#,
    #""\u200b""#, #""294248-01-01T00:00:00Z""#, #""2027-02-30T00:00:00Z""#, #""9999-12-31T23:59:59.999999999Z""#,
    #""1970-01-01T00:00:00+23:59""#, #""away""#, #""available""#, #""urgent""#, #""vip""#, #""parcels""#, #""ann""#,
    #"[{"url":"https://u:p@a/"}]"#, #"[{"url":"https://a.example/\r\n"}]"#,
    #"[{"url":"https://a.example/b","media_type":"a/b\r\nX: y","name":"\u0000"}]"#,
  ]
  private static let fields = [
    "presence", "reason", "until", "text", "awaits_customer", "attachments", "category", "intent", "message_id",
    "queue",
    "agent", "ticket_id", "into", "tier", "dedicated_agent", "channel", "customer", "join_id", "outcome", "priority",
    "unknown",
  ]
  private static let queries = ["from", "to", "zone", "language", "done", "%00", "x"]
  private static let queryValues = [
    "1970-01-01", "9999-12-31", "2026-02-30", "0000-00-00", "294248-01-01", "Asia/Kolkata", "../../etc/passwd",
    "GMT%2B25",
    "posixrules", "%ff", "%", "true", "zh", "",
  ]

  init(names: [String], keys: [String], using random: inout SeededGenerator) {
    func pick<Element>(_ elements: [Element]) -> Element { elements[Int.random(in: elements.indices, using: &random)] }
    func isTrue(_ of: Int) -> Bool { Int.random(in: 0..<of, using: &random) == 0 }
    let endpoint = pick(ConsoleEndpoint.table)
    var path = ""
    for part in endpoint.path.split(separator: "/") {
      path += "/" + (part.hasPrefix("{") ? (isTrue(3) ? pick(Self.pieces) : pick(names)) : String(part))
    }
    if isTrue(3) {
      path +=
        "?"
        + (0..<Int.random(in: 1...4, using: &random)).map { _ in pick(Self.queries) + "=" + pick(Self.queryValues) }
        .joined(separator: "&")
    }
    line = "\(endpoint.method.rawValue) \(path)"
    let known = (0..<Int.random(in: 0...5, using: &random)).map { _ in "\"\(pick(Self.fields))\":\(pick(Self.values))" }
    var body = Array(("{" + known.joined(separator: ",") + "}").utf8)
    if isTrue(6), !body.isEmpty {
      body[Int.random(in: body.indices, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
    }
    if isTrue(12) { body = Array(String(repeating: pick(["[", "{\"a\":", "\\"]), count: 5000).utf8) }
    var head = line + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer \(pick(keys))\r\n"
    head +=
      "Content-Type: \(pick(["application/json", "application/json", "application/json", "text/plain", "application/json; charset=\"", ";"]))\r\n"
    if isTrue(4) {
      head += "Idempotency-Key: \(pick(["k", "a b", "é", "\"", String(repeating: "k", count: 191), ""]))\r\n"
    }
    if isTrue(8) { head += "traceparent: \(pick(["00-0-0-0", String(repeating: "0", count: 55), "ff-é", "00--"]))\r\n" }
    head +=
      "Content-Length: \(isTrue(12) ? pick(["-1", "99999999999999999999", "1", "abc", "300000"]) : "\(body.count)")\r\n\r\n"
    bytes = Array(head.utf8) + body
  }
}
