import Curl
import DeskCore

/// A served desk, and requests to it whose bodies are read as JSON.
struct ServedDesk: Sendable {
  struct Answer: Sendable {
    let status: Int
    let body: JSONValue?
    let text: String
    /// The header `ETag`.
    let tag: String?
  }

  let desk: StaffedDesk
  private let client: HTTPClient
  private let url: String

  static func with(
    adding sections: String = "", _ body: @escaping @Sendable (ServedDesk) async throws -> Void
  ) async throws {
    try await StaffedDesk.serving(adding: sections) { desk, client, url in
      try await body(ServedDesk(desk: desk, client: client, url: url))
    }
  }

  /// - Parameters:
  ///   - bearer: the caller's key.
  ///   - key: the `Idempotency-Key`.
  ///   - match: the value of `If-Match`.
  func ask(
    _ method: String, _ path: String, _ bearer: String, _ body: String? = nil, key: String? = nil,
    match: String? = nil
  ) async throws -> Answer {
    var headers: HTTPHeaders = ["authorization": "Bearer \(bearer)"]
    if body != nil { headers.add(name: "content-type", value: "application/json") }
    if let key { headers.add(name: "idempotency-key", value: key) }
    if let match { headers.add(name: "if-match", value: match) }
    let response = try await client.send(
      HTTPClient.Request(method: method, url: url + path, headers: headers, body: body.map { Array($0.utf8) } ?? []))
    let text = String(decoding: response.body, as: UTF8.self)
    return Answer(status: response.status, body: JSONValue(json: text), text: text, tag: response.headers["etag"])
  }
}
