/// The table of invalid requests. Each row is valid except for the one thing that its name describes.
struct BadRequests {
  let keys: ClientKeys
  private let marker = BadRequest.marker

  var all: [BadRequest] { noHTTP + heads + bodies + messages + console }

  private func post(
    _ name: String, _ body: String, fields: [String: String] = [:], endsSending: Bool = false, _ status: Int,
    _ field: String
  ) -> BadRequest {
    post(name, Array(body.utf8), fields: fields, endsSending: endsSending, status, field)
  }

  private func post(
    _ name: String, _ body: [UInt8], fields: [String: String] = [:], endsSending: Bool = false, _ status: Int,
    _ field: String
  ) -> BadRequest {
    BadRequest(
      name, .intake, "POST /v1/messages", key: keys.channel, fields: fields, body, endsSending: endsSending,
      refusal: .problem(status, field: field))
  }

  private var good: String { #"{"id":"bad","customer":"c","text":"\#(marker)"}"# }

  /// Requests that the server's HTTP parser refuses, before there is a request that could be answered with a problem.
  private var noHTTP: [BadRequest] {
    let head = "POST /v1/messages HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer \(keys.channel)\r\n"
    return [
      BadRequest("NUL bytes", raw: [0, 0, 0, 0, 13, 10, 13, 10]),
      BadRequest("random bytes", raw: [0xFF, 0xFE, 0x01, 0x80, 13, 10, 13, 10]),
      BadRequest(
        "a TLS greeting", raw: [0x16, 3, 1, 0, 0xC8, 1, 0, 0, 0xC4, 3, 3] + [UInt8](repeating: 7, count: 200)),
      BadRequest("an HTTP/2 preface", raw: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
      BadRequest("an invalid method", raw: "BREW /v1/messages HTTP/1.1\r\nHost: desk\r\n\r\n"),
      BadRequest("an invalid version", raw: "GET /v1/gateway HTTP/9.9\r\nHost: desk\r\n\r\n"),
      BadRequest("two lengths", raw: head + "Content-Length: 3\r\nContent-Length: 5\r\n\r\n{}   "),
      BadRequest("a length and chunks", raw: head + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
      BadRequest("a negative length", raw: head + "Content-Length: -5\r\n\r\n{}"),
      BadRequest("a NUL in a field", raw: head + "X-Note: a\0b\r\n\r\n"),
      BadRequest("a space in a field's name", raw: head + "X Note: a\r\n\r\n"),
      BadRequest("a folded field", raw: head + "X-Note: a\r\n b\r\n\r\n"),
      BadRequest("a field of 20,000 bytes", raw: head + "X-Note: \(String(repeating: "a", count: 20_000))\r\n\r\n"),
      BadRequest(
        "300 fields", raw: head + (0..<300).map { "X-\($0): a\r\n" }.joined() + "\r\n"),
      BadRequest("a path of 20,000 bytes", raw: "GET /\(String(repeating: "a", count: 20_000)) HTTP/1.1\r\n\r\n"),
      BadRequest("random bytes for the console", raw: [0xFF, 0xFE, 0x01, 0x80, 13, 10, 13, 10], door: .console),
    ]
  }

  /// The body is valid, the head is not.
  private var heads: [BadRequest] {
    let unknown = String(repeating: "k", count: 40)
    func get(_ name: String, _ target: String, _ refusal: BadRequest.Refusal = .nothingThere) -> BadRequest {
      BadRequest(name, .intake, target, key: keys.channel, refusal: refusal)
    }
    return [
      post("no key", good, fields: ["Authorization": ""], 401, "Authorization"),
      post("a password", good, fields: ["Authorization": "Basic YTpi"], 401, "Authorization"),
      post("a short key", good, fields: ["Authorization": "Bearer k"], 401, "Authorization"),
      post("a key with a space", good, fields: ["Authorization": "Bearer \(unknown) k"], 401, "Authorization"),
      post(
        "a long key", good,
        fields: ["Authorization": "Bearer " + unknown + unknown + unknown + unknown + unknown + unknown + unknown], 401,
        "Authorization"),
      post("an unknown key", good, fields: ["Authorization": "Bearer \(unknown)"], 401, "Authorization"),
      post("an agent's key", good, fields: ["Authorization": "Bearer \(keys.agent)"], 403, "Authorization"),
      post("no type", good, fields: ["Content-Type": ""], 415, "Content-Type"),
      post("another type", good, fields: ["Content-Type": "text/xml"], 415, "Content-Type"),
      post(
        "another character set", good, fields: ["Content-Type": "application/json; charset=latin1"], 415, "Content-Type"
      ),
      post("a compressed body", good, fields: ["Content-Encoding": "gzip"], 415, "Content-Encoding"),
      post("an idempotency key with a space", good, fields: ["Idempotency-Key": "a b"], 400, "Idempotency-Key"),
      post(
        "a long idempotency key", good, fields: ["Idempotency-Key": unknown + unknown + unknown + unknown + unknown],
        400, "Idempotency-Key"),
      post("a terabyte announced", "", fields: ["Content-Length": "1099511627776"], 413, "Content-Length"),
      post("a truncated body", good, fields: ["Content-Length": "500"], endsSending: true, 400, ""),
      post(
        "a chunk without a size", "zz\r\n{}\r\n0\r\n\r\n",
        fields: ["Content-Length": "", "Transfer-Encoding": "chunked"], 400, ""),
      post(
        "five megabytes in chunks",
        (0..<5).map { _ in "100000\r\n" + String(repeating: " ", count: 0x100000) + "\r\n" }.joined() + "0\r\n\r\n",
        fields: ["Content-Length": "", "Transfer-Encoding": "chunked"], 413, ""),
      get("an unknown path", "GET /v1/nowhere", .problem(404, field: "path")),
      get("a path traversal", "GET /v1/../../etc/passwd", .problem(404, field: "path")),
      get("another method", "PUT /v1/messages", .problem(405, field: "method")),
      get("no identifier", "GET /v1/messages/%00%ff"),
      get("an identifier of nothing", "GET /v1/tickets/00000000-0000-7000-8000-000000000000"),
    ]
  }

  /// The body is unreadable, or contains no messages.
  private var bodies: [BadRequest] {
    [
      post("nothing", "", 400, ""),
      post("a word", marker, 400, ""),
      post("a number", "42", 422, ""),
      post("a string", "\"\(marker)\"", 422, ""),
      post("null", "null", 422, ""),
      post("an empty array", "[]", 422, ""),
      post("a truncated object", #"{"id":"m","customer":"c","text":"\#(marker)""#, 400, ""),
      post("a truncated string", #"{"text":"\#(marker)"#, 400, ""),
      post("a truncated array", "[\(good)", 400, ""),
      post("trailing data", good + good, 400, ""),
      post("a trailing comma", #"{"id":"m","text":"\#(marker)",}"#, 400, ""),
      post("single quotes", "{'text':'\(marker)'}", 400, ""),
      post("NaN", #"{"id":NaN,"text":"\#(marker)"}"#, 400, ""),
      post("a bare control character", "{\"text\":\"\(marker)\u{1}\"}", 400, ""),
      post("a lone surrogate", #"{"text":"\#(marker)\ud800"}"#, 400, ""),
      post(
        "arrays ten thousand deep", String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000), 400,
        ""),
      post(
        "a thousand and one messages", "[" + Array(repeating: good, count: 1001).joined(separator: ",") + "]", 413, ""),
      post("200,001 values", "[" + String(repeating: "1,", count: 200_000) + "1]", 400, ""),
      post("an invalid byte", Array(#"{"text":"\#(marker)"#.utf8) + [0xFF] + Array("\"}".utf8), 400, ""),
      post("an overlong slash", Array(#"{"text":"\#(marker)"#.utf8) + [0xC0, 0xAF] + Array("\"}".utf8), 400, ""),
      post("half a character", Array(#"{"text":"\#(marker)"#.utf8) + [0xE4, 0xBD] + Array("\"}".utf8), 400, ""),
      post("UTF-16", [0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00], 400, ""),
      post("NUL bytes as body", [0, 0, 0, 0], 400, ""),
      post("a trailing NUL", Array(good.utf8) + [0], 400, ""),
      post("lines without a message", " \n\r\n", fields: ["Content-Type": "application/x-ndjson"], 422, ""),
    ]
  }

  /// One message, invalid in one field. The others contain the marker.
  private var messages: [BadRequest] {
    func message(_ name: String, _ more: String, _ field: String) -> BadRequest {
      post(name, #"{"id":"bad","customer":"\#(marker)","text":"\#(marker)",\#(more)}"#, 422, field)
    }
    let attachment = #"{"url":"https://example.com/a"}"#
    return [
      post("no id", #"{"customer":"c","text":"\#(marker)"}"#, 422, "/id"),
      post("a number as id", #"{"id":7,"customer":"c","text":"\#(marker)"}"#, 422, "/id"),
      post("a NUL in the id", #"{"id":"m\u0000","customer":"c","text":"\#(marker)"}"#, 422, "/id"),
      post(
        "a long id", #"{"id":"\#(String(repeating: "i", count: 201))","customer":"c","text":"\#(marker)"}"#, 422, "/id"),
      post("no customer", #"{"id":"m","text":"\#(marker)"}"#, 422, "/customer"),
      post("an object as customer", #"{"id":"m","customer":{"name":"\#(marker)"},"text":"t"}"#, 422, "/customer"),
      post("no text", #"{"id":"m","customer":"\#(marker)"}"#, 422, "/text"),
      post("an empty text", #"{"id":"m","customer":"\#(marker)","text":""}"#, 422, "/text"),
      post("an array as text", #"{"id":"m","customer":"c","text":["\#(marker)"]}"#, 422, "/text"),
      post("a NUL in the text", #"{"id":"m","customer":"c","text":"\#(marker)\u0000"}"#, 422, "/text"),
      post(
        "a long text", #"{"id":"m","customer":"c","text":"\#(marker)\#(String(repeating: "t", count: 20_000))"}"#, 422,
        "/text"),
      message("another channel", #""channel":"email""#, "/channel"),
      message("an unknown field", #""priority":1"#, ""),
      message("a field in the wrong case", #""Text":"\#(marker)""#, ""),
      message("a flag as subject", #""subject":true"#, "/subject"),
      message("a long subject", #""subject":"\#(marker)\#(String(repeating: "s", count: 500))""#, "/subject"),
      message("an invalid date", #""sent_at":"2026-02-29T10:00:00Z""#, "/sent_at"),
      message("a number as timestamp", #""sent_at":1700000000"#, "/sent_at"),
      message("attributes in an array", #""attributes":["\#(marker)"]"#, "/attributes"),
      message(
        "51 attributes", #""attributes":{\#((0...50).map { #""a\#($0)":"v""# }.joined(separator: ","))}"#, "/attributes"
      ),
      message("a string as attachment", #""attachments":["\#(marker)"]"#, "/attachments/0"),
      message("a file as attachment", #""attachments":[{"url":"file:///etc/passwd"}]"#, "/attachments/0/url"),
      message(
        "21 attachments", #""attachments":[\#(Array(repeating: attachment, count: 21).joined(separator: ","))]"#,
        "/attachments"),
    ]
  }

  // MARK: The console

  private var console: [BadRequest] {
    let presence = "PUT /v1/agents/me/presence"
    let replies = "POST /v1/tickets/00000000-0000-7000-8000-000000000000/replies"
    func call(
      _ name: String, _ target: String, _ body: String, key: String? = nil, fields: [String: String] = [:],
      endsSending: Bool = false, _ status: Int, _ field: String
    ) -> BadRequest {
      BadRequest(
        name, .console, target, key: key ?? keys.agent, fields: fields, Array(body.utf8), endsSending: endsSending,
        refusal: .problem(status, field: field))
    }
    return [
      call("console: no key", "GET /v1/agents/me", "", fields: ["Authorization": ""], 401, "Authorization"),
      call(
        "console: an unknown key", "GET /v1/agents/me", "", key: String(repeating: "k", count: 40), 401, "Authorization"
      ),
      call("console: a channel's key", "GET /v1/agents/me", "", key: keys.channel, 403, "Authorization"),
      call(
        "console: an auditor who acts", presence, #"{"presence":"available"}"#, key: keys.auditor, 403, "Authorization"),
      call(
        "console: no type", presence, #"{"presence":"available"}"#, fields: ["Content-Type": ""], 415, "Content-Type"),
      call("console: no body", presence, "", 400, ""),
      call("console: an array", presence, "[]", 400, ""),
      call("console: a truncated object", presence, #"{"presence":"avail"#, 400, ""),
      call("console: a truncated body", presence, "{}", fields: ["Content-Length": "50"], endsSending: true, 400, ""),
      call("console: objects ten thousand deep", presence, String(repeating: #"{"a":"#, count: 10_000), 400, ""),
      call("console: a body too large", presence, "", fields: ["Content-Length": "300000"], 413, "Content-Length"),
      call("console: a number as presence", presence, #"{"presence":1}"#, 422, "/presence"),
      call("console: an invalid presence", presence, #"{"presence":"asleep"}"#, 422, "/presence"),
      call("console: an unknown field", presence, #"{"presence":"available","until":"noon"}"#, 422, "/until"),
      call("console: a blank reply", replies, #"{"text":"  "}"#, 422, "/text"),
      call("console: a NUL in a reply", replies, #"{"text":"\#(marker)\u0000"}"#, 422, "/text"),
      call(
        "console: a word as flag", replies, #"{"text":"\#(marker)","awaits_customer":"yes"}"#, 422, "/awaits_customer"),
      call(
        "console: an idempotency key with a space", replies, #"{"text":"\#(marker)"}"#,
        fields: ["Idempotency-Key": "a b"], 400, "Idempotency-Key"),
      BadRequest(
        "console: a reply to nothing", .console, replies, key: keys.agent, Array(#"{"text":"\#(marker)"}"#.utf8),
        refusal: .nothingThere),
      BadRequest(
        "console: an invalid offer", .console, "POST /v1/offers/x/accept", key: keys.agent, refusal: .nothingThere),
    ]
  }
}
