import ArgumentParser
import CommandLineTool
import DeskCore
import Foundation
import PostgreSQL
import Store
import SystemPrimitives
import UntrustedInput
import UseCases

/// Allows people to sign in to the pages by their company's identity provider.
struct AllowProvider: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "provider-allow",
    abstract: "Allow sign-in by an identity provider (OpenID Connect), or change it.",
    discussion: """
      Register the desk with the provider first, as a web application with the redirect address URL/v1/sign-in/answer, where URL is the \
      console's --public-url. The claim that names the agent must be the agent's name in the policy, or with --agent-domain an address \
      whose part before the @ is. Without --role-claim everyone is an agent. A provider that is changed signs the people out whom it \
      signed in, if it then names them differently.
      """)

  @Option(help: "The issuer, byte by byte as in the provider's /.well-known/openid-configuration.")
  var issuer: String

  @Option(help: "The client ID that the provider gave the desk.")
  var client: String

  @Option(help: "A file with the client's secret. Without it the desk is a public client, which PKCE alone protects.")
  var clientSecretFile: String?

  @Option(help: "The claim that names the agent: preferred_username, email, ….")
  var agentClaim: String

  @Option(help: "The claim is an address in this domain; the part before the @ is the agent.")
  var agentDomain: String?

  @Option(help: "The claim that names roles: groups, roles, realm_access.roles, ….")
  var roleClaim: String?

  @Option(
    name: .customLong("role"), parsing: .singleValue,
    help: "VALUE=ROLE: the role of people whose role claim has this value. May be repeated; the first that fits counts."
  )
  var roles: [String] = []

  @Option(
    name: .customLong("scope"), parsing: .singleValue,
    help: "A further scope to ask for, beside openid, profile and email. May be repeated.")
  var scopes: [String] = []

  @Option(help: "How people know the provider; shown on the sign-in page. By default the issuer's host.")
  var name: String?

  @OptionGroup var desk: DeskOptions

  func validate() throws {
    typealias Rules = IdentityProviderRules
    try OptionRules.check("--issuer") { () throws(InputFault) in try Rules.issuer(issuer) }
    try OptionRules.check("--client") { () throws(InputFault) in try Rules.client(client) }
    try OptionRules.check("--agent-claim") { () throws(InputFault) in try Rules.claim(agentClaim) }
    if let agentDomain {
      try OptionRules.check("--agent-domain") { () throws(InputFault) in try Rules.domain(agentDomain) }
    } else if agentClaim == "email" {
      throw ValidationError(
        "--agent-claim email: an address is not the name of an agent; add --agent-domain example.com, and the part before the @ is"
      )
    }
    if let roleClaim {
      try OptionRules.check("--role-claim") { () throws(InputFault) in try Rules.claim(roleClaim) }
      guard !roles.isEmpty else {
        throw ValidationError("--role-claim: no value gives a role; add --role VALUE=ROLE")
      }
    } else if !roles.isEmpty {
      throw ValidationError("--role: it is not said where the value is; add --role-claim CLAIM")
    }
    for scope in scopes { try OptionRules.check("--scope") { () throws(InputFault) in try Rules.scope(scope) } }
    guard scopes.count <= Rules.scopes else { throw ValidationError("--scope: at most \(Rules.scopes)") }
    guard roles.count <= Rules.roles else { throw ValidationError("--role: at most \(Rules.roles)") }
    _ = try rules()
    if let name {
      try OptionRules.check("--name") { () throws(InputFault) in
        try InputRules.name(name, longest: Rules.nameCharacters)
      }
    }
  }

  private func rules() throws -> [IdentityProvider.RoleRule] {
    var rules: [IdentityProvider.RoleRule] = []
    for text in roles {
      try OptionRules.check("--role \(text)") { () throws(InputFault) in
        rules.append(try IdentityProviderRules.role(text))
      }
    }
    return rules
  }

  /// How people know it.
  private var shownName: String { name ?? URLComponents(string: issuer)?.host ?? issuer }

  /// Reads the secret from its file.
  /// - Throws: `CommandFailure`, which does not quote it.
  static func secret(in file: String) throws -> String {
    guard let text = try PrivateFile.secret(path: file) else {
      throw CommandFailure(
        "--client-secret-file \(file) cannot be read", remedy: "specify a file that this user can read",
        status: .wrongCall)
    }
    do throws(InputFault) {
      try IdentityProviderRules.secret(text)
    } catch {
      throw CommandFailure(
        "--client-secret-file \(file): \(error.detail)", remedy: error.remedy, status: .wrongCall)
    }
    return text
  }

  func run() async throws {
    let secret = try clientSecretFile.map { try Self.secret(in: $0) }
    let pages = desk.localDeskIfAny()?.consoleURL
    let isNew = try await desk.withStore { try await allow(with: secret, in: $0) }
    Terminal.say(VisibleText.line("\(isNew ? "allowed" : "changed") \(shownName)"))
    Terminal.complain(
      "redirect address for the provider: \(pages ?? "URL of the console's --public-url")/v1/sign-in/answer")
    if secret == nil { Terminal.complain("the desk is a public client: it has no secret, and PKCE alone protects it") }
  }

  private static let uniqueViolation = "23505"

  /// - Returns: whether the provider is new.
  func allow(with secret: String?, in store: DeskStore) async throws -> Bool {
    let known = try await store.access.identityProviders()
    let isKnown = known.contains { $0.name.hasSameBytes(as: shownName) }
    guard isKnown || known.count < StoreBounds.identityProviders else {
      throw CommandFailure(
        "\(known.count) providers are allowed already", remedy: "remove one: `frontdesk keys provider-remove NAME`")
    }
    var random = SystemRandom()
    let provider = IdentityProvider(
      id: Identifier(at: try await store.now(), using: &random), name: shownName, issuer: issuer, client: client,
      clientSecret: secret, sealingKey: (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) },
      scopes: IdentityProviderRules.usualScopes
        + scopes.filter { scope in !IdentityProviderRules.usualScopes.contains { $0.hasSameBytes(as: scope) } },
      agentClaim: agentClaim, agentDomain: agentDomain, roleClaim: roleClaim, roles: try rules())
    do {
      return try await store.access.allow(provider)
    } catch let error as PostgresError where error.sqlState == AllowProvider.uniqueViolation {
      throw CommandFailure(
        "another name has the same issuer and client",
        remedy: "use that name, see `frontdesk keys providers`, or remove it first", status: .wrongCall)
    }
  }
}

