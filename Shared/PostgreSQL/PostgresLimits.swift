/// The limits of this module.
enum PostgresLimits {
  /// Parameters per statement: the protocol counts them in 16 bits.
  static let parametersPerStatement = 65_535

  /// Bytes per parameter: PostgreSQL accepts values under 1 GB.
  static let bytesPerParameter = 1 << 30

  /// Statements per batch; use arrays and `unnest` for more.
  static let statementsPerBatch = 1_024

  /// Bytes of a statement's name: PostgreSQL silently truncates longer ones.
  static let bytesPerStatementName = 63

  /// Exchanges sent on one connection and not yet answered, so that its output buffer stays small.
  static let exchangesInFlight = 64

  /// Exchanges that wait for their turn on one connection.
  static let exchangesWaiting = 1_024

  /// Different statements prepared on one connection; a program's statements are few and fixed, so more is a mistake.
  static let preparedStatements = 2_048

  /// How long a cancelled exchange may take to end before its connection is closed.
  static let cancellationGrace: Duration = .seconds(5)

  /// The time after which a cancelled exchange that has not ended is cancelled again.
  static let cancellationRepetition: Duration = .milliseconds(100)

  /// How long `shutdown` waits for connections that are in use.
  static let shutdownGrace: Duration = .seconds(10)

  /// The shortest share of a connection attempt's time for each of several hosts: enough for TLS and a password on busy machines, and two
  /// silent hosts of three leave a caller who waits for five seconds (`PostgresPoolLimits.waitTimeout`) time for the third.
  static let hostTimeout: Duration = .seconds(2)

  /// How long a rollback after a failed transaction may take before its connection is closed.
  static let rollbackDeadline: Duration = .seconds(5)

  /// How often idle connections are checked.
  static let idleSweepInterval: Duration = .seconds(5)
}
