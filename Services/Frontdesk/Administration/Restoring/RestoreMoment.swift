import ArgumentParser
import DeskCore
import Store

/// The moment that a desk was restored to: what was acknowledged until then must be in it, what was acknowledged later cannot be.
struct RestoreMoment: Sendable, Equatable {
  /// Where it is known from.
  enum Source: String, Sendable, Encodable {
    /// The operator named it.
    case named
    /// The server's `recovery_target_time`.
    case server
    /// The entry in the audit that settled the restored desk.
    case settled
    /// The newest heartbeat or audit entry in the database: the last moment of which it is certain that all before it is there.
    case trace
  }

  let instant: Instant
  let source: Source

  /// - Parameter named: the moment that the operator named; nil for the one that the database shows.
  /// - Returns: nil for a database without any trace.
  init?(named: Instant?, of server: RestoredServer) {
    let known: [(Instant?, Source)] = [
      (named, .named), (server.target, .server), (server.settled?.moment, .settled), (server.newestTrace, .trace),
    ]
    for case (let instant?, let source) in known {
      (self.instant, self.source) = (instant, source)
      return
    }
    return nil
  }

  /// Reads the moment on the command line.
  static func read(_ argument: String) throws -> Instant {
    if let instant = RFC3339.instant(argument) { return instant }
    throw ValidationError("write the moment with its offset, such as 2026-11-22T08:30:00.125+08:00")
  }
}
