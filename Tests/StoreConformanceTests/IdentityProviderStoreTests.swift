import DeskCore
import PostgreSQL
import Store
import Testing

/// Identity providers and the sessions that they open.
@Suite struct IdentityProviderStoreTests {
  private static let hour: Duration = .seconds(3_600)

  private static func digest(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }

  private func provider(
    _ desk: TestDesk, name: String = "Company", issuer: String = "https://login.example.com",
    secret: String? = "secret",
    claim: String = "login", roles: [IdentityProvider.RoleRule] = [.init(value: "leads", role: .lead)]
  ) async throws -> IdentityProvider {
    IdentityProvider(
      id: try await desk.fresh(), name: name, issuer: issuer, client: "desk", clientSecret: secret,
      sealingKey: Self.digest(9), scopes: ["openid", "email"], agentClaim: claim, agentDomain: "example.com",
      roleClaim: roles.isEmpty ? nil : "groups", roles: roles)
  }

  private func opening(
    _ desk: TestDesk, by provider: IdentityProvider, answer: UInt8, secret: UInt8, role: Role = .lead,
    agent: AgentID? = "ann"
  ) async throws -> ProviderSessionOpening {
    ProviderSessionOpening(
      provider: provider.id, answer: Self.digest(answer), id: try await desk.fresh(), digest: Self.digest(secret),
      role: role, agent: agent, label: "Company: ann")
  }

  private func open(_ desk: TestDesk, _ opening: ProviderSessionOpening) async throws -> Session? {
    try await desk.store.access.open(opening, lifetime: Self.hour, idle: Self.hour)
  }

