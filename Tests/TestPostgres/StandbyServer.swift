import PostgreSQL

// A physical standby of a test server: a base backup that replays what the primary streams to it. It is a server like any other, which can
// be stopped and started; its databases are those of the primary.

extension PrivatePostgres {
  /// Returns a running standby of a server of this process; call `remove()` at the end. It waits for its statements before it replays what
  /// they cannot bear; see `cancelConflicts`.
  public static func standby(of primary: PrivatePostgres) async throws -> PrivatePostgres {
    try await make(isShared: false, standbyOf: primary.folder)
  }

  /// Makes the data folder from the primary's, with the settings to follow it.
  func copy(from primary: String) throws {
    startWatchdog()
    try run(
      """
      [ "$(id -u)" != 0 ] || chown postgres "$folder"
      $bin/pg_basebackup --pgdata="$folder/data" --checkpoint=fast \
        --dbname='host=\(primary) port=5432 user=postgres application_name=\(Self.standbyName)' \
        --wal-method=stream --write-recovery-conf --no-sync >"$folder.initdb" 2>&1 && rm "$folder.initdb"
      cat >>"$folder/data/postgresql.conf" <<'END'
      unix_socket_directories = '\(folder)'
      max_standby_streaming_delay = -1
      wal_receiver_status_interval = 1s
      wal_retrieve_retry_interval = 100ms
      END
      """)
  }

  /// Stops replaying: the standby stays as it is, and answers.
  public func pauseReplay() async throws {
    try await ask("SELECT pg_wal_replay_pause()::text")
    // It is paused when the replaying process has noticed.
    try await until("pg_get_wal_replay_pause_state() = 'paused'")
  }

  /// Replays again what was missed, and what comes.
  public func resumeReplay() async throws { try await ask("SELECT pg_wal_replay_resume()::text") }

  /// Whether statements of the standby that keep it from replaying are cancelled at once, instead of being waited for. Restarts it.
  public func cancelConflicts(_ isOn: Bool) async throws {
    try await restart(
      after: "ALTER SYSTEM \(isOn ? "SET max_standby_streaming_delay = 0" : "RESET max_standby_streaming_delay")")
  }

  private func restart(after command: String) async throws {
    try await connected { try await $0.executeScript(command) }
    try await stopImmediately()
    try await start()
  }

  /// Waits until the standby has replayed everything that was written on its primary before the call.
  public func catchUp(with primary: PrivatePostgres) async throws {
    let target = try await primary.ask("SELECT pg_current_wal_flush_lsn()::text")
    try await until("pg_last_wal_replay_lsn() >= '\(target)'::pg_lsn")
  }

  /// Waits until a condition is true on this server.
  private func until(_ condition: String) async throws {
    try await connected { connection in
      let statement = PostgresStatement<Bool>("condition", "SELECT coalesce(\(condition), false)")
      while try await connection.query(statement).first != true { try await Task.sleep(for: .milliseconds(5)) }
    }
  }

  /// The first row's text.
  @discardableResult
  private func ask(_ sql: String) async throws -> String {
    try await connected { connection in
      (try await connection.query(PostgresStatement<String?>("question", sql)).first ?? nil) ?? ""
    }
  }

  private func connected<Value>(_ body: (PostgresConnection) async throws -> Value) async throws -> Value {
    let thread = PostgresThread(name: "standby")
    do {
      let connection = try await PostgresConnection.connect(configuration, on: thread)
      let value = try await body(connection)
      await connection.close()
      await thread.stop()
      return value
    } catch {
      await thread.stop()
      throw error
    }
  }
}
