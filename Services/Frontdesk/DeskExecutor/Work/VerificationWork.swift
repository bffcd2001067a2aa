import Administration
import DeskCore
import Store

/// Verifies the audit chain, as `frontdesk audit verify --chain-only` does. Changes nothing.
struct VerificationWork: IntentWork {
  let store: DeskStore

  func check() async throws -> IntentCheck { .ready }

  func act(plan _: JSONValue, isRepeated _: Bool) async throws -> IntentNote {
    var verifier = AuditVerifier(store: store)
    do {
      try await verifier.verifyChain()
    } catch let broken as AuditChain.Break {
      return IntentNote(
        "audit_broken", [.init("entry", .integer(broken.entry)), .init("problem", .text(broken.description))])
    }
    let end = verifier.end
    return IntentNote("audit_valid", [.init("entries", .integer(end.number)), .init("digest", .text(end.digest))])
  }
}
