import HTTPTypes
import ServiceKit
import Synchronization

/// One report is counted at a time: it reads whole days, and agents who answer customers go first.
final class ReportTurn: Sendable {
  private let isTaken = Mutex(false)

  /// Has the turn while `body` runs.
  /// - Throws: `HTTPProblem` 503 with `Retry-After` while another has it, or what `body` throws.
  func take<Result>(_ body: () async throws -> Result) async throws -> Result {
    let mayBegin = isTaken.withLock { taken in
      defer { taken = true }
      return !taken
    }
    guard mayBegin else {
      throw HTTPProblem.retryLater(
        .serviceUnavailable, after: ConsoleBounds.reportPause, detail: "Another report is being counted.")
    }
    defer { isTaken.withLock { $0 = false } }
    return try await body()
  }
}
