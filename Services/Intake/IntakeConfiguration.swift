import ServiceKit
import ZeroMQ

/// What can be set for intake, besides what every service has.
struct IntakeConfiguration: Sendable {
  private static let httpListen = ConfigurationKey(
    "http-listen", default: "127.0.0.1:8080", help: "address and port of the HTTP interface; port 0 takes a free one")
  private static let channelListen = ConfigurationKey(
    "channel-listen", default: "tcp://127.0.0.1:*",
    help: "ZeroMQ address for channels; * takes a free port")
  private static let channelSecretKey = ConfigurationKey(
    "channel-secret-key", isSecret: true,
    help:
      "CURVE secret key of the channels' socket, 40 characters of Z85; without one a fresh key is made at each start")
  private static let rate = ConfigurationKey(
    "rate-messages-per-second", .integer(0...1_000_000), default: "25000",
    help: "messages a second that one key may hand in; 0 sets no bound")
  private static let burst = ConfigurationKey(
    "rate-burst-messages", .integer(1...1_000_000), default: "50000", help: "messages that one key may hand in at once")

  /// For `--help`.
  static let keys = [httpListen, channelListen, channelSecretKey, rate, burst, ContactKeyFile.key] + HTTPListening.keys

  let httpListen: ListenAddress
  let httpLimits: HTTPServerLimits
  let addressLimits: AddressLimitMiddleware.Limits
  let channelListen: String
  /// Nil makes the process's own keys serve.
  let channelKeys: CurveKeyPair?
  let ratePerSecond: Int
  let rateBurst: Int

  init(_ configuration: ServiceConfiguration) throws {
    httpListen = try HTTPListening.address(Self.httpListen.name, configuration)
    channelListen = configuration.string(Self.channelListen.name)
    ratePerSecond = configuration.integer(Self.rate.name)
    rateBurst = configuration.integer(Self.burst.name)
    httpLimits = try HTTPListening.limits(configuration)
    addressLimits = try HTTPListening.addressLimits(configuration)
    channelKeys = try configuration.optionalString(Self.channelSecretKey.name).map { text in
      guard let secret = CurveSecretKey(z85: text) else {
        throw ChannelSecretKeyError(flag: Self.channelSecretKey.flag)
      }
      return try CurveKeyPair(secretKey: secret)
    }
  }
}

/// The channels' secret key cannot be read. It is never shown.
struct ChannelSecretKeyError: Error, Equatable, CustomStringConvertible {
  let flag: String

  var description: String { "\(flag) is no CURVE key: write 40 characters of Z85, as `frontdesk keys` prints them" }
}
