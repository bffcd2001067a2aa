import HTTPTypes
import ServiceKit
import Synchronization

/// One report is counted at a time: it reads whole days, and agents who answer customers go first.
final class ReportTurn: Sendable {
  private let isTaken = Atomic(false)

  /// Has the turn while `body` runs.
  /// - Throws: `HTTPProblem` 503 with `Retry-After` while another has it, or what `body` throws.
  func take<Result>(_ body: () async throws -> Result) async throws -> Result {
    guard !isTaken.exchange(true, ordering: .acquiring) else {
      throw HTTPProblem.retryLater(
        .serviceUnavailable, after: ConsoleBounds.reportPause, detail: "Another report is being counted.")
    }
    defer { isTaken.store(false, ordering: .releasing) }
    return try await body()
  }
}
