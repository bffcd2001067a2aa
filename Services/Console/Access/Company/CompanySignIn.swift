import DeskCore
import HTTPTypes
import Logging
import ServiceHealth
import ServiceProcess
import Store

/// Signs people in by their company's identity provider: OpenID Connect, authorization code flow with PKCE.
struct CompanySignIn: Sendable {
  /// What a provider answers, as a browser brings it (RFC 6749, section 4.1.2; RFC 9207).
  struct Answer: Sendable {
    var code: String?
    var state: String?
    var issuer: String?
    var error: String?
  }

  /// A sign-in that succeeded.
  struct Opened {
    let session: Session
    let cookie: SessionCookie
    /// Where the person wanted to go; nil for the role's own page.
    let page: String?
  }

  let book: ProviderBook
  let sessions: SessionDesk
  let clock: DatabaseClock
  let metrics: CompanySignInMetrics
  let logger: Logger
  /// Providers that fail show in `frontdesk status`.
  let task: WatchedTask

  // MARK: Beginning

  /// Begins a sign-in.
  /// - Parameters:
  ///   - id: nil for the only provider.
  ///   - redirect: where the provider sends its answer.
  /// - Returns: the provider's address, and what the browser keeps.
  /// - Throws: `SignInFailure`, or an error of the store.
  func begin(
    with id: Identifier<IdentityProvider>?, page: String?, isChinese: Bool, redirect: String
  ) async throws -> (address: String, pending: PendingSignIn) {
    let all = try await book.all()
    guard let known = id.map({ id in all.first { $0.provider.id == id } }) ?? (all.count == 1 ? all.first : nil) else {
      throw SignInFailure.noProvider
    }
    let document: ProviderDocument = try await asking(known) { try await known.document.value() }
    let (provider, key) = (known.provider, known.provider.sealingKey)
    let pending = PendingSignIn(provider: provider.id, at: clock.now(), isChinese: isChinese, page: page)
    let query = ProviderClient.form([
      ("response_type", "code"), ("client_id", provider.client), ("redirect_uri", redirect),
      ("scope", provider.scopes.joined(separator: " ")), ("state", pending.state(key)), ("nonce", pending.nonce(key)),
      ("code_challenge", pending.challenge(key)), ("code_challenge_method", "S256"),
    ])
    let endpoint = document.authorizationEndpoint
    return ("\(endpoint)\(endpoint.contains("?") ? "&" : "?")\(query)", pending)
  }

  // MARK: Answering

  /// Opens a session for a provider's answer.
  /// - Parameters:
  ///   - pending: what the browser kept; nil if it kept nothing.
  ///   - redirect: as when the sign-in began.
  ///   - isAgent: whether the policy has an agent.
  /// - Throws: `SignInFailure`, or an error of the store.
  func finish(
    _ answer: Answer, pending: PendingSignIn?, redirect: String, isAgent: @Sendable (AgentID) -> Bool
  ) async throws -> Opened {
    guard let pending else { throw SignInFailure.notBegun }
    guard let known = try await book.provider(pending.provider) else { throw SignInFailure.noProvider }
    let (provider, key) = (known.provider, known.provider.sealingKey)
    guard let state = answer.state, pending.fits(state: state, key) else { throw SignInFailure.foreign }
    guard !pending.hasEnded(at: clock.now()) else { throw SignInFailure.late }
    let document: ProviderDocument = try await asking(known) { try await known.document.value() }
    // Another provider's answer, in place of this one's (RFC 9207, section 2.4).
    if let issuer = answer.issuer {
      guard issuer.hasSameBytes(as: provider.issuer) else { throw SignInFailure.foreign }
    } else if document.namesIssuer {
      throw SignInFailure.foreign
    }
    if let error = answer.error { throw refused(error) }
    guard let code = answer.code, !code.isEmpty else { throw SignInFailure.foreign }
    let text = try await asking(known) {
      try await known.client.token(
        for: code, verifier: pending.verifier(key), redirect: redirect, from: provider, document)
    }
    let claims = try await claims(of: text, known, nonce: pending.nonce(key))
    let person: ClaimMapping.Person
    do throws(ClaimMapping.Refusal) {
      person = try ClaimMapping(provider: provider).person(claims, isAgent: isAgent)
    } catch {
      throw SignInFailure(error)
    }
    guard let opened = try await sessions.open(for: person, by: provider, answer: pending.digest) else {
      throw SignInFailure.used
    }
    return Opened(session: opened.session, cookie: opened.cookie, page: pending.page)
  }

  /// The claims of a token that is genuine and for this sign-in.
  private func claims(of text: String, _ known: KnownProvider, nonce: String) async throws -> JSONValue {
    do {
      let token = try CompactToken(text)
      try await asking(known) { try await known.verify(token) }
      try IDTokenCheck(
        issuer: known.provider.issuer, client: known.provider.client, nonce: nonce, now: clock.now()
      ).check(token.claims)
      return token.claims
    } catch let refusal as TokenRefusal {
      throw SignInFailure.token(refusal)
    }
  }

  /// Asks a provider, and reports one that fails.
  private func asking<Result>(_ known: KnownProvider, _ request: () async throws -> Result) async throws -> Result {
    do {
      return try await request()
    } catch is CodeRefused {
      throw SignInFailure.used
    } catch let fault as ProviderFault {
      // A token endpoint's refusal of one code may have been caused by the sender of that code.
      if fault != .tokenAnswer { await task.attemptBetweenRounds(logger) { throw fault } }
      logger.notice(
        "an identity provider fails", metadata: ["provider": "\(known.provider.name)", "fault": "\(fault)"])
      throw fault == .unreachable ? SignInFailure.unreachable : SignInFailure.misconfigured
    }
  }

  /// The provider's own refusals (OpenID Connect Core 1.0, section 3.1.2.6).
  private func refused(_ error: String) -> SignInFailure {
    switch error {
    case "server_error", "temporarily_unavailable": .unreachable
    case "invalid_request", "unauthorized_client", "unsupported_response_type", "invalid_scope": .misconfigured
    default: .declined
    }
  }
}

extension SignInFailure {
  init(_ refusal: ClaimMapping.Refusal) {
    self =
      switch refusal {
      case .noName: .noName
      case .noAgent(let name): .noAgent(name: name)
      case .noRole(let name): .noRole(name: name)
      }
  }
}
