internal import Logging

/// The keys that every service has.
public enum StandardKeys {
  /// Where the database is.
  public static let postgres = ConfigurationKey(
    "postgres", isRequired: true, isSecret: true,
    help: "how to reach PostgreSQL: libpq's keywords (host=… dbname=…) or a postgresql:// URL")

  /// Whether the way there may be unprotected.
  public static let plainPostgres = ConfigurationKey(
    "plain-postgres", .boolean, default: "false",
    help: "reach a PostgreSQL on another host without sslmode=verify-full, because the network between is private")

  /// How many connections to it.
  public static let postgresConnections = ConfigurationKey(
    "postgres-connections", .integer(1...64), default: "6", help: "connections to PostgreSQL at most")

  /// Where health and metrics are served.
  public static let operationsListen = ConfigurationKey(
    "operations-listen", default: "127.0.0.1:0",
    help: "address and port of /livez, /readyz and /metrics; port 0 takes a free one")

  /// Where links and hints are bound.
  public static let linkListen = ConfigurationKey(
    "link-listen", default: "tcp://127.0.0.1:*",
    help: "ZeroMQ address for links between services; * takes a free port, other hosts need an address they can reach")

  /// How log records look.
  public static let logFormat = ConfigurationKey(
    "log-format", .choice(LogFormat.allCases.map(\.rawValue)), default: "json",
    help: "one JSON object a line, or readable text")

  /// Which log records are written.
  public static let logLevel = ConfigurationKey(
    "log-level", .choice(Logger.Level.allCases.map(\.rawValue)), default: "info",
    help: "the least important records written")

  /// Whether a supervisor holds the other end of standard input.
  public static let supervised = ConfigurationKey(
    "supervised", .boolean, default: "false", help: "drain when standard input ends, because the supervisor is gone")

  /// Whether links are left unused.
  public static let linksBlocked = ConfigurationKey(
    "links-blocked", .boolean, default: "false",
    help: "use no ZeroMQ between services; all work goes the slow way through PostgreSQL (for tests and emergencies)")

  /// All of them, in the order of `--help`.
  public static let all = [
    postgres, plainPostgres, postgresConnections, operationsListen, linkListen, linksBlocked, logFormat, logLevel,
    supervised,
  ]
}
