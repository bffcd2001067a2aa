public import DeskCore
public import Store

extension StoredPolicy {
  /// The number of earlier versions searched for a service level that open tickets still use but the policy no longer has.
  static let versionsLookedThrough: Int32 = 100

  /// Returns the policy as services use it: including removed service levels of earlier versions that open tickets still use.
  ///
  /// The previous version is always included, because another service may use it for a little longer; earlier ones only if a
  /// live ticket refers to their service levels. Versions that this build cannot read are skipped.
  ///
  /// - Throws: `PolicyMistakes` when this build cannot read the policy, `PostgresError`.
  public func policyInForce(in store: DeskStore) async throws -> Policy {
    var policy = try policy()
    guard version > 1 else { return policy }
    if let earlier = try await store.access.policy(version: version - 1).flatMap({ try? $0.policy() }) {
      policy.keepServiceLevels(of: earlier)
    }
    let known = policy.serviceLevels.map(\.name) + policy.formerServiceLevels.keys
    var missing = try await store.reports.serviceLevelsFollowed(except: known)
    var number = version - 2
    while let oldest = missing.values.min(), number >= max(1, oldest), number > version - Self.versionsLookedThrough {
      if let earlier = try await store.access.policy(version: number).flatMap({ try? $0.policy() }) {
        policy.keepServiceLevels(of: earlier, named: Set(missing.keys))
        missing = missing.filter { policy.formerServiceLevels[$0.key] == nil }
      }
      number -= 1
    }
    return policy
  }
}
