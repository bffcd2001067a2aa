import DeskCore
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

  /// Opens a session with the secret of a sign-in link.
  /// - Returns: nil when the link is unknown, used or expired.
  func open(with secret: String) async throws -> (session: Session, cookie: SessionCookie)? {
    let cookie = SessionCookie.random()
    var random = SystemRandom()
    let id = Identifier<APIKey>(at: clock.now(), using: &random)
    let isOpen = try await store.access.openSession(
      with: SessionCookie.digest(of: secret), id: id, digest: cookie.digest, lifetime: limits.lifetime,
      idle: limits.idle)
    guard isOpen, let session = try await store.access.sessions(digests: [cookie.digest])[cookie.digest] else {
      return nil
    }
    return (session, cookie)
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
