import Curl
import DeskCore
import HTTPService
import Observability
import ServiceHealth
import ServiceProcess
import Store
import TestService
import Testing

@testable import Console

/// A staffed desk whose console offers sign-in by a provider of the test.
struct CompanyDesk: Sendable {
  let desk: StaffedDesk
  let provider: TestProvider
  /// As allowed, with the claim `login` for agents and `groups` for roles.
  let allowed: IdentityProvider
  let metrics: MetricsRegistry
  let company: CompanySignIn
  let client: HTTPClient
  /// The console's address.
  let url: String

  static let roles: [IdentityProvider.RoleRule] = [
    .init(value: "ops", role: .operator), .init(value: "leads", role: .lead), .init(value: "staff", role: .agent),
  ]

  static func with(
    agentClaim: String = "login", agentDomain: String? = nil, hasRoles: Bool = true,
    _ body: @escaping @Sendable (CompanyDesk) async throws -> Void
  ) async throws {
    let provider = try TestProvider()
    defer { provider.stop() }
    try await StaffedDesk.with { desk in
      let allowed = IdentityProvider(
        id: try await desk.fresh(), name: "Example <Corp>", issuer: provider.issuer, client: TestProvider.client,
        clientSecret: TestProvider.secret, sealingKey: Array(repeating: 7, count: 32),
        scopes: ["openid", "profile"], agentClaim: agentClaim, agentDomain: agentDomain,
        roleClaim: hasRoles ? "groups" : nil, roles: hasRoles ? roles : [])
      #expect(try await desk.store.access.allow(allowed))
      let client = try HTTPClient()
      let metrics = MetricsRegistry()
      let company = Self.company(desk, client, metrics)
      var routes = desk.routes
      routes.company = company
      var limits = HTTPServerLimits()
      limits.readsBodiesOnDemand = true
      do {
        try await LoopbackServer.with(routes.router(metrics: metrics), limits: limits) { port in
          try await body(
            CompanyDesk(
              desk: desk, provider: provider, allowed: allowed, metrics: metrics, company: company, client: client,
              url: "http://127.0.0.1:\(port)"))
        }
      } catch {
        await client.shutDown()
        throw error
      }
      await client.shutDown()
    }
  }

  /// - Parameters:
  ///   - ahead: how far its clock is ahead of the desk's.
  ///   - now: the clock of what is kept of providers.
  static func company(
    _ desk: StaffedDesk, _ client: HTTPClient, _ metrics: MetricsRegistry, ahead: Duration = .zero,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) -> CompanySignIn {
    let store = desk.store
    let clock = ahead == .zero ? desk.clock : DatabaseClock(desk.clock.now() + ahead)
    return CompanySignIn(
      book: ProviderBook(client: ProviderClient(client: client), now: now) {
        try await store.access.identityProviders()
      },
      sessions: SessionDesk(store: store, clock: clock, limits: .init(lifetime: .seconds(3_600), idle: .seconds(600))),
      clock: clock, metrics: CompanySignInMetrics(metrics), logger: .silent, task: WatchedTask("identity_providers"))
  }

  func browser() -> CompanyBrowser { CompanyBrowser(desk: self) }
}

/// A browser at the desk: it keeps cookies and follows no redirect by itself.
final class CompanyBrowser {
  struct Page {
    let status: Int
    let headers: HTTPHeaders
    let body: String
    var location: String? { headers["location"] }
    var json: JSONValue? { JSONValue(json: body) }
  }

  let desk: CompanyDesk
  private(set) var cookies: [(name: String, value: String)] = []

  init(desk: CompanyDesk) { self.desk = desk }

  func has(_ cookie: String) -> Bool { cookies.contains { $0.name == cookie } }

  func set(_ name: String, _ value: String?) {
    cookies.removeAll { $0.name == name }
    if let value { cookies.append((name, value)) }
  }

  func get(_ path: String, language: String = "en", method: String = "GET") async throws -> Page {
    var headers: HTTPHeaders = ["accept-language": language]
    headers.add(name: "sec-fetch-site", value: "same-origin")
    if !cookies.isEmpty {
      headers.add(name: "cookie", value: cookies.map { "\($0.name)=\($0.value)" }.joined(separator: "; "))
    }
    let response = try await desk.client.send(
      HTTPClient.Request(method: method, url: desk.url + path, headers: headers))
    for field in response.headers.values("set-cookie") {
      guard let pair = field.split(separator: ";").first else { continue }
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      set(String(parts[0]), parts.count == 2 && !parts[1].isEmpty ? String(parts[1]) : nil)
    }
    return Page(
      status: response.status, headers: response.headers, body: String(decoding: response.body, as: UTF8.self))
  }

  /// Begins a sign-in and does at the provider what a person would do.
  /// - Returns: the path and query of the answer.
  func answer(
    as login: String = "ann", groups: [String] = ["staff"], extra: [JSONValue.Field] = [], query: String = ""
  ) async throws -> String {
    let start = try await get("/v1/sign-in\(query)")
    let address = try #require(start.location, "\(start.status) \(start.body)")
    #expect(start.status == 303 && has("frontdesk_sign_in"))
    let claims: [JSONValue.Field] = [.init("login", .text(login)), .init("groups", .list(groups.map { .text($0) }))]
    let (code, state) = try desk.provider.authorise(address, claims: claims + extra, at: desk.desk.clock.now())
    return "/v1/sign-in/answer?code=\(code)&state=\(state)&session_state=x"
  }
}
