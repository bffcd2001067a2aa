public import DeskCore
public import Store

extension PolicyChange {
  /// What a policy would change for the tickets that are open now, compared with the policy in force.
  /// - Parameter text: the policy's text; with the text in force nothing changes.
  /// - Returns: nil where this build cannot read the policy in force, so the changes are unknown.
  public static func changes(
    to policy: Policy, text: String, in store: DeskStore
  ) async throws -> [PolicyChange]? {
    guard let stored = try await store.access.newestPolicy(), !stored.document.hasSameBytes(as: text) else { return [] }
    let inForce: Policy
    do {
      inForce = try await stored.policyInForce(in: store)
    } catch is PolicyMistakes {
      return nil
    }
    return PolicyChange.changes(from: inForce, to: policy, on: try await store.access.openWork(under: policy))
  }
}
