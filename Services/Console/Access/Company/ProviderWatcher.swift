import Logging
import ServiceHealth
import Store

/// Fetches the descriptions and keys of the identity providers before anyone needs them, so that a provider that cannot be reached shows in
/// `frontdesk status` and under `/metrics`. The console itself stays ready: people with a session, and programs, do not need a provider.
struct ProviderWatcher: PeriodicService {
  let book: ProviderBook
  let task: WatchedTask
  let logger: Logger

  var periodic: PeriodicTask { PeriodicTask(task, every: CompanyBounds.watchPause, logger: logger) }

  /// Asks each provider, also after one that failed.
  /// - Throws: the first failure.
  func round() async throws -> PeriodicTask.Pause {
    var failure: (any Error)?
    for known in try await book.all() {
      do {
        _ = try await known.document.refetched()
        _ = try await known.keys.refetched()
      } catch {
        logger.notice(
          "an identity provider fails", metadata: ["provider": "\(known.provider.name)", "fault": "\(error)"])
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
    return .regular
  }
}
