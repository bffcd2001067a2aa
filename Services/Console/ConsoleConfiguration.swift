import ServiceKit

/// What can be set for the console, besides what every service has.
struct ConsoleConfiguration: Sendable {
  private static let httpListen = ConfigurationKey(
    "http-listen", default: "127.0.0.1:8081", help: "address and port of the HTTP interface; port 0 takes a free one")
  private static let connections = ConfigurationKey(
    "http-connections", .integer(1...65_536), default: "4096", help: "open HTTP connections at most")
  private static let idleTimeout = ConfigurationKey(
    "http-idle-timeout", .duration(.seconds(1)...(.seconds(3600))), default: "60s",
    help: "time after which a connection without traffic is closed")
  private static let streams = ConfigurationKey(
    "streams", .integer(1...50_000), default: "\(ConsoleBounds.streams)", help: "open streams of agents at most")

  /// For `--help`.
  static let keys = [httpListen, connections, idleTimeout, streams]

  let httpListen: ListenAddress
  let httpLimits: HTTPServerLimits
  let streams: Int

  init(_ configuration: ServiceConfiguration) throws {
    httpListen = try configuration.listenAddress(Self.httpListen.name)
    httpLimits = HTTPServerLimits(
      idleTimeout: configuration.duration(Self.idleTimeout.name),
      maximumConnections: configuration.integer(Self.connections.name))
    streams = configuration.integer(Self.streams.name)
  }
}
