internal import Logging
internal import Observability

/// The configuration keys that every service has.
public enum StandardKeys {
  /// The database's address.
  public static let postgres = ConfigurationKey(
    "postgres", isRequired: true, isSecret: true,
    help: "PostgreSQL connection: libpq keywords (host=… dbname=…) or a postgresql:// URL")

  /// Whether the connection may be unprotected.
  public static let plainPostgres = ConfigurationKey(
    "plain-postgres", .boolean, default: "false",
    help: "allow PostgreSQL on another host without sslmode=verify-full, because the network in between is private")

  /// The number of connections to it.
  public static let postgresConnections = ConfigurationKey(
    "postgres-connections", .integer(1...64), default: "6", help: "maximum number of connections to PostgreSQL")

  /// Where health and metrics are served.
  public static let operationsListen = ConfigurationKey(
    "operations-listen", default: "127.0.0.1:0",
    help: "address and port of /livez, /readyz and /metrics; port 0 selects a free port")

  /// Where links and hints are bound.
  public static let linkListen = ConfigurationKey(
    "link-listen", default: "tcp://127.0.0.1:*",
    help: "ZeroMQ address for links between services; * selects a free port, other hosts need a reachable address")

  /// The log format.
  public static let logFormat = ConfigurationKey(
    "log-format", .choice(LogFormat.allCases.map(\.rawValue)), default: "json",
    help: "one JSON object per line, or human-readable text")

  /// The minimum level of log records.
  public static let logLevel = ConfigurationKey(
    "log-level", .choice(Logger.Level.allCases.map(\.rawValue)), default: "info",
    help: "minimum level of the records that are written")

  /// Where spans are exported.
  public static let tracingEndpoint = ConfigurationKey(
    "tracing-endpoint",
    help:
      "base URL of an OpenTelemetry collector (OTLP over HTTP), such as http://127.0.0.1:4318; without it no spans are recorded"
  )

  /// The share of new traces that is recorded.
  public static let tracingSampleShare = ConfigurationKey(
    "tracing-sample-share", .share, default: "1",
    help: "share of new traces whose spans are recorded; requests with a traceparent keep their sender's decision")

  /// Whether a supervisor holds the other end of standard input.
  public static let supervised = ConfigurationKey(
    "supervised", .boolean, default: "false", help: "drain at the end of standard input, when the supervisor has exited"
  )

  /// Whether links are disabled.
  public static let linksBlocked = ConfigurationKey(
    "links-blocked", .boolean, default: "false",
    help:
      "do not use ZeroMQ between services; all work goes through the PostgreSQL fallback (for tests and emergencies)"
  )

  /// All standard keys, in the order of `--help`.
  public static let all = [
    postgres, plainPostgres, postgresConnections, operationsListen, linkListen, linksBlocked, logFormat, logLevel,
    tracingEndpoint, tracingSampleShare, supervised,
  ]
}
