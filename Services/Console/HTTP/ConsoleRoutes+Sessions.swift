import DeskCore
import HTTPService
import HTTPTypes
import Hummingbird
import ServiceProcess
import Store

// Signing in and out.

extension ConsoleRoutes {
  /// Opens a session for whoever has the secret of a sign-in link. Another site's page cannot sign its visitors in.
  func signIn(_ request: Request) async throws -> Response {
    try RequestOrigin.check(
      request.method, request.headers, ownOrigin: callers.address.origin, authority: request.head.authority)
    var body = try await JSONBody(request, longest: ConsoleBounds.bodyBytes)
    let secret = body.words("secret", longest: ConsoleBounds.signInSecretCharacters)
    try body.finish()
    let policy = policy.current
    let opened = try await sessions.open(with: secret) { agent in policy.map { $0.agents[agent] != nil } ?? true }
    guard let opened else {
      throw HTTPProblem(
        .unauthorized, type: .unauthorised, detail: "The sign-in link is unknown, was used already, or has expired.",
        errors: [
          .init(
            field: "/secret", detail: "A link opens one session, within its time.",
            remedy: "Ask an operator for another: `frontdesk keys invite`.")
        ])
    }
    let seconds = Int((opened.session.expiresAt - opened.session.createdAt).inSeconds)
    var response = Self.json(caller(opened.session.caller, opened.session))
    response.headers[.setCookie] = opened.cookie.setting(isSecure: callers.address.isSecure, seconds: seconds)
    return response
  }

  func signOut(_ call: Call) async throws -> Response {
    if let session = call.session { _ = try await store.access.endSession(session.id) }
    var response = Self.json(.object([.init("done", .flag(call.session != nil))]))
    response.headers[.setCookie] = SessionCookie.clearing(isSecure: callers.address.isSecure)
    return response
  }

  /// What an agent may know of others: their presence, not their work.
  func directory() async throws -> Response {
    let policy = policy.current
    let breaks = try await store.matching.breaks()
    let agents = try await store.matching.agentRows()
    let queues = (policy?.queues ?? [:]).sorted { $0.key < $1.key }
    return Self.json(
      .object([
        .init(
          "queues",
          .list(
            queues.map { name, queue in
              .object([
                .init("queue", .text(name.rawValue)),
                .init("teams", .list(queue.teams.map(\.rawValue).sorted().map { .text($0) })),
              ])
            })),
        .init("agents", .list(agents.map { ConsoleJSON.agent($0, on: breaks[$0.agent]) })),
        .init("categories", .list((policy?.categories ?? []).sorted().map { .text($0) })),
      ]))
  }

  func readCaller(_ call: Call) -> Response {
    Self.json(caller(call.bearer, call.session))
  }

  func listSessions(_ call: Call) async throws -> Response {
    Self.list("sessions", try await sessions.list(for: call.bearer)) { Self.session($0, current: call.session) }
  }

  func endSession(_ call: Call) async throws -> Response {
    let id: Identifier<APIKey> = try identifier(of: "session", call)
    guard try await sessions.end(id, by: call.bearer) else { throw ConsoleProblem.notFound("session") }
    return Self.json(.object([.init("done", .flag(true))]))
  }

  private func caller(_ key: APIKey, _ session: Session?) -> JSONValue {
    .object([
      .init("role", .text(key.role.rawValue)), .init("agent", key.agent.map { .text($0.rawValue) } ?? .null),
      .init("label", .text(key.label)), .init("read_only", .flag(key.access == .read)),
      .init("session", session.map { Self.session($0, current: $0) } ?? .null),
      .init("at", ConsoleJSON.time(clock.now())),
    ])
  }

  private static func session(_ session: Session, current: Session?) -> JSONValue {
    .object([
      .init("session_id", .text(session.id.description)), .init("role", .text(session.role.rawValue)),
      .init("agent", session.agent.map { .text($0.rawValue) } ?? .null), .init("label", .text(session.label)),
      .init("created_at", ConsoleJSON.time(session.createdAt)),
      .init("expires_at", ConsoleJSON.time(session.expiresAt)),
      .init("seen_at", ConsoleJSON.time(session.seenAt)), .init("is_current", .flag(session.id == current?.id)),
    ])
  }
}
