/// Lets steps that do not depend on one another all be tried, and keeps the first failure for afterwards.
///
/// ```swift
/// var failures = FirstFailure()
/// for hook in hooks { await failures.attempt { try await sweep(hook) } }
/// try failures.rethrow()
/// ```
public struct FirstFailure: Sendable {
  private var error: (any Error)?

  public init() {}

  /// Runs a step. Its failure is kept if it is the first one, and does not end the caller's work.
  public mutating func attempt(_ step: () async throws -> Void) async {
    do {
      try await step()
    } catch {
      self.error = self.error ?? error
    }
  }

  /// Throws the first failure, if any step failed.
  public func rethrow() throws {
    if let error { throw error }
  }
}
