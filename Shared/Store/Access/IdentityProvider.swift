public import DeskCore

/// A company's identity provider (OpenID Connect), by which people sign in to the pages.
public struct IdentityProvider: Sendable {
  /// The role of people with a value of the role claim.
  public struct RoleRule: Sendable, Equatable {
    /// One of the claim's values, compared byte by byte.
    public let value: String
    /// Never `channel`.
    public let role: Role

    /// Creates a rule.
    public init(value: String, role: Role) {
      self.value = value
      self.role = role
    }
  }

  /// Its identifier.
  public let id: Identifier<IdentityProvider>
  /// How people know it; shown on the sign-in page.
  public let name: String
  /// The issuer, byte by byte as the provider's tokens name it.
  public let issuer: String
  /// The identifier of the desk at the provider (`client_id`).
  public let client: String
  /// The secret by which the desk authenticates itself to the provider; nil for a public client. Never shown.
  public let clientSecret: String?
  /// 32 random bytes that authenticate what browsers keep of a sign-in that has begun. Never shown.
  public let sealingKey: [UInt8]
  /// What the desk asks the provider for; contains `openid`.
  public let scopes: [String]
  /// The claim that names the agent.
  public let agentClaim: String
  /// The domain of the addresses that the agent claim has, whose local part is the agent; nil if the claim is the agent's name itself.
  public let agentDomain: String?
  /// The claim that names roles; nil if everyone is an agent.
  public let roleClaim: String?
  /// The roles by the role claim's values; the first that fits counts. Empty if there is no role claim.
  public let roles: [RoleRule]

  /// Creates a provider.
  public init(
    id: Identifier<IdentityProvider>, name: String, issuer: String, client: String, clientSecret: String?,
    sealingKey: [UInt8], scopes: [String], agentClaim: String, agentDomain: String? = nil, roleClaim: String? = nil,
    roles: [RoleRule] = []
  ) {
    self.id = id
    self.name = name
    self.issuer = issuer
    self.client = client
    self.clientSecret = clientSecret
    self.sealingKey = sealingKey
    self.scopes = scopes
    self.agentClaim = agentClaim
    self.agentDomain = agentDomain
    self.roleClaim = roleClaim
    self.roles = roles
  }
}

/// An attempt to open a session for a person whom an identity provider named.
public struct ProviderSessionOpening: Sendable {
  /// The provider.
  public let provider: Identifier<IdentityProvider>
  /// The SHA-256 that identifies the provider's answer; each opens one session.
  public let answer: [UInt8]
  /// The identifier of the new session.
  public let id: Identifier<APIKey>
  /// The SHA-256 of its secret.
  public let digest: [UInt8]
  /// One of the roles that the provider gives.
  public let role: Role
  /// Set for the roles `agent` and `lead` only.
  public let agent: AgentID?
  /// Who it is; shown in lists of sessions.
  public let label: String

  /// Describes an attempt.
  public init(
    provider: Identifier<IdentityProvider>, answer: [UInt8], id: Identifier<APIKey>, digest: [UInt8], role: Role,
    agent: AgentID?, label: String
  ) {
    self.provider = provider
    self.answer = answer
    self.id = id
    self.digest = digest
    self.role = role
    self.agent = agent
    self.label = label
  }
}
