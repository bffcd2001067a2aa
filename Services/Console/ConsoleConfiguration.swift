import HTTPService
import ServiceSettings
import UseCases

/// The settings of the console, in addition to those of every service.
struct ConsoleConfiguration: Sendable {
  private static let httpListen = ConfigurationKey(
    "http-listen", default: "127.0.0.1:8081", help: "address and port of the HTTP interface; port 0 picks a free one")
  private static let streams = ConfigurationKey(
    "streams", .integer(1...50_000), default: "\(ConsoleBounds.streams)", help: "maximum number of open agent streams")

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
