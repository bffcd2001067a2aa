public import DeskCore
public import Store

extension StoredPolicy {
  /// Earlier versions that are looked through for a service level that open tickets follow and the policy has no more.
  static let versionsLookedThrough: Int32 = 100

  /// The policy as services work by it: with the service levels of earlier versions that it has no more and open tickets follow still.
  ///
  /// The version before is always looked at, because another service may go by it for a moment longer; those before that only where a
  /// live ticket names what they had. Versions that this build cannot read are passed over.
  ///
  /// - Throws: `PolicyMistakes` when this build cannot read the policy, `PostgresError`.
  public func policyInForce(in store: DeskStore) async throws -> Policy {
    var policy = try policy()
    guard version > 1 else { return policy }
    if let earlier = try await store.policy(version: version - 1).flatMap({ try? $0.policy() }) {
      policy.keepServiceLevels(of: earlier)
    }
    let known = policy.serviceLevels.map(\.name) + policy.formerServiceLevels.keys
    var missing = try await store.serviceLevelsFollowed(besides: known)
    var number = version - 2
    while let oldest = missing.values.min(), number >= max(1, oldest), number > version - Self.versionsLookedThrough {
      if let earlier = try await store.policy(version: number).flatMap({ try? $0.policy() }) {
        policy.keepServiceLevels(of: earlier, named: Set(missing.keys))
        missing = missing.filter { policy.formerServiceLevels[$0.key] == nil }
      }
      number -= 1
    }
    return policy
  }
}
