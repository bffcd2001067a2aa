import DeskCore
import PostgreSQL
import ServiceProcess
import ServiceSettings
import Store

/// The settings of the replicas that the console reads from.
struct ReplicaConfiguration: Sendable {
  private static let address = ConfigurationKey(
    "postgres-reader", isSecret: true,
    help:
      "read-only replica for reports, searches, explanations and overviews, like --postgres; the hosts of a list are used in its order, and the primary where none can be"
  )
  private static let connections = ConfigurationKey(
    "postgres-reader-connections", .integer(1...64), default: "6",
    help: "maximum number of connections for reading from each replica; one more dates its data")
  private static let noticeAge = ConfigurationKey(
    "postgres-reader-notice-age", .duration(ReplicaBounds.ages), default: ReplicaBounds.noticeAge.wholeSecondsText,
    help: "age of a replica's data from which answers and pages mention it")
  private static let limitAge = ConfigurationKey(
    "postgres-reader-limit-age", .duration(ReplicaBounds.ages), default: ReplicaBounds.limitAge.wholeSecondsText,
    help: "age of a replica's data beyond which the primary answers")

  static let keys = [address, connections, noticeAge, limitAge]

  /// Of the servers, the preferred one first; none without the setting.
  let servers: [PostgresConfiguration]
  let connections: Int
  let limits: DeskReader.Limits

  /// - Throws: `ConfigurationError`.
  init(_ configuration: ServiceConfiguration, service: String) throws {
    connections = configuration.integer(Self.connections.name)
    limits = DeskReader.Limits(
      notice: configuration.duration(Self.noticeAge.name), limit: configuration.duration(Self.limitAge.name))
    guard limits.notice <= limits.limit else {
      throw ConfigurationError(mistakes: [
        .init(
          place: Self.noticeAge.name, value: limits.notice.wholeSecondsText,
          problem: "is more than \(Self.limitAge.name), so that nothing would be mentioned",
          remedy: "set an age of at most \(limits.limit.wholeSecondsText)")
      ])
    }
    guard configuration.optionalString(Self.address.name) != nil else {
      servers = []
      return
    }
    servers = try DatabaseAddress.configuration(Self.address, of: configuration, service: service).servers
    guard servers.count <= ReplicaBounds.replicas else {
      throw ConfigurationError(mistakes: [
        .init(
          place: Self.address.name, problem: "names \(servers.count) hosts",
          remedy: "name at most \(ReplicaBounds.replicas)")
      ])
    }
  }
}

extension Duration {
  /// Such as `10s`.
  fileprivate var wholeSecondsText: String { "\(components.seconds)s" }
}
