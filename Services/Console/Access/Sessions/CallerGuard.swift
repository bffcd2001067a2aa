import HTTPService
import HTTPTypes
import Store

/// Admits the callers of endpoints: programs by the key in their `Authorization` header, people by the cookie of their session.
struct CallerGuard: Sendable {
  private let keys: KeyGuard
  private let sessions: KeyCache<[UInt8], Session>
  /// How browsers reach the pages.
  let address: PagesAddress
  /// Requests per second of one session.
  private let limiter: RateLimiter<[UInt8]>

  init(
    keys: KeyGuard, address: PagesAddress = PagesAddress(), requestsPerSecond: Int = ConsoleBounds.sessionRequests,
    sessions: @escaping KeyCache<[UInt8], Session>.LookUp
  ) {
    self.keys = keys
    self.sessions = KeyCache(lookUp: sessions)
    self.address = address
    limiter = RateLimiter(
      perSecond: requestsPerSecond, burst: requestsPerSecond * ConsoleBounds.sessionBurstSeconds)
  }

  /// A caller that was admitted.
  struct Caller {
    let key: APIKey
    /// The session; nil for a key in the header.
    var session: Session?
  }

  /// Returns the caller, if their role and access are those of the endpoint. A header with a key counts before a cookie.
  /// - Throws: `HTTPProblem` 401, 403, 429 or 503, or what the lookup throws.
  func caller(of request: HTTPRequest, for endpoint: ConsoleEndpoint) async throws -> Caller {
    let headers = request.headerFields
    let access: KeyAccess = endpoint.method == .get ? .read : .full
    guard headers[.authorization] == nil, let cookie = cookie(in: headers) else {
      return Caller(
        key: try await keys.key(authorization: headers[.authorization], roles: endpoint.roles, for: access))
    }
    try RequestOrigin.check(
      request.method, headers, ownOrigin: address.origin, authority: request.authority)
    let digest = cookie.digest
    guard let session = try await find(digest) else { throw signedOut() }
    if let pause = limiter.take(1, for: digest) {
      throw HTTPProblem.retryLater(
        .tooManyRequests, after: pause, detail: "This session sends more requests than a person needs. Retry later.")
    }
    let caller = session.caller
    try KeyGuard.admit(caller, roles: endpoint.roles, for: access)
    return Caller(key: caller, session: session)
  }

  /// The session's cookie in a request.
  func cookie(in headers: HTTPFields) -> SessionCookie? {
    SessionCookie(in: headers[values: .cookie], isSecure: address.isSecure)
  }

  private func find(_ digest: [UInt8]) async throws -> Session? {
    do {
      return try await sessions.value(for: digest)
    } catch is KeyLookUpsExhausted {
      throw HTTPProblem.retryLater(
        .serviceUnavailable, after: .seconds(1), detail: "Too many sessions are being looked up. Retry later.")
    }
  }

  private func signedOut() -> HTTPProblem {
    HTTPProblem(
      .unauthorized, type: .unauthorised, detail: "The session has ended.",
      errors: [
        .init(
          field: "Cookie", detail: "The session has ended, or was ended by someone.",
          remedy: "Ask an operator for a sign-in link, and open it.")
      ], headers: [.setCookie: SessionCookie.clearing(isSecure: address.isSecure)])
  }
}
