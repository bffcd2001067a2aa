/// The settings of the desk's own PostgreSQL: durable as in production, and sized for a desk on one machine. `deploy/README.md` gives those
/// for operators' servers, with what was measured.
enum PostgresSettings {
  /// The buffers of a machine that does not say how much memory it has.
  private static let usualBuffers = 256
  /// In MiB. What the hot tables need at least, and beyond which nothing was gained and a shutdown's checkpoint only takes longer.
  private static let buffers = 128...2_048

  /// The text of the file.
  /// - Parameter memory: the bytes that the server and the desk's processes may use; nil if that is not known.
  static func text(socketFolder: String, memory: Int64?) -> String {
    let mebibytes = memory.map { Int(clamping: $0 >> 20) }
    let shared = mebibytes.map { min(max($0 / 4, buffers.lowerBound), buffers.upperBound) } ?? usualBuffers
    return """
      # Written by `frontdesk up` at each start.
      listen_addresses = ''
      unix_socket_directories = \(PostgresQuoting.folderSetting(socketFolder))
      unix_socket_permissions = 0700
      port = \(LocalPostgres.port)
      max_connections = \(UpBounds.postgresConnections)
      password_encryption = scram-sha-256

      # Acknowledged data is on disk.
      fsync = on
      synchronous_commit = on
      full_page_writes = on

      # A quarter of the memory, which the desk's processes and the file cache share.
      shared_buffers = \(shared)MB
      effective_cache_size = \(max((mebibytes ?? 2 * usualBuffers) / 2, shared))MB
      work_mem = 8MB
      maintenance_work_mem = 64MB
      random_page_cost = 1.1
      wal_buffers = 16MB
      # After a checkpoint every page is logged whole when it first changes: a busy desk pays for each one.
      max_wal_size = 4GB
      min_wal_size = 256MB
      checkpoint_timeout = 15min
      checkpoint_completion_target = 0.9

      # Queue tables are small and change constantly.
      autovacuum_naptime = 10s
      autovacuum_vacuum_scale_factor = 0.05
      autovacuum_vacuum_cost_delay = 1ms
      idle_in_transaction_session_timeout = 30s

      logging_collector = off
      log_line_prefix = '%m [%p] %a '
      log_min_messages = warning
      log_min_error_statement = panic
      log_error_verbosity = terse
      log_checkpoints = off
      timezone = 'UTC'
      log_timezone = 'UTC'

      """
  }
}
