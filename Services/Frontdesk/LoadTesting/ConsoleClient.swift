import Curl
import DeskCore
import Foundation

/// An agent's client of the console API.
struct ConsoleClient: Sendable {
  /// The parts of the console's ticket that a simulated agent uses.
  struct Ticket: Decodable, Sendable {
    struct Labels: Decodable, Sendable {
      var language: String?
    }

    struct Offer: Decodable, Sendable {
      var offerID: String

      enum CodingKeys: String, CodingKey { case offerID = "offer_id" }
    }

    var id: String
    var state: String
    var queue: String?
    var labels: Labels?
    var offer: Offer?

    enum CodingKeys: String, CodingKey {
      case id = "ticket_id"
      case state, queue, labels, offer
    }
  }

  private struct Tickets: Decodable {
    var tickets: [Ticket]
  }

  /// An event of the agent's stream; see `StreamEvent` of the console.
  enum Event: Sendable {
    case offer(String, Ticket)
    case offerEnded(String, ticket: String)
    /// A ticket of the agent's changed, or went to somebody else.
    case ticket(String, state: String, holder: String?)

    /// - Returns: nil for an event that brings no work.
    init?(_ event: ServerSentEvent) {
      guard let data = try? JSONDecoder().decode(Body.self, from: Data(event.data.utf8)) else { return nil }
      switch (event.type, data.offer, data.ticketID) {
      case ("offer", let offer?, _):
        guard let ticket = data.ticket else { return nil }
        self = .offer(offer, ticket)
      case ("offer_ended", let offer?, let ticket?): self = .offerEnded(offer, ticket: ticket)
      case ("ticket", _, let ticket?):
        guard let state = data.state else { return nil }
        self = .ticket(ticket, state: state, holder: data.agent)
      default: return nil
      }
    }

    private struct Body: Decodable {
      var offer: String?
      var ticket: Ticket?
      var ticketID: String?
      var state: String?
      var agent: String?

      enum CodingKeys: String, CodingKey {
        case ticket, state, agent
        case offer = "offer_id"
        case ticketID = "ticket_id"
      }
    }
  }

  /// An answer other than success.
  struct Refusal: Error {
    let status: Int

    /// Whether the same call may succeed later.
    var isPassing: Bool { IntakeAnswer.mayBeRepeated(status) }
  }

  let client: HTTPClient
  let url: String
  let key: String

  /// Opens the agent's stream, which ends after a silence of a few ping intervals.
  func stream() async throws -> ServerSentEvents {
    let response = try await client.stream(
      request("GET", "/v1/agents/me/stream", timeout: LoadBounds.requestTimeout, idleTimeout: .seconds(30)))
    guard response.status == 200 else { throw Refusal(status: response.status) }
    return response.events()
  }

  func setPresence(_ presence: Presence) async throws {
    _ = try await send("PUT", "/v1/agents/me/presence", body: ["presence": presence.rawValue])
  }

  /// Returns the agent's presence.
  func presence() async throws -> Presence? {
    struct Agent: Decodable {
      let presence: String
    }
    let agent = try JSONDecoder().decode(Agent.self, from: try await send("GET", "/v1/agents/me"))
    return Presence(rawValue: agent.presence)
  }

  /// Returns the agent's tickets and offers.
  func tickets() async throws -> [Ticket] {
    try JSONDecoder().decode(Tickets.self, from: try await send("GET", "/v1/agents/me/tickets")).tickets
  }

  func accept(offer: String) async throws {
    _ = try await send("POST", "/v1/offers/\(offer)/accept")
  }

  func decline(offer: String) async throws {
    _ = try await send("POST", "/v1/offers/\(offer)/decline")
  }

  /// - Parameter requestKey: an idempotency key that makes retries harmless.
  func reply(_ text: String, awaitsCustomer: Bool, to ticket: String, requestKey: String) async throws {
    struct Body: Encodable {
      var text: String
      var awaitsCustomer: Bool

      enum CodingKeys: String, CodingKey {
        case text
        case awaitsCustomer = "awaits_customer"
      }
    }
    _ = try await send(
      "POST", "/v1/tickets/\(ticket)/replies", body: Body(text: text, awaitsCustomer: awaitsCustomer),
      requestKey: requestKey)
  }

  func resolve(_ ticket: String) async throws {
    _ = try await send("POST", "/v1/tickets/\(ticket)/resolve")
  }

  func transfer(_ ticket: String, toQueue queue: String, reason: String) async throws {
    _ = try await send("POST", "/v1/tickets/\(ticket)/transfer", body: ["queue": queue, "reason": reason])
  }

  private func send(_ method: String, _ path: String) async throws -> Data {
    try await answer(to: request(method, path, timeout: LoadBounds.requestTimeout))
  }

  private func send(
    _ method: String, _ path: String, body: some Encodable, requestKey: String? = nil
  ) async throws -> Data {
    var request = request(method, path, timeout: LoadBounds.requestTimeout)
    request.headers.add(name: "Content-Type", value: "application/json")
    if let requestKey { request.headers.add(name: "Idempotency-Key", value: requestKey) }
    request.body = Array(try JSONEncoder().encode(body))
    return try await answer(to: request)
  }

  private func answer(to request: HTTPClient.Request) async throws -> Data {
    let response = try await client.send(request)
    guard (200..<300).contains(response.status) else { throw Refusal(status: response.status) }
    return Data(response.body)
  }

  private func request(
    _ method: String, _ path: String, timeout: Duration?, idleTimeout: Duration? = nil
  ) -> HTTPClient.Request {
    HTTPClient.Request(
      method: method, url: url + path, headers: ["Authorization": "Bearer \(key)"], timeout: timeout,
      idleTimeout: idleTimeout)
  }
}
