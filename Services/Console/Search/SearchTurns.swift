import HTTPService
import HTTPTypes
import Synchronization

/// Bounds how many searches run at once, so that they leave database connections to the work on tickets.
final class SearchTurns: Sendable {
  private let taken = Atomic(0)

  /// Runs a search if fewer than `ConsoleBounds.searchesAtOnce` run.
  /// - Throws: `HTTPProblem` 503 with `Retry-After` otherwise, or what `body` throws.
  func take<Result>(_ body: () async throws -> Result) async throws -> Result {
    defer { taken.subtract(1, ordering: .relaxed) }
    guard taken.add(1, ordering: .relaxed).oldValue < ConsoleBounds.searchesAtOnce else {
      throw HTTPProblem.retryLater(
        .serviceUnavailable, after: .seconds(1), detail: "Too many searches run at the moment.")
    }
    return try await body()
  }
}
