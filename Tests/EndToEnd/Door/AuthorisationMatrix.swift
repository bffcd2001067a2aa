/// The authorisation matrix: every HTTP endpoint and every socket of the desk, against every kind of caller.
///
/// The tests compare it with what the running services describe and listen on, so an endpoint or a socket without a row fails them.
enum AuthorisationMatrix {
  /// The kinds of callers.
  enum Bearer: String, CaseIterable, Sendable {
    /// Valid keys, by role.
    case channel, agent, lead, `operator`, auditor
    /// Valid read-only keys.
    case channelThatReads, leadThatReads, operatorThatReads
    /// An operator's revoked key; an expired key; an unknown key; no key.
    case revoked, expired, unknown, noOne

    /// Whether the desk can authenticate the caller.
    var isKnown: Bool {
      switch self {
      case .revoked, .expired, .unknown, .noOne: false
      default: true
      }
    }
  }

  /// One endpoint, and the callers that it admits.
  struct Endpoint: Sendable {
    let method: String
    /// As in the service's description, with parameters in braces.
    let path: String
    /// The status for admitted callers, for a request without a body that names nothing that exists.
    let inside: Int
    let mayEnter: Set<Bearer>
    /// The status for agents instead, for whom missing and foreign resources are indistinguishable.
    var insideForAgent: Int?

    /// Returns the status that a bearer gets.
    func status(for bearer: Bearer) -> Int {
      if mayEnter.contains(bearer) { return bearer == .agent ? insideForAgent ?? inside : inside }
      return bearer.isKnown ? 403 : 401
    }
  }

  private static let everyone = Set(Bearer.allCases)
  private static let people: Set<Bearer> = [.agent, .lead]
  private static let peopleWhoLook: Set<Bearer> = [.agent, .lead, .leadThatReads]
  private static let overseers: Set<Bearer> = [.lead, .operator, .auditor, .leadThatReads, .operatorThatReads]
  private static let inspectors: Set<Bearer> = [.lead, .auditor, .leadThatReads]
  private static let examiners: Set<Bearer> = [.operator, .auditor, .operatorThatReads]
  private static let planners: Set<Bearer> = [.lead, .operator, .leadThatReads, .operatorThatReads]
  private static let staff = overseers.union([.agent])
  private static let staffWhoChange: Set<Bearer> = [.agent, .lead, .operator, .auditor]

  static let intake: [Endpoint] = [
    Endpoint(method: "GET", path: "/openapi.json", inside: 200, mayEnter: everyone),
    Endpoint(method: "GET", path: "/v1/gateway", inside: 200, mayEnter: [.channel, .channelThatReads]),
    Endpoint(method: "GET", path: "/v1/messages/{id}", inside: 404, mayEnter: [.channel, .channelThatReads]),
    Endpoint(method: "GET", path: "/v1/replies", inside: 200, mayEnter: [.channel, .channelThatReads]),
    Endpoint(method: "GET", path: "/v1/replies/stream", inside: 200, mayEnter: [.channel, .channelThatReads]),
    Endpoint(method: "GET", path: "/v1/tickets/{id}", inside: 404, mayEnter: [.channel, .channelThatReads]),
    Endpoint(method: "POST", path: "/v1/messages", inside: 415, mayEnter: [.channel]),
    Endpoint(method: "POST", path: "/v1/replies/receipts", inside: 415, mayEnter: [.channel]),
    Endpoint(method: "POST", path: "/v1/tickets/{id}/feedback", inside: 415, mayEnter: [.channel]),
  ]

