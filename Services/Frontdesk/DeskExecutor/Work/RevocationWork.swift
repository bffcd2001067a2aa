import DeskCore
import Store

/// Revokes a key, as `frontdesk keys revoke` does.
struct RevocationWork: IntentWork {
  private let key: Identifier<APIKey>
  private let store: DeskStore

  init?(_ parameters: JSONValue, _ store: DeskStore) {
    guard let key = parameters["key"]?.text.flatMap({ Identifier<APIKey>($0) }) else { return nil }
    (self.key, self.store) = (key, store)
  }

  func check() async throws -> IntentCheck {
    guard let found = try await store.access.keys().first(where: { $0.id == key }) else {
      return .refused(IntentNote("no_such_key"))
    }
    guard found.revokedAt == nil else { return .refused(IntentNote("key_not_active")) }
    return .ready
  }

  func act(plan _: JSONValue, isRepeated _: Bool) async throws -> IntentNote {
    // False when it was revoked in between, which is what was wanted.
    _ = try await store.access.revokeKey(key)
    return IntentNote("key_revoked", [.init("key", .text(key.description))])
  }
}
