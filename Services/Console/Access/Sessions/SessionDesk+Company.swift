import DeskCore
import ServiceProcess
import Store
import SystemPrimitives
import UntrustedInput

extension SessionDesk {
  /// Opens a session for a person whom an identity provider named.
  /// - Parameter answer: identifies the provider's answer, which opens one session.
  /// - Returns: nil when it has opened one already, or the provider no longer gives the role.
  func open(
    for person: ClaimMapping.Person, by provider: IdentityProvider, answer: [UInt8]
  ) async throws -> (session: Session, cookie: SessionCookie)? {
    let cookie = SessionCookie.random()
    var random = SystemRandom()
    let opening = ProviderSessionOpening(
      provider: provider.id, answer: answer, id: Identifier(at: clock.now(), using: &random), digest: cookie.digest,
      role: person.role, agent: person.agent, label: "\(provider.name): \(VisibleText.line(person.name))")
    guard let session = try await store.access.open(opening, lifetime: limits.lifetime, idle: limits.idle) else {
      return nil
    }
    return (session, cookie)
  }

  /// Ends the session that a browser had before another was opened in it.
  func endReplaced(_ cookie: SessionCookie?) async throws {
    guard let cookie, let old = try await store.access.sessions(digests: [cookie.digest])[cookie.digest] else { return }
    _ = try await store.access.endSession(old.id)
  }
}