  static let console: [Endpoint] = [
    Endpoint(method: "GET", path: "/openapi.json", inside: 200, mayEnter: everyone),
    Endpoint(method: "DELETE", path: "/v1/session", inside: 200, mayEnter: staffWhoChange),
    Endpoint(method: "DELETE", path: "/v1/sessions/{id}", inside: 404, mayEnter: staffWhoChange),
    Endpoint(method: "DELETE", path: "/v1/tickets/{id}/drafts/{kind}", inside: 404, mayEnter: people),
    Endpoint(method: "GET", path: "/v1/agents", inside: 200, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/agents/me", inside: 200, mayEnter: peopleWhoLook),
    Endpoint(method: "GET", path: "/v1/agents/me/drafts", inside: 200, mayEnter: peopleWhoLook),
    Endpoint(method: "GET", path: "/v1/agents/me/inspections", inside: 200, mayEnter: peopleWhoLook),
    Endpoint(method: "GET", path: "/v1/agents/me/stream", inside: 200, mayEnter: peopleWhoLook),
    Endpoint(method: "GET", path: "/v1/agents/me/tickets", inside: 200, mayEnter: peopleWhoLook),
    Endpoint(method: "GET", path: "/v1/audit", inside: 200, mayEnter: examiners),
    Endpoint(method: "GET", path: "/v1/callbacks", inside: 200, mayEnter: staff),
    Endpoint(method: "GET", path: "/v1/consults", inside: 200, mayEnter: peopleWhoLook),
    Endpoint(method: "GET", path: "/v1/crises", inside: 200, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/crises/{id}", inside: 404, mayEnter: overseers),
    Endpoint(
      method: "GET", path: "/v1/customers/{channel}/{customer}", inside: 200, mayEnter: staff, insideForAgent: 404),
    Endpoint(
      method: "GET", path: "/v1/customers/{channel}/{customer}/history", inside: 200, mayEnter: staff,
      insideForAgent: 404),
    Endpoint(method: "GET", path: "/v1/dead-letters", inside: 200, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/dead-letters/{id}", inside: 404, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/directory", inside: 200, mayEnter: staff),
    Endpoint(method: "GET", path: "/v1/feedback", inside: 200, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/feedback.csv", inside: 200, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/follow-ups", inside: 200, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/forecast", inside: 200, mayEnter: planners),
    Endpoint(method: "GET", path: "/v1/forecast/picture.svg", inside: 200, mayEnter: planners),
    Endpoint(method: "GET", path: "/v1/forecast/table.csv", inside: 200, mayEnter: planners),
    Endpoint(method: "GET", path: "/v1/forecast/waits", inside: 200, mayEnter: planners),
    Endpoint(method: "GET", path: "/v1/hooks", inside: 200, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/hot-issues", inside: 200, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/inspection-report", inside: 200, mayEnter: inspectors),
    Endpoint(method: "GET", path: "/v1/inspection-report.csv", inside: 200, mayEnter: inspectors),
    Endpoint(method: "GET", path: "/v1/inspections", inside: 200, mayEnter: inspectors),
    Endpoint(method: "GET", path: "/v1/inspections/{id}", inside: 404, mayEnter: inspectors),
    Endpoint(method: "GET", path: "/v1/intents", inside: 200, mayEnter: examiners),
    Endpoint(method: "GET", path: "/v1/intents/{id}", inside: 404, mayEnter: examiners),
    Endpoint(method: "GET", path: "/v1/interceptions", inside: 200, mayEnter: inspectors),
    Endpoint(method: "GET", path: "/v1/interceptions/report", inside: 200, mayEnter: inspectors),
    Endpoint(method: "GET", path: "/v1/interceptions/{id}/text", inside: 404, mayEnter: inspectors),
    Endpoint(method: "GET", path: "/v1/keys", inside: 200, mayEnter: examiners),
    Endpoint(method: "GET", path: "/v1/leases", inside: 200, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/notices", inside: 200, mayEnter: peopleWhoLook),
    Endpoint(method: "GET", path: "/v1/me", inside: 200, mayEnter: staff),
    Endpoint(method: "GET", path: "/v1/overview", inside: 200, mayEnter: overseers),
    // The desk under test has no history to measure handling times in, and none is sent.
    Endpoint(method: "GET", path: "/v1/plan", inside: 422, mayEnter: planners),
    Endpoint(method: "GET", path: "/v1/plan/picture.svg", inside: 422, mayEnter: planners),
    Endpoint(method: "GET", path: "/v1/plan/table.csv", inside: 422, mayEnter: planners),
    Endpoint(method: "GET", path: "/v1/policy", inside: 200, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/policy/titles", inside: 200, mayEnter: staff),
    Endpoint(method: "GET", path: "/v1/policy/versions", inside: 200, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/policy/versions/{version}", inside: 404, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/queues", inside: 200, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/queues/flow", inside: 200, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/analysis/change", inside: 200, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/analysis/change/table.csv", inside: 200, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/analysis/handling", inside: 200, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/analysis/handling/table.csv", inside: 200, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/analysis/occupancy", inside: 200, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/analysis/occupancy/table.csv", inside: 200, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/analysis/path", inside: 200, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/analysis/path/picture.svg", inside: 200, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/analysis/path/table.csv", inside: 200, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/analysis/transfers", inside: 200, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/analysis/transfers/table.csv", inside: 200, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/reports/{by}", inside: 404, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/reports/{by}/picture.svg", inside: 404, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/reports/{by}/table.csv", inside: 404, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/search", inside: 422, mayEnter: staff),
    Endpoint(method: "GET", path: "/v1/service-levels", inside: 200, mayEnter: overseers),
    // Navigations of browsers; the desk under test has no identity provider, and no browser has begun a sign-in.
    Endpoint(method: "GET", path: "/v1/sign-in", inside: 404, mayEnter: everyone),
    Endpoint(method: "GET", path: "/v1/sign-in/answer", inside: 400, mayEnter: everyone),
    Endpoint(method: "GET", path: "/v1/sign-in/providers", inside: 200, mayEnter: everyone),
    Endpoint(method: "GET", path: "/v1/tickets", inside: 200, mayEnter: staff),
    Endpoint(method: "GET", path: "/v1/sessions", inside: 200, mayEnter: staff),
    Endpoint(method: "GET", path: "/v1/tickets/{id}", inside: 404, mayEnter: staff),
    Endpoint(method: "GET", path: "/v1/tickets/{id}/contact", inside: 404, mayEnter: peopleWhoLook),
    Endpoint(method: "GET", path: "/v1/tickets/{id}/drafts", inside: 404, mayEnter: peopleWhoLook),
    Endpoint(method: "GET", path: "/v1/tickets/{id}/explanation", inside: 404, mayEnter: staff),
    Endpoint(method: "GET", path: "/v1/tickets/{id}/messages", inside: 404, mayEnter: staff),
    Endpoint(method: "GET", path: "/v1/tickets/{id}/timeline", inside: 404, mayEnter: staff),
    Endpoint(method: "GET", path: "/v1/tickets/{id}/viewers", inside: 404, mayEnter: staff),
    Endpoint(method: "GET", path: "/v1/wallboard", inside: 200, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/wallboard/stream", inside: 200, mayEnter: overseers),
    Endpoint(method: "GET", path: "/v1/workers", inside: 200, mayEnter: overseers),
    Endpoint(method: "POST", path: "/v1/agents/{id}/presence", inside: 415, mayEnter: [.lead, .operator]),
    Endpoint(method: "POST", path: "/v1/audit/verification", inside: 415, mayEnter: [.operator]),
    Endpoint(method: "POST", path: "/v1/consults/{id}/answer", inside: 415, mayEnter: people),
    Endpoint(method: "POST", path: "/v1/consults/{id}/withdraw", inside: 404, mayEnter: people),
    Endpoint(method: "POST", path: "/v1/crises", inside: 415, mayEnter: [.lead, .operator]),
    Endpoint(method: "POST", path: "/v1/crises/{id}/answers", inside: 415, mayEnter: [.lead, .operator]),
    Endpoint(method: "POST", path: "/v1/crises/{id}/checklist", inside: 415, mayEnter: [.lead, .operator]),
    Endpoint(method: "POST", path: "/v1/crises/{id}/end", inside: 415, mayEnter: [.lead, .operator]),
    Endpoint(method: "POST", path: "/v1/crises/{id}/owner", inside: 415, mayEnter: [.lead, .operator]),
    Endpoint(method: "POST", path: "/v1/customers/{channel}/{customer}/join", inside: 415, mayEnter: people),
    Endpoint(method: "POST", path: "/v1/customers/{channel}/{customer}/separate", inside: 415, mayEnter: people),
    Endpoint(method: "POST", path: "/v1/dead-letters/replays", inside: 415, mayEnter: [.operator]),
    Endpoint(method: "POST", path: "/v1/follow-ups/{id}/done", inside: 415, mayEnter: [.lead, .operator]),
    Endpoint(method: "POST", path: "/v1/hooks/{id}/enable", inside: 415, mayEnter: [.operator]),
    Endpoint(method: "POST", path: "/v1/hooks/{id}/pause", inside: 415, mayEnter: [.operator]),
    Endpoint(method: "POST", path: "/v1/keys/{id}/revoke", inside: 415, mayEnter: [.operator]),
    Endpoint(method: "POST", path: "/v1/models/back", inside: 415, mayEnter: [.operator]),
    Endpoint(method: "POST", path: "/v1/models/promote", inside: 415, mayEnter: [.operator]),
    Endpoint(method: "POST", path: "/v1/notices/{id}/read", inside: 404, mayEnter: people),
    Endpoint(method: "POST", path: "/v1/inspections/{id}/appeal", inside: 415, mayEnter: people),
    Endpoint(method: "POST", path: "/v1/inspections/{id}/decision", inside: 415, mayEnter: [.lead]),
    Endpoint(method: "POST", path: "/v1/inspections/{id}/score", inside: 415, mayEnter: [.lead]),
    Endpoint(method: "POST", path: "/v1/offers/{id}/accept", inside: 409, mayEnter: people),
    Endpoint(method: "POST", path: "/v1/offers/{id}/decline", inside: 409, mayEnter: people),
    Endpoint(method: "POST", path: "/v1/policy", inside: 415, mayEnter: [.operator]),
    Endpoint(method: "POST", path: "/v1/policy/check", inside: 415, mayEnter: [.operator]),
    Endpoint(method: "POST", path: "/v1/policy/dry-run", inside: 415, mayEnter: [.operator]),
    Endpoint(method: "POST", path: "/v1/policy/examples", inside: 415, mayEnter: [.operator]),
    Endpoint(method: "POST", path: "/v1/policy/restore", inside: 415, mayEnter: [.operator]),
    // Without an origin the request may come from any page.
    Endpoint(method: "POST", path: "/v1/sessions", inside: 403, mayEnter: everyone),
    Endpoint(method: "POST", path: "/v1/tickets/{id}/consults", inside: 415, mayEnter: people),
    Endpoint(method: "POST", path: "/v1/tickets/{id}/label", inside: 415, mayEnter: people),
    Endpoint(method: "POST", path: "/v1/tickets/{id}/links", inside: 415, mayEnter: people),
    Endpoint(method: "POST", path: "/v1/tickets/{id}/merge", inside: 415, mayEnter: people),
    Endpoint(method: "POST", path: "/v1/tickets/{id}/move", inside: 415, mayEnter: people),
    Endpoint(method: "POST", path: "/v1/tickets/{id}/notes", inside: 415, mayEnter: people),
    Endpoint(method: "POST", path: "/v1/tickets/{id}/priority", inside: 415, mayEnter: [.lead, .operator]),
    Endpoint(method: "POST", path: "/v1/tickets/{id}/replies", inside: 415, mayEnter: people),
    Endpoint(method: "POST", path: "/v1/tickets/{id}/resolve", inside: 404, mayEnter: people),
    Endpoint(method: "POST", path: "/v1/tickets/{id}/transfer", inside: 415, mayEnter: people),
    Endpoint(method: "POST", path: "/v1/workers/scale", inside: 415, mayEnter: [.operator]),
    Endpoint(method: "PUT", path: "/v1/agents/me/presence", inside: 415, mayEnter: people),
    Endpoint(method: "PUT", path: "/v1/tickets/{id}/viewers", inside: 415, mayEnter: people),
    // The number in the path is read first.
    // The kind and the number in the path are read first.
    Endpoint(method: "PUT", path: "/v1/tickets/{id}/drafts/{kind}", inside: 404, mayEnter: people),
    Endpoint(method: "PUT", path: "/v1/tickets/{id}/read", inside: 415, mayEnter: people),
    Endpoint(method: "PUT", path: "/v1/tickets/{id}/callbacks/{number}", inside: 404, mayEnter: people),
    Endpoint(
      method: "PUT", path: "/v1/customers/{channel}/{customer}", inside: 415, mayEnter: [.lead, .operator]),
  ]

  /// Every service answers these to any client that reaches the port, which is loopback unless configured otherwise.
  static let operations: [Endpoint] = [
    Endpoint(method: "GET", path: "/healthz", inside: 200, mayEnter: everyone),
    Endpoint(method: "GET", path: "/livez", inside: 200, mayEnter: everyone),
    Endpoint(method: "GET", path: "/metrics", inside: 200, mayEnter: everyone),
    Endpoint(method: "GET", path: "/readyz", inside: 200, mayEnter: everyone),
  ]

  // MARK: - Sockets

  /// The clients of a ZeroMQ socket.
  enum Caller: String, CaseIterable, Sendable {
    /// A live process of the desk, by its registered key; one without a recent heartbeat.
    case instance, deadInstance
    /// A channel with its CURVE key; with a revoked one; with an expired one.
    case channel, revokedChannel, expiredChannel
    /// An unregistered key; no CURVE at all; the right key, but another server expected.
    case stranger, noOne, misled
  }

  /// The purpose of a socket.
  enum SocketKind: String, Sendable {
    case channel, link, hint
  }

  /// One socket, and the clients whose handshake it completes.
  struct SocketRow: Sendable {
    let service: String
    let kind: SocketKind
    let letsIn: Set<Caller>
  }

  static let sockets: [SocketRow] = [
    SocketRow(service: "intake", kind: .channel, letsIn: [.channel]),
    SocketRow(service: "intake", kind: .link, letsIn: [.instance]),
    SocketRow(service: "classifier", kind: .link, letsIn: [.instance]),
    SocketRow(service: "router", kind: .hint, letsIn: [.instance]),
    SocketRow(service: "sla-watcher", kind: .hint, letsIn: [.instance]),
    SocketRow(service: "console", kind: .hint, letsIn: [.instance]),
  ]
}
