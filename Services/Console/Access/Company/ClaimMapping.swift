import DeskCore
import Store

/// Which agent and role a verified token means at this desk.
struct ClaimMapping: Sendable {
  /// A person whom a provider named.
  struct Person: Sendable, Equatable {
    let role: Role
    /// Set for the roles `agent` and `lead` only.
    let agent: AgentID?
    /// As the provider calls the person.
    let name: String
  }

  /// Why a person has no access.
  enum Refusal: Error, Equatable {
    /// The token has no usable agent claim.
    case noName
    /// The policy has no such agent.
    case noAgent(name: String)
    /// No rule gives the person a role.
    case noRole(name: String)
  }

  let provider: IdentityProvider

  /// - Parameter isAgent: whether the policy has an agent.
  /// - Throws: `Refusal`.
  func person(_ claims: JSONValue, isAgent: (AgentID) -> Bool) throws(Refusal) -> Person {
    guard let name = Self.claim(provider.agentClaim, in: claims)?.text, !name.isEmpty,
      name.unicodeScalars.count <= CompanyBounds.agentCharacters
    else { throw .noName }
    guard let role = role(claims) else { throw .noRole(name: name) }
    // Operators and auditors need not be agents, but an address must be one of the company.
    guard let agent = agent(named: name, claims) else { throw .noAgent(name: name) }
    guard role == .agent || role == .lead else { return Person(role: role, agent: nil, name: name) }
    guard agent.isWellFormed, isAgent(agent) else { throw .noAgent(name: name) }
    return Person(role: role, agent: agent, name: name)
  }

  private func role(_ claims: JSONValue) -> Role? {
    guard let claim = provider.roleClaim else { return .agent }
    let values: [String] =
      switch Self.claim(claim, in: claims) {
      case .text(let one): [one]
      case .list(let several): several.prefix(CompanyBounds.rolesPerPerson).compactMap(\.text)
      default: []
      }
    return provider.roles.first { rule in values.contains { $0.hasSameBytes(as: rule.value) } }?.role
  }

  /// The agent's name: the claim itself, or the local part of an address in the company's domain. An address that the provider has not
  /// verified could be anyone's.
  private func agent(named name: String, _ claims: JSONValue) -> AgentID? {
    guard let domain = provider.agentDomain else { return AgentID(name) }
    let address = name.asciiLowercased
    guard let sign = address.utf8.lastIndex(of: UInt8(ascii: "@")) else { return nil }
    if provider.agentClaim == "email" {
      guard claims["email_verified"]?.flag == true || claims["email_verified"]?.text == "true" else { return nil }
    }
    guard address.utf8[address.utf8.index(after: sign)...].elementsEqual(domain.utf8) else { return nil }
    return String(address.utf8[..<sign]).map { AgentID($0) }
  }

  /// A claim by its name, else by its path through nested claims.
  static func claim(_ name: String, in claims: JSONValue) -> JSONValue? {
    if let value = claims[name] { return value }
    var value: JSONValue? = claims
    for part in name.split(separator: ".", omittingEmptySubsequences: false) { value = value?[String(part)] }
    return value
  }
}

extension String {
  /// With small letters for A to Z and everything else unchanged, so that no other letter becomes one of these.
  fileprivate var asciiLowercased: String {
    String(
      decoding: utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
  }
}
