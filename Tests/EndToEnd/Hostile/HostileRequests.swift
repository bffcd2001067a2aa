import Foundation
import TestKit

/// Generates hostile HTTP requests from an OpenAPI description: every operation with valid, unusual and broken paths, queries, headers
/// and bodies, reproducible by seed. The framing is valid, so that requests can follow each other on one connection.
struct HostileRequests: Sendable {
  private struct Operation: Sendable {
    let method: String
    let path: String
    let bodies: [[UInt8]]
  }

  private let operations: [Operation]
  private let key: String
  private var mutator: Mutator
  private var bodyMutators: [Mutator]

  /// - Parameters:
  ///   - description: the service's own OpenAPI document.
  ///   - identifiers: identifiers of existing objects, so that some requests get past the first look-up.
  ///   - key: a valid bearer key.
  init(description: [String: Any], identifiers: [String], key: String, seed: UInt64) throws {
    let words = Self.words + identifiers.map { Array($0.utf8) }
    mutator = Mutator(seed: seed, corpus: words, words: words)
    self.key = key
    let paths = description["paths"] as? [String: [String: Any]] ?? [:]
    var operations: [Operation] = []
    for (path, methods) in paths.sorted(by: { $0.key < $1.key }) {
      // A stream never ends, so nothing can follow it.
      for method in methods.keys.sorted() where !path.hasSuffix("/stream") {
        operations.append(Operation(method: method.uppercased(), path: path, bodies: Self.bodies(for: path)))
      }
    }
    self.operations = operations
    bodyMutators = operations.enumerated().map { place, operation in
      Mutator(seed: seed &+ UInt64(place) &+ 1, corpus: operation.bodies, words: words)
    }
  }

  /// The number of operations.
  var count: Int { operations.count }

  /// Returns the next request.
  mutating func next(_ number: Int) -> [UInt8] {
    let index = number % operations.count
    let operation = operations[index]
    var target = ""
    for part in operation.path.split(separator: "/") {
      target +=
        "/"
        + (part.hasPrefix("{")
          ? Self.encoded(mutator.happens(oneIn: 2) ? plain() : mutator.next(), &mutator) : String(part))
    }
    if mutator.happens(oneIn: 3) {
      let names = ["from", "to", "zone", "language", "done", "limit", "after", "state", "%00", "from[]", ""]
      target +=
        "?"
        + (0..<3).map { _ in
          mutator.pick(names) + "=" + Self.encoded(mutator.happens(oneIn: 2) ? plain() : mutator.next(), &mutator)
        }.joined(separator: "&")
    }
    let body = operation.method == "GET" && !mutator.happens(oneIn: 20) ? [] : bodyMutators[index].next()
    var head = "\(operation.method) \(target) HTTP/1.1\r\nHost: desk\r\n"
    // Wrong keys are rare: each address may send only a limited number.
    head += "Authorization: Bearer \(mutator.happens(oneIn: 20_000) ? "fd_wrong" : key)\r\n"
    if !body.isEmpty || operation.method != "GET" {
      head += "Content-Length: \(body.count)\r\n"
      let types = ["application/json", "application/json; charset=utf-8", "application/x-ndjson", "text/plain", ""]
      head += "Content-Type: \(mutator.happens(oneIn: 10) ? mutator.pick(types) : types[0])\r\n"
    }
    for name in ["Idempotency-Key", "traceparent", "Accept-Language", "X-Forwarded-For", "Content-Encoding"]
    where mutator.happens(oneIn: 8) {
      // The characters allowed in a header field (RFC 9110, 5.5); anything else ends the connection in the parser.
      let value = mutator.next().filter { $0 >= 0x20 && $0 != 0x7F }.prefix(200)
      head += "\(name): \(String(decoding: value.filter { $0 < 0x80 }, as: UTF8.self))\r\n"
    }
    return Array(head.utf8) + [13, 10] + body
  }

  private mutating func plain() -> [UInt8] { mutator.pick(Self.words) }

  /// Percent-encodes a text, mostly correctly, sometimes not.
  private static func encoded(_ bytes: [UInt8], _ mutator: inout Mutator) -> String {
    var text = ""
    for byte in bytes.prefix(400) {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
        text.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16)
        text += "%" + (digits.count < 2 ? "0" : "") + digits
      }
    }
    if mutator.happens(oneIn: 30) { text += "%" }
    if mutator.happens(oneIn: 30) { text += "%zz" }
    return text
  }

  private static let words: [[UInt8]] =
    [
      "00000000-0000-7000-8000-000000000000", "agent-001", "web", "general", "queue", "day", "agent", "Asia/Shanghai",
      "2026-03-02", "2026-02-30", "0000-01-01", "9999-12-31", "294248-01-01T00:00:00Z", "2026-03-02T09:30:00Z",
      "9999-12-31T23:59:59Z", "-1", "0", "9223372036854775807", "-9223372036854775808", "1e308", "1e999", "NaN", "true",
      "false", "null", "", "é", "e\u{301}", "包裹", "\u{200B}", "\u{202E}", "\u{1B}[31m", "../../etc/passwd", "%", "\0",
      "Africa/Cairo", "GMT+25", "zh-CN", "en;q=0", "*", "'", "\"", ";--", "{}", "[]", "\\", "\r\n", "a b",
    ].map { Array($0.utf8) } + [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0]]

  /// Valid bodies of an operation, to be mutated.
  private static func bodies(for path: String) -> [[UInt8]] {
    let known: [(String, [String])] = [
      (
        "presence",
        [
          #"{"presence":"available"}"#, #"{"presence":"away","reason":"lunch","until":"2027-03-02T09:30:00Z"}"#,
          #"{"presence":"away","reason":"lunch","until":"294248-01-01T00:00:00Z"}"#,
        ]
      ),
      ("replies", [#"{"text":"Hello","awaits_customer":true,"attachments":[{"url":"https://example.com/a.png"}]}"#]),
      ("notes", [#"{"text":"asked the carrier"}"#]), ("label", [#"{"category":"refund","reason":"wrong"}"#]),
      ("transfer", [#"{"queue":"returns","reason":"theirs"}"#, #"{"agent":"agent-002","reason":"theirs"}"#]),
      ("links", [#"{"ticket_id":"00000000-0000-7000-8000-000000000000","reason":"same"}"#]),
      ("merge", [#"{"into":"00000000-0000-7000-8000-000000000000","reason":"same"}"#]),
      ("customers", [#"{"tier":"vip","dedicated_agent":"agent-001","reason":"contract"}"#]),
      ("done", [#"{"outcome":"called back"}"#]), ("priority", [#"{"priority":"high","reason":"angry"}"#]),
      ("feedback", [#"{"solved":true,"rating":5,"comment":"thanks"}"#]),
      (
        "messages",
        [
          #"{"id":"f1","customer":"ann","text":"Where is my parcel?","sent_at":"2026-11-22T08:30:00Z"}"#,
          #"[{"id":"f2","customer":"李雷","text":"包裹","attributes":{"order":"A-1"},"attachments":[{"url":"https://example.com/a"}]}]"#,
          #"[{"id":"é","customer":"c","text":"t"},{"id":"é","customer":"c","text":"t"},{"id":"x","customer":"c","text":"hi \ud83d"}]"#,
          "{\"id\":\"f3\",\"customer\":\"c\",\"text\":\"t\",\"contact\":{\"email\":\"a@example.com\"}}\n",
        ]
      ),
    ]
    let found = known.first { path.contains($0.0) }?.1 ?? [#"{"reason":"because"}"#, "{}"]
    return found.map { Array($0.utf8) }
  }
}
