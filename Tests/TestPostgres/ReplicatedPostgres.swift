public import PostgreSQL
import TestKit

/// A server whose commits wait for a standby, and its standby.
public struct ReplicatedPostgres: Sendable {
  /// The server that commits.
  public let primary: PrivatePostgres
  /// Its only standby.
  public let standby: PrivatePostgres
  /// Connections to the primary that watch the others.
  private let observer: PostgresPool

  /// Runs a body on a pair of its own, which it may stop and promote.
  public static func with<Result>(_ body: (ReplicatedPostgres) async throws -> Result) async throws -> Result {
    let servers = try await make()
    do {
      let result = try await body(servers)
      await servers.remove()
      return result
    } catch {
      await servers.remove()
      throw error
    }
  }

  private static func make() async throws -> ReplicatedPostgres {
    let primary = try await PrivatePostgres.own()
    let standby: PrivatePostgres
    do {
      standby = try await PrivatePostgres.standby(of: primary)
    } catch {
      await primary.remove()
      throw error
    }
    let observer = try await primary.observer()
    let servers = ReplicatedPostgres(primary: primary, standby: standby, observer: observer)
    do {
      try await observer.waitForStandbys(named: "ANY 1 (\(PrivatePostgres.standbyName))")
      try await servers.untilItStreams()
    } catch {
      await servers.remove()
      throw error
    }
    return servers
  }

  private func remove() async {
    await observer.shutdown()
    await standby.remove()
    await primary.remove()
  }

  /// Stops the standby: no commit is confirmed from now on.
  public func stopStandby() async throws {
    try await standby.stopImmediately()
    try await eventually("the end of the standby") { try await observer.query(Self.streaming) == [0] }
  }

  /// Starts the standby again, and returns when it confirms commits.
  public func startStandby() async throws {
    try await standby.start()
    try await untilItStreams()
  }

  /// Stops the primary as a power failure would, and makes the standby the primary.
  public func failOver() async throws {
    try await primary.stopImmediately()
    try await standby.start()
    try await standby.promote()
  }

  /// Waits until a session waits for the standby, and ends its wait; see `PostgresPool.endCommitWaits`.
  public func endCommitWaits(terminating: Bool = false) async throws {
    try await observer.endCommitWaits(terminating: terminating)
  }

  /// Sets which standbys commits wait for; empty for none.
  public func waitForStandbys(named names: String) async throws {
    try await observer.waitForStandbys(named: names)
  }

  /// Waits until a session waits for the standby.
  public func untilACommitWaits() async throws {
    try await observer.untilACommitWaits()
  }

  private func untilItStreams() async throws {
    try await eventually("a standby that confirms commits") { try await observer.query(Self.streaming) == [1] }
  }

  private static let streaming = PostgresStatement<Int64>(
    "streaming_standbys", "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'quorum' AND state = 'streaming'"
  )
}

extension PostgresPool {
  /// Sets `synchronous_standby_names`: commits of this server wait for them from now on, also where there are none; empty ends that.
  ///
  /// Sessions read the setting themselves, but commits wait only once the checkpointer has read it too. The server signals all of its
  /// processes before it opens another session, and a checkpointer that was signalled reads the settings before it makes a checkpoint. So
  /// the setting is in force everywhere after the first checkpoint of a new session.
  public func waitForStandbys(named names: String) async throws {
    try await executeScript("ALTER SYSTEM SET synchronous_standby_names = '\(names)'")
    try await executeScript("SELECT pg_reload_conf()")
    let setting = PostgresStatement<String>("standby_names", "SELECT current_setting('synchronous_standby_names')")
    try await eventually("the new setting") { try await query(setting) == [names] }
    do {
      // Its only connection: the next request opens another.
      try await executeScript("SELECT pg_terminate_backend(pg_backend_pid())")
    } catch let error as PostgresError where error.sqlState == "57P01" {}
    try await executeScript("CHECKPOINT")
  }

  /// Waits until a session of this server waits for a synchronous standby.
  public func untilACommitWaits() async throws {
    try await eventually("a commit that waits for a standby") { try await query(Self.waiting) != [0] }
  }

  /// Waits until a session of this server waits for a synchronous standby, and cancels all such waits, as a client or an operator does.
  /// - Parameter terminating: ends the sessions instead.
  public func endCommitWaits(terminating: Bool = false) async throws {
    let end = terminating ? Self.terminate : Self.cancel
    try await eventually("a commit that waits for a standby") { try await !query(end, [[String]()]).isEmpty }
  }

  /// Cancels every wait for a synchronous standby, once, while work is done that may wait several times.
  public func endingCommitWaits<Result>(while work: () async throws -> Result) async throws -> Result {
    let isOver = TestSignal()
    let ending = Task {
      // A second cancellation could hit what the session does next.
      var ended: [String] = []
      while isOver.count == 0 {
        ended += try await query(Self.cancel, [ended])
        try await Task.sleep(for: .milliseconds(5))
      }
    }
    // Not cancelled: that could hit the next statement of the connection.
    do {
      let result = try await work()
      isOver.fire()
      try await ending.value
      return result
    } catch {
      isOver.fire()
      _ = await ending.result
      throw error
    }
  }

  private static let isWaiting = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
  private static let waiting = PostgresStatement<Int64>("commit_waits", "SELECT count(*) \(isWaiting)")
  private static let cancel = end("pg_cancel_backend")
  private static let terminate = end("pg_terminate_backend")

  /// Ends the waits that are not among those given, and returns which: a session's process and when its statement began.
  private static func end(_ function: String) -> PostgresStatement<String> {
    PostgresStatement(
      function,
      // Materialised: otherwise the function may be called first, for every session, also this one.
      """
      WITH waits AS MATERIALIZED (SELECT pid, pid || ' ' || query_start AS wait \(isWaiting)),
           others AS MATERIALIZED (SELECT pid, wait FROM waits WHERE wait <> ALL($1::text[]))
      SELECT wait FROM others WHERE \(function)(pid)
      """)
  }
}
