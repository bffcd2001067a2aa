package import ArgumentParser
import DeskCore
import PostgreSQL
import Store

/// Selects a replica for commands that only read.
package struct ReplicaOptions: ParsableArguments {
  static let variable = "FRONTDESK_POSTGRES_READER"

  @Option(
    help:
      "A read-only replica of the database to read from, in the same form (FRONTDESK_POSTGRES_READER); the primary is read where it is behind or cannot be reached."
  )
  package var postgresReader: String?

  package init() {}
}

extension DeskConnection {
  /// How many connections a command needs to a replica.
  private static let replicaConnections = 2

  /// Runs `body` with a replica if it is one of this desk's and not too old, else with the primary, and says so to the person.
  /// - Parameters:
  ///   - connectionInformation: of the replica; nil for none.
  ///   - primary: the desk's own store.
  static func withReplica<Result>(
    _ connectionInformation: String?, of primary: DeskStore, requestTimeout: Duration?,
    _ body: (DeskReader.Source) async throws -> Result
  ) async throws -> Result {
    guard let connectionInformation else {
      return try await DeskReader(primary: primary) { Instant(microseconds: 0) }.read(body)
    }
    let configuration = try configuration(
      connectionInformation, actor: "command", isPlainAllowed: isPlainAllowed, requestTimeout)
    let replicas = configuration.servers.prefix(ReplicaBounds.replicas).map {
      DeskReplica($0, connections: replicaConnections, setAside: primary.setAside, words: primary.words)
    }
    let (now, living) = (try await primary.now(), try await primary.fleet.livingInstances().map(\.id))
    for replica in replicas {
      do {
        try await replica.look(for: living, now: now)
      } catch {
        Terminal.complain("the replica \(replica.name) cannot be used: \(reason(error, isIdle: living.isEmpty))")
      }
    }
    // The age is that of a moment ago; reading begins at once.
    let reader = DeskReader(primary: primary, replicas: replicas) { now }
    do {
      let result = try await read(from: reader, now: now, body)
      for replica in replicas { await replica.close() }
      return result
    } catch {
      for replica in replicas { await replica.close() }
      throw error
    }
  }

  private static func read<Result>(
    from reader: DeskReader, now: Instant, _ body: (DeskReader.Source) async throws -> Result
  ) async throws -> Result {
    try await reader.read { source in
      guard let data = source.replica else {
        for (reason, count) in reader.counts.fellBack where count > 0 && reason != .missing {
          Terminal.complain("reading from the primary: \(words(reason))")
        }
        return try await body(source)
      }
      if data.age >= reader.limits.notice {
        Terminal.complain("the replica's data is \(Int(data.age.inSeconds)) s old")
      }
      do {
        return try await body(source)
      } catch is CommandFailure {
        // What it did not find may be on the primary; if not, the primary's answer is the same.
        throw DeskReader.Missing()
      }
    }
  }

  private static func reason(_ error: any Error, isIdle: Bool) -> String {
    guard error is DeskReplica.Foreign else { return "\(error)" }
    return isIdle
      ? "no service of the desk is running, whose heartbeats would date its data"
      : "it has none of the desk's running services"
  }

  private static func words(_ reason: DeskReader.Reason) -> String {
    switch reason {
    case .unreachable: "no replica can be used"
    case .late: "the replica is more than \(ReplicaBounds.limitAge.components.seconds) s behind"
    case .conflict: "the replica had to cancel the reading, to keep up with the primary"
    case .missing: "the replica does not have it yet"
    case .failed: "reading from the replica failed"
    }
  }
}