  @Test func aProviderIsKeptAndChangedUnderItsName() async throws {
    try await TestDesk.with { desk in
      let access = desk.store.access
      let first = try await provider(desk)
      #expect(try await access.allow(first))
      let kept = try #require(try await access.identityProviders().first)
      #expect(kept.id == first.id && kept.issuer == first.issuer && kept.clientSecret == "secret")
      #expect(kept.roles == first.roles && kept.roleClaim == "groups" && kept.agentDomain == "example.com")
      #expect(kept.scopes == first.scopes && kept.sealingKey == first.sealingKey)
      let open = try await provider(desk, secret: nil, roles: [])
      #expect(try await access.allow(open) == false)
      let changed = try #require(try await access.identityProviders().first)
      #expect(
        changed.id == first.id && changed.clientSecret == nil && changed.roles.isEmpty && changed.roleClaim == nil)
      let other = try await provider(desk, name: "Other")
      let error = await #expect(throws: PostgresError.self) { try await access.allow(other) }
      #expect(error?.sqlState == "23505")
      #expect(try await access.removeIdentityProvider(named: "Company"))
      #expect(try await access.removeIdentityProvider(named: "Company") == false)
      #expect(try await access.identityProviders().isEmpty)
      let kinds = try await desk.store.audit.auditEntries(after: 0, limit: 100).filter {
        $0.kind.hasPrefix("identity_provider.")
      }
      #expect(kinds.map(\.kind) == ["allowed", "changed", "removed"].map { "identity_provider.\($0)" })
      #expect(kinds.allSatisfy { !"\($0)".contains("secret") }, "no secret in the audit")
    }
  }

  @Test(arguments: [
    ("issuer", "'http://login.example.com'"), ("issuer", "'ftp://x'"), ("issuer", "'http://127.0.0.1.evil.example/'"),
    ("client_secret", "''"), ("scopes", "ARRAY['email']"), ("role_claim", "NULL"), ("role_values", "'{a,b}'"),
    ("role_names", "'{channel}'"), ("sealing_key", "''"),
  ])
  func whatMustNeverBeIsRefusedByTheDatabase(_ column: String, _ value: String) async throws {
    try await TestDesk.with { desk in
      let provider = try await provider(desk)
      #expect(try await desk.store.access.allow(provider))
      let error = await #expect(throws: PostgresError.self) {
        try await desk.run("UPDATE desk.identity_provider SET \(column) = \(value)")
      }
      #expect(error?.sqlState == "23514")
    }
  }

  @Test func anAnswerOpensOneSession() async throws {
    try await TestDesk.with { desk in
      let provider = try await provider(desk)
      #expect(try await desk.store.access.allow(provider))
      let first = try await opening(desk, by: provider, answer: 1, secret: 10)
      let session = try #require(try await open(desk, first))
      #expect(session.role == .lead && session.agent == "ann" && session.label == "Company: ann")
      // The response to the first call may have been lost.
      #expect(try await open(desk, first)?.id == session.id)
      let again = try await opening(desk, by: provider, answer: 1, secret: 11)
      #expect(try await open(desk, again) == nil)
      let second = try await opening(desk, by: provider, answer: 2, secret: 12)
      #expect(try await open(desk, second) != nil)
      #expect(try await desk.number("SELECT count(*) FROM desk.session") == 2)
    }
  }

  @Test func aProviderGivesOnlyItsOwnRoles() async throws {
    try await TestDesk.with { desk in
      let (leads, agents) = (
        try await provider(desk), try await provider(desk, name: "Other", issuer: "https://o.example", roles: [])
      )
      for provider in [leads, agents] { #expect(try await desk.store.access.allow(provider)) }
      var answer: UInt8 = 0
      for (provider, role, agent, isOpen) in [
        (leads, Role.lead, "ann", true), (leads, .agent, "ann", false), (leads, .operator, nil, false),
        (agents, .agent, "ann", true), (agents, .lead, "ann", false), (agents, .auditor, nil, false),
      ] as [(IdentityProvider, Role, AgentID?, Bool)] {
        answer += 1
        let opening = try await opening(desk, by: provider, answer: answer, secret: answer, role: role, agent: agent)
        let session = try await open(desk, opening)
        #expect((session != nil) == isOpen, "\(provider.name) \(role)")
      }
      let unknown = try await self.provider(desk, name: "Unknown")
      let attempt = try await opening(desk, by: unknown, answer: 100, secret: 100)
      #expect(try await open(desk, attempt) == nil)
      #expect(try await desk.number("SELECT count(*) FROM desk.session") == 2)
    }
  }

  @Test func sessionsEndWithTheirProviderOrItsMeaning() async throws {
    try await TestDesk.with { desk in
      let access = desk.store.access
      let (one, other) = (
        try await provider(desk), try await provider(desk, name: "Other", issuer: "https://o.example")
      )
      for provider in [one, other] { #expect(try await access.allow(provider)) }
      _ = try await open(desk, try await opening(desk, by: one, answer: 1, secret: 1))
      _ = try await open(desk, try await opening(desk, by: other, answer: 2, secret: 2))
      // Another secret names nobody differently.
      _ = try await access.allow(try await provider(desk, secret: "another"))
      #expect(try await access.openSessions().count == 2)
      _ = try await access.allow(try await provider(desk, claim: "email"))
      #expect(try await access.openSessions().count == 1)
      #expect(try await access.removeIdentityProvider(named: "Other"))
      #expect(try await access.openSessions().isEmpty)
      #expect(try await desk.number("SELECT count(*) FROM desk.audit WHERE kind = 'session.ended'") == 2)
    }
  }

  @Test func oldAnswersAreDeleted() async throws {
    try await TestDesk.with { desk in
      let provider = try await provider(desk)
      #expect(try await desk.store.access.allow(provider))
      _ = try await open(desk, try await opening(desk, by: provider, answer: 1, secret: 1))
      try await desk.run("UPDATE desk.sign_in_answer SET used_at = now() - interval '25 hours'")
      _ = try await open(desk, try await opening(desk, by: provider, answer: 2, secret: 2))
      #expect(try await desk.number("SELECT count(*) FROM desk.sign_in_answer") == 1)
    }
  }
}
