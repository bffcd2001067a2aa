import DeskCore
import PolicyReading
import ServiceProcess
import Store

/// The titles of the policy in force, read once for each version.
actor TitleBook {
  /// What has titles, as named in the answer, by its section in the policy.
  static let sections = ["queues", "skills", "categories", "teams", "agents", "channels", "product_lines"]

  private let store: DeskStore
  private let policy: PolicyFollower
  // exact-keys: a section and a name of the policy, which are ASCII
  private var known: (version: Int32, titles: [String: PolicyTitle])?

  init(store: DeskStore, policy: PolicyFollower) {
    self.store = store
    self.policy = policy
  }

  /// The titles by section and name, such as `queues.orders`, and the policy's version; nil while there is no policy.
  // exact-keys: as above
  func titles() async throws -> (version: Int32, titles: [String: PolicyTitle])? {
    guard let version = policy.current?.version else { return nil }
    if let known, known.version == version { return known }
    guard let stored = try await store.access.policy(version: version) else { return nil }
    // A version that is in force was read by this build.
    let titles = (try? PolicyDocument(yaml: stored.document, version: version).titles) ?? [:]
    known = (version, titles)
    return known
  }
}
