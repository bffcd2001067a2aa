public import DeskCore
public import Store

extension RestoreStore {
  /// Settles what was restored to a moment, and overrules nothing.
  public func settle(restoredTo moment: Instant) async throws -> RestoreSettlement {
    try await settle(SettlingTerms(moment: moment))
  }
}
