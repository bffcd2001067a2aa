import DeskCore
import HTTPService
import HTTPTypes
import ServiceProcess
import Store
import SystemPrimitives

/// Opens and ends the sessions of people.
struct SessionDesk: Sendable {
  struct Limits: Sendable {
    /// After which a session ends, whatever happens.
    var lifetime: Duration
    /// After which it ends without use.
    var idle: Duration
  }

  let store: DeskStore
  let clock: DatabaseClock
  let limits: Limits
  /// Batches and paces attempts like lookups of unknown keys: guessing at links costs at most one statement in each
  /// `AccessBounds.lookUpInterval`.
  private let openings: KeyCache<SessionOpening, Session>

  init(store: DeskStore, clock: DatabaseClock, limits: Limits) {
    self.store = store
    self.clock = clock
    self.limits = limits
    openings = KeyCache {
      try await store.access.open($0, lifetime: limits.lifetime, idle: limits.idle)
    }
  }

  /// Opens a session with the secret of a sign-in link.
  /// - Parameter isStaff: whether an agent still is one; the session of anyone else ends at once.
  /// - Returns: nil when the link is unknown, used or expired, or its agent has left.
  /// - Throws: `HTTPProblem` 503 when too many links are being tried, or an error of the store.
  func open(
    with secret: String, isStaff: @Sendable (AgentID) -> Bool = { _ in true }
  ) async throws -> (session: Session, cookie: SessionCookie)? {
    let cookie = SessionCookie.random()
    var random = SystemRandom()
    let opening = SessionOpening(
      link: SessionCookie.digest(of: secret), id: Identifier(at: clock.now(), using: &random), digest: cookie.digest)
    do {
      guard let session = try await openings.value(for: opening) else { return nil }
      if let agent = session.agent, !isStaff(agent) {
        _ = try await store.access.endSession(session.id)
        return nil
      }
      return (session, cookie)
    } catch is KeyLookUpsExhausted {
      throw HTTPProblem.retryLater(
        .serviceUnavailable, after: .seconds(1), detail: "Too many sign-in links are being tried. Retry later.")
    }
  }

  /// Ends a session.
  /// - Parameter caller: who asks; operators end anyone's, others only those of the same agent or label.
  /// - Returns: false when there is no such open session that the caller may end.
  func end(_ id: Identifier<APIKey>, by caller: APIKey) async throws -> Bool {
    if caller.role == .operator { return try await store.access.endSession(id) }
    guard let agent = caller.agent else { return id == caller.id ? try await store.access.endSession(id) : false }
    return try await store.access.endSession(id, of: agent)
  }

  /// The open sessions that a caller may see.
  func list(for caller: APIKey) async throws -> [Session] {
    let most = ConsoleBounds.sessionsPerList
    if caller.role == .operator { return try await store.access.openSessions(limit: most) }
    guard let agent = caller.agent else {
      return try await store.access.openSessions(limit: most).filter { $0.id == caller.id }
    }
    return try await store.access.openSessions(of: agent, limit: most)
  }
}
