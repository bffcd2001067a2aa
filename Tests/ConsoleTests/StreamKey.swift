import DeskCore

@testable import Store

/// Keys that open streams.
enum StreamKey {
  static func of(
    _ agent: AgentID, id: Identifier<APIKey> = Identifier(high: 1, low: 1), role: Role = .agent,
    access: KeyAccess = .full
  ) -> APIKey {
    APIKey(
      id: id, role: role, channel: nil, agent: agent, label: "test", createdAt: Instant(seconds: 0), expiresAt: nil,
      revokedAt: nil, access: access)
  }
}
