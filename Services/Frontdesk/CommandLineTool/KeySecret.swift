import Crypto
package import DeskCore
import Foundation
import PolicyReading
package import Store
import SystemPrimitives

/// The secret of an API key, while it is being created.
package struct KeySecret: Sendable {
  /// The text shown to its bearer: `fd_` and 256 random bits in base64url.
  package let text: String

  /// The bytes of randomness in a secret.
  static let randomBytes = 32

  /// Generates a new secret.
  package static func random() -> KeySecret {
    var random = SystemRandom()
    let bytes = (0..<randomBytes).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    return KeySecret(text: "fd_" + base64URL(bytes))
  }

  /// The digest that the desk stores.
  package var digest: [UInt8] { Array(SHA256.hash(data: Data(text.utf8))) }

  /// URL- and shell-safe Base64 without padding (RFC 4648, section 5).
  static func base64URL(_ bytes: [UInt8]) -> String {
    Data(bytes).base64EncodedString().replacingOccurrences(of: "+", with: "-")
      .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
  }
}

extension DeskStore {
  /// Stores a new key's digest.
  /// - Returns: its identifier.
  package func add(
    _ secret: KeySecret, role: Role, channel: ChannelID? = nil, agent: AgentID? = nil, label: String,
    lifetime: Duration? = nil, access: KeyAccess = .full
  ) async throws -> Identifier<APIKey> {
    var random = SystemRandom()
    let id = Identifier<APIKey>(at: try await now(), using: &random)
    try await self.access.addKey(
      id: id, digest: secret.digest, role: role, channel: channel, agent: agent, label: label, lifetime: lifetime,
      access: access)
    return id
  }

  /// Stores the digest of a key that replaces another.
  /// - Returns: its identifier; nil when the other one is not valid or has already been replaced.
  package func rotate(
    _ old: Identifier<APIKey>, to secret: KeySecret, grace: Duration, lifetime: Duration?
  ) async throws -> Identifier<APIKey>? {
    var random = SystemRandom()
    let id = Identifier<APIKey>(at: try await now(), using: &random)
    let isDone = try await access.rotateKey(old, to: id, digest: secret.digest, grace: grace, lifetime: lifetime)
    return isDone ? id : nil
  }
}

/// Detects names missing from the policy in force before an unusable key is created.
package struct PolicyNames {
  /// The policy in force; nil when there is none, or one that this build cannot read.
  package let policy: Policy?

  package init(_ store: DeskStore) async throws {
    policy = try await store.access.newestPolicy().flatMap { try? $0.policy() }
  }

  /// - Throws: `CommandFailure` for a name that is not in the policy. Without a policy every name is accepted.
  package func check(channel: ChannelID?, agent: AgentID?) throws {
    guard let policy else { return }
    if let channel, policy.channels[channel] == nil {
      let known = policy.channels.keys.sorted().map(\.rawValue).joined(separator: ", ")
      throw CommandFailure(
        "the policy has no channel '\(channel)'", remedy: "use one of: \(known)", status: .wrongCall)
    }
    if let agent, policy.agents[agent] == nil {
      throw CommandFailure(
        "the policy has no agent '\(agent)'", remedy: "add it to the policy and apply that first", status: .wrongCall)
    }
  }
}
