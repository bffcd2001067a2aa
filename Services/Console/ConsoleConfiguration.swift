import ServiceKit

/// What can be set for the console, besides what every service has.
struct ConsoleConfiguration: Sendable {
  private static let httpListen = ConfigurationKey(
    "http-listen", default: "127.0.0.1:8081", help: "address and port of the HTTP interface; port 0 takes a free one")
  private static let streams = ConfigurationKey(
    "streams", .integer(1...50_000), default: "\(ConsoleBounds.streams)", help: "open streams of agents at most")

  /// For `--help`.
  static let keys = [httpListen, streams, ContactKeyFile.key] + HTTPListening.keys

  let httpListen: ListenAddress
  let httpLimits: HTTPServerLimits
  let addressLimits: AddressLimitMiddleware.Limits
  let streams: Int

  init(_ configuration: ServiceConfiguration) throws {
    httpListen = try HTTPListening.address(Self.httpListen.name, configuration)
    httpLimits = try HTTPListening.limits(configuration)
    addressLimits = try HTTPListening.addressLimits(configuration)
    streams = configuration.integer(Self.streams.name)
  }
}
