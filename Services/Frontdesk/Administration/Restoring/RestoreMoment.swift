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
    /// The newest trace of services in the database: the last moment of which it is certain that all before it is there.
    case trace
  }

  let instant: Instant
  let source: Source

  /// - Parameters:
  ///   - named: the moment that the operator named; nil for the one that the database shows.
  ///   - isRestoredAgain: whether the database went back in time after what the server and the audit know of.
  /// - Returns: nil for a database without any trace.
  init?(named: Instant?, of server: RestoredServer, isRestoredAgain: Bool = false) {
    let known: [(Instant?, Source)] = [
      (named, .named), (isRestoredAgain ? nil : server.target, .server),
      (server.isSettled && !isRestoredAgain ? server.settled?.moment : nil, .settled), (server.newestTrace, .trace),
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

// MARK: - What the database says against it

extension RestoreMoment {
  /// Why a database cannot have been restored to a moment, and what to do.
  struct Contradiction: Sendable, Equatable {
    let problem: String
    let remedy: String
  }

  /// A recovery ends before the first commit after its moment, by the clock that dated the data: nothing in it can be newer.
  /// - Parameters:
  ///   - trace: the newest data that was restored.
  ///   - clockTolerance: how far clocks may differ.
  func contradiction(now: Instant, trace: Instant?, clockTolerance: Duration) -> Contradiction? {
    if instant > now + clockTolerance {
      return Contradiction(
        problem: "\(field) \(RFC3339.text(instant)) is after the server's time, \(RFC3339.text(now))",
        remedy: "name the moment that the database was restored to with --moment; it has passed")
    }
    if let trace, trace > instant + clockTolerance {
      return Contradiction(
        problem: "\(field) \(RFC3339.text(instant)) is before the newest data here, of \(RFC3339.text(trace))",
        remedy: """
          name the moment of this restore with --moment; if it is right, this is another database, or services have written to it since; \
          --clock-tolerance allows for clocks that differ
          """)
    }
    return nil
  }

  private var field: String {
    switch source {
    case .named: "--moment"
    case .server: "the server's recovery_target_time"
    case .settled: "the settled moment in the audit,"
    case .trace: "the newest heartbeat, message or audit entry, of"
    }
  }
}