/// Lists the identity providers.
struct ListProviders: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "providers", abstract: "List the identity providers by which people can sign in, without secrets.")

  @OptionGroup var desk: DeskOptions

  func run() async throws {
    for provider in try await desk.withStore({ try await $0.access.identityProviders() }) {
      Terminal.say(VisibleText.line(Self.line(provider)))
    }
  }

  static func line(_ provider: IdentityProvider) -> String {
    let agent = provider.agentDomain.map { "\(provider.agentClaim) of @\($0)" } ?? provider.agentClaim
    let roles = provider.roles.map { "\($0.value)=\($0.role.rawValue)" }.joined(separator: " ")
    return """
      \(provider.name)  issuer \(provider.issuer)  client \(provider.client) \(provider.clientSecret == nil ? "(public)" : "(with a secret)")  \
      agent by \(agent)  \(provider.roleClaim.map { "role by \($0): \(roles)" } ?? "everyone is an agent")  \
      scopes \(provider.scopes.joined(separator: " "))
      """
  }
}

/// Removes an identity provider.
struct RemoveProvider: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "provider-remove",
    abstract: "Stop sign-in by an identity provider, and sign the people out whom it signed in.")

  @Argument(help: "The name, as shown by `providers`.")
  var name: String

  @OptionGroup var desk: DeskOptions

  func run() async throws {
    guard try await desk.withStore({ try await $0.access.removeIdentityProvider(named: name) }) else {
      throw CommandFailure("there is no identity provider '\(name)'", remedy: "see `frontdesk keys providers`")
    }
    Terminal.say(VisibleText.line("removed \(name)"))
  }
}
