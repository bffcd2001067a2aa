import HTTPService
import HTTPTypes
import Synchronization

/// Serialises reports: each reads whole days, and agents' requests take precedence.
final class ReportTurn: Sendable {
  private let isTaken = Atomic(false)

  /// Runs `body` while holding the turn.
  /// - Throws: `HTTPProblem` 503 with `Retry-After` while another request holds it, or what `body` throws.
  func take<Result>(_ body: () async throws -> Result) async throws -> Result {
    guard !isTaken.exchange(true, ordering: .acquiring) else {
      throw HTTPProblem.retryLater(
        .serviceUnavailable, after: ConsoleBounds.reportPause, detail: "Another report is being computed.")
    }
    defer { isTaken.store(false, ordering: .releasing) }
    return try await body()
  }
}
