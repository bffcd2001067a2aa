import HTTPService
import ServiceSettings
import UseCases

/// The settings of the console, in addition to those of every service.
struct ConsoleConfiguration: Sendable {
  private static let httpListen = ConfigurationKey(
    "http-listen", default: "127.0.0.1:8081", help: "address and port of the HTTP interface; port 0 picks a free one")
  private static let streams = ConfigurationKey(
    "streams", .integer(1...50_000), default: "\(ConsoleBounds.streams)", help: "maximum number of open agent streams")

  private static let sessionLifetime = ConfigurationKey(
    "session-lifetime", .duration(.seconds(60)...ConsoleBounds.longestSession), default: ConsoleBounds.sessionLifetime,
    help: "time after which a person must sign in again")
  private static let sessionIdle = ConfigurationKey(
    "session-idle", .duration(.seconds(60)...ConsoleBounds.longestSession), default: ConsoleBounds.sessionIdle,
    help: "time after which a session ends that is not used")

  private static let trustedCertificates = ConfigurationKey(
    "trusted-certificates",
    help: "PEM file of the authorities to trust for the company's identity provider, instead of the system's")

  /// For `--help`.
  static let keys =
    [
      httpListen, streams, sessionLifetime, sessionIdle, trustedCertificates, PagesAddress.key, ContactKeyFile.key,
    ] + ReplicaConfiguration.keys + HTTPListening.keys

  let httpListen: ListenAddress
  let httpLimits: HTTPServerLimits
  let addressLimits: AddressLimitMiddleware.Limits
  let streams: Int
  let pages: PagesAddress
  let sessionLimits: SessionDesk.Limits
  /// Nil trusts the system's certificate authorities.
  let trustedCertificates: String?
  let replicas: ReplicaConfiguration

  init(_ configuration: ServiceConfiguration) throws {
    httpListen = try HTTPListening.address(Self.httpListen.name, configuration)
    httpLimits = try HTTPListening.limits(configuration)
    addressLimits = try HTTPListening.addressLimits(configuration)
    trustedCertificates = configuration.optionalString(Self.trustedCertificates.name)
    replicas = try ReplicaConfiguration(configuration, service: ConsoleService.name)
    streams = configuration.integer(Self.streams.name)
    pages = try PagesAddress(configuration, servesTLS: httpLimits.certificate != nil)
    sessionLimits = SessionDesk.Limits(
      lifetime: configuration.duration(Self.sessionLifetime.name), idle: configuration.duration(Self.sessionIdle.name))
  }
}
