import Foundation
import HTTPService
import ServiceSettings
import UntrustedInput
import UseCases
import ZeroMQ

/// The settings of intake, in addition to those of every service.
struct IntakeConfiguration: Sendable {
  private static let httpListen = ConfigurationKey(
    "http-listen", default: "127.0.0.1:8080", help: "address and port of the HTTP interface; port 0 picks a free one")
  private static let channelListen = ConfigurationKey(
    "channel-listen", default: "tcp://127.0.0.1:*",
    help: "ZeroMQ address for channels; * picks a free port")
  private static let channelSecretKey = ConfigurationKey(
    "channel-secret-key", isSecret: true,
    help:
      "CURVE secret key of the channels' socket, 40 characters of Z85; default: a new one at each start")
  private static let channelSecretKeyFile = ConfigurationKey(
    "channel-secret-key-file",
    help: "file with that key, created by `frontdesk keys curve FILE`; all intakes share one")
  private static let channelAdvertise = ConfigurationKey(
    "channel-advertise",
    help:
      """
      ZeroMQ address advertised to channels, tcp://HOST:PORT; default: the bound one, with the host of the client's request \
      if the socket is bound to every address
      """)
  private static let connections = ConfigurationKey(
    "channel-connections", .integer(1...65_536), default: "1024",
    help: "maximum number of open ZeroMQ connections of channels")
  private static let connectionsPerAddress = ConfigurationKey(
    "channel-connections-per-address", .integer(1...65_536), default: "256",
    help:
      "maximum number of open ZeroMQ connections per address (IPv6: per /64); behind a proxy or NAT, set it to the total"
  )
  private static let rate = ConfigurationKey(
    "rate-messages-per-second", .integer(0...1_000_000), default: "25000",
    help: "messages per second per key; 0: unlimited")
  private static let burst = ConfigurationKey(
    "rate-burst-messages", .integer(1...1_000_000), default: "50000", help: "messages that one key may submit at once")

  /// For `--help`.
  static let keys =
    [
      httpListen, channelListen, channelSecretKey, channelSecretKeyFile, channelAdvertise, connections,
      connectionsPerAddress, rate, burst,
      ContactKeyFile.key,
    ] + HTTPListening.keys

  let httpListen: ListenAddress
  let httpLimits: HTTPServerLimits
  let addressLimits: AddressLimitMiddleware.Limits
  let channelListen: String
  /// Nil: the process generates its own keys.
  let channelKeys: CurveKeyPair?
  let channelConnections: (all: Int, perAddress: Int)
  /// Nil: channels are given the bound address.
  let channelAdvertised: ChannelEndpoint?
  let ratePerSecond: Int
  let rateBurst: Int

  init(_ configuration: ServiceConfiguration) throws {
    httpListen = try HTTPListening.address(Self.httpListen.name, configuration)
    channelListen = configuration.string(Self.channelListen.name)
    channelConnections = (
      configuration.integer(Self.connections.name), configuration.integer(Self.connectionsPerAddress.name)
    )
    ratePerSecond = configuration.integer(Self.rate.name)
    rateBurst = configuration.integer(Self.burst.name)
    httpLimits = try HTTPListening.limits(configuration)
    addressLimits = try HTTPListening.addressLimits(configuration)
    channelKeys = try Self.channelKeys(configuration)
    channelAdvertised = try configuration.optionalString(Self.channelAdvertise.name).map {
      text throws(ConfigurationError) in
      guard let endpoint = ChannelEndpoint(text), !endpoint.isWildcard else {
        throw ConfigurationError(mistakes: [
          .init(
            place: Self.channelAdvertise.name, value: text, problem: "is not an address that a channel can connect to",
            remedy: "write tcp://HOST:PORT with a host name or address at which channels reach intake")
        ])
      }
      return endpoint
    }
  }

  private static func channelKeys(_ configuration: ServiceConfiguration) throws -> CurveKeyPair? {
    let text: String
    let place: ConfigurationKey
    switch (
      configuration.optionalString(channelSecretKey.name), configuration.optionalString(channelSecretKeyFile.name)
    ) {
    case (nil, nil): return nil
    case (let key?, nil): (text, place) = (key, channelSecretKey)
    case (nil, let file?): (text, place) = (try secret(in: file), channelSecretKeyFile)
    case (_?, let file?):
      throw ConfigurationError(mistakes: [
        .init(
          place: channelSecretKeyFile.name, value: file, problem: "is given together with \(channelSecretKey.flag)",
          remedy: "leave one of the two out")
      ])
    }
    guard let secret = CurveSecretKey(z85: text) else {
      // Without its value: it may be a key with one character too many.
      throw ConfigurationError(mistakes: [
        .init(
          place: place.name, problem: "does not contain a CURVE key",
          remedy: "write 40 characters of Z85, as created by `frontdesk keys curve`")
      ])
    }
    return try CurveKeyPair(secretKey: secret)
  }

  private static func secret(in file: String) throws(ConfigurationError) -> String {
    do {
      return try UTF8Text.read(Data(contentsOf: URL(filePath: file))).trimmingCharacters(in: .whitespacesAndNewlines)
    } catch {
      throw ConfigurationError(mistakes: [
        .init(
          place: channelSecretKeyFile.name, value: file, problem: "cannot be read",
          remedy: "name a file that this process may read, created by `frontdesk keys curve FILE`")
      ])
    }
  }
}
