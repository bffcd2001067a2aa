import DeskCore
import Store
import Testing

@testable import Console

@Suite struct ClaimMappingTests {
  private static func mapping(
    claim: String = "login", domain: String? = nil, roleClaim: String? = nil,
    roles: [IdentityProvider.RoleRule] = CompanyDesk.roles
  ) -> ClaimMapping {
    ClaimMapping(
      provider: IdentityProvider(
        id: Identifier(high: 1, low: 2), name: "p", issuer: "https://p.example", client: "c", clientSecret: nil,
        sealingKey: [], scopes: ["openid"], agentClaim: claim, agentDomain: domain, roleClaim: roleClaim,
        roles: roleClaim == nil ? [] : roles))
  }

  private static func person(_ mapping: ClaimMapping, _ claims: String) -> Result<ClaimMapping.Person, any Error> {
    Result { try mapping.person(JSONValue(json: claims) ?? .null) { ["ann", "ann.b"].contains($0.rawValue) } }
  }

  @Test func withoutARoleClaimEveryoneIsAnAgent() throws {
    let ann = try Self.person(Self.mapping(), #"{"login":"ann","groups":["ops"]}"#).get()
    #expect(ann == .init(role: .agent, agent: "ann", name: "ann"))
    for claims in [#"{"login":"Ann"}"#, #"{"login":"ann "}"#, #"{"login":"ànn"}"#, #"{"login":"bob"}"#] {
      #expect(throws: ClaimMapping.Refusal.self, "\(claims)") { try Self.person(Self.mapping(), claims).get() }
    }
    for claims in [#"{}"#, #"{"login":7}"#, #"{"login":""}"#, #"{"login":["ann"]}"#, #"{"login":null}"#] {
      #expect(throws: ClaimMapping.Refusal.noName, "\(claims)") { try Self.person(Self.mapping(), claims).get() }
    }
  }

  @Test func anAddressNamesAnAgentOnlyInTheCompanysDomainAndIfItIsVerified() throws {
    let mapping = Self.mapping(claim: "email", domain: "example.com")
    let verified = #"{"email":"Ann.B@Example.com","email_verified":true}"#
    #expect(try Self.person(mapping, verified).get().agent == "ann.b")
    for claims in [
      #"{"email":"ann@example.com"}"#, #"{"email":"ann@example.com","email_verified":false}"#,
      #"{"email":"ann@evil.example","email_verified":true}"#,
      #"{"email":"ann@example.com.evil.example","email_verified":true}"#,
      #"{"email":"ann","email_verified":true}"#, #"{"email":"@example.com","email_verified":true}"#,
      #"{"email":"ann@evil.example@x","email_verified":true}"#,
    ] {
      #expect(throws: ClaimMapping.Refusal.self, "\(claims)") { try Self.person(mapping, claims).get() }
    }
    // Names of another kind that are written like addresses.
    let principal = Self.mapping(claim: "upn", domain: "example.com")
    #expect(try Self.person(principal, #"{"upn":"ann@example.com"}"#).get().agent == "ann")
  }

  @Test func anOperatorNeedsAnAddressOfTheCompanyToo() throws {
    let mapping = Self.mapping(claim: "upn", domain: "example.com", roleClaim: "groups")
    let root = try Self.person(mapping, #"{"upn":"root@example.com","groups":"ops"}"#).get()
    #expect(root.role == .operator && root.agent == nil && root.name == "root@example.com")
    #expect(throws: ClaimMapping.Refusal.noAgent(name: "root@evil.example")) {
      try Self.person(mapping, #"{"upn":"root@evil.example","groups":"ops"}"#).get()
    }
  }

  @Test func theRoleClaimMayBeNested() throws {
    let nested = Self.mapping(roleClaim: "realm_access.roles")
    #expect(try Self.person(nested, #"{"login":"ann","realm_access":{"roles":["x","leads"]}}"#).get().role == .lead)
    #expect(try Self.person(nested, #"{"login":"ann","realm_access.roles":"staff"}"#).get().role == .agent)
    for claims in [
      #"{"login":"ann"}"#, #"{"login":"ann","realm_access":["leads"]}"#,
      #"{"login":"ann","realm_access":{"roles":"Leads"}}"#,
      #"{"login":"ann","realm_access":{"roles":[["leads"]]}}"#,
    ] {
      #expect(throws: ClaimMapping.Refusal.noRole(name: "ann"), "\(claims)") { try Self.person(nested, claims).get() }
    }
  }
}
