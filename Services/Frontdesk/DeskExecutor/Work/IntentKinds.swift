import DeskCore
import Store
import UntrustedInput

/// The kinds of work that this build knows.
enum IntentKinds {
  /// - Returns: nil for a kind, or parameters, of another build.
  static func work(
    for intent: Intent, in store: DeskStore, _ configuration: ExecutorConfiguration
  ) -> (any IntentWork)? {
    let parameters = intent.parameters
    switch Intent.Kind(rawValue: intent.kind) {
    case .scaleWorkers: return ScalingWork(intent, store, configuration)
    case .replayDeadLetters: return ReplayWork(parameters, store)
    case .revokeKey: return RevocationWork(parameters, store)
    case .applyPolicy: return PolicyWork(applying: intent, store, configuration)
    case .restorePolicy: return PolicyWork(restoring: intent, store, configuration)
    case .promoteModel: return PromotionWork(store: store, configuration: configuration)
    case .revertModel: return ReversionWork(configuration: configuration)
    case .verifyAudit: return VerificationWork(store: store)
    case nil: return nil
    }
  }
}

extension JSONValue {
  /// The number of a member, if it is a whole one that fits.
  func number<Number: FixedWidthInteger>(_ name: String) -> Number? {
    guard case .integer(let value)? = self[name] else { return nil }
    return Number(exactly: value)
  }

  /// The time of a member.
  func instant(_ name: String) -> Instant? { self[name]?.text.flatMap { RFC3339.instant($0) } }
}
