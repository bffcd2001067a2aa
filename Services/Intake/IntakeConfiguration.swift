import Foundation
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
  private static let channelSecretKeyFile = ConfigurationKey(
    "channel-secret-key-file",
    help: "file with that key, as `frontdesk keys curve FILE` makes it; all intakes share one")
  private static let channelAdvertise = ConfigurationKey(
    "channel-advertise",
    help:
      """
      ZeroMQ address that channels are given, tcp://HOST:PORT; without it the one that is bound, with the host of the client's own request \
      where the socket is bound to every address
      """)
  private static let connections = ConfigurationKey(
    "channel-connections", .integer(1...65_536), default: "1024",
    help: "open ZeroMQ connections of channels at most")
  private static let connectionsPerAddress = ConfigurationKey(
    "channel-connections-per-address", .integer(1...65_536), default: "256",
    help:
      "open ZeroMQ connections of one address (of IPv6: one /64) at most; where clients come through a proxy or an address translation, as many as all"
  )
  private static let rate = ConfigurationKey(
    "rate-messages-per-second", .integer(0...1_000_000), default: "25000",
    help: "messages a second that one key may hand in; 0 sets no bound")
  private static let burst = ConfigurationKey(
    "rate-burst-messages", .integer(1...1_000_000), default: "50000", help: "messages that one key may hand in at once")

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
  /// Nil makes the process's own keys serve.
  let channelKeys: CurveKeyPair?
  let channelConnections: (all: Int, perAddress: Int)
  /// Nil gives channels what is bound.
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
            place: Self.channelAdvertise.name, value: text, problem: "is no address that a channel can connect to",
            remedy: "write tcp://HOST:PORT with a name or an address of this desk's entrance")
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
      // Without its value: it may be a key with a character too many.
      throw ConfigurationError(mistakes: [
        .init(
          place: place.name, problem: "holds no CURVE key",
          remedy: "write 40 characters of Z85, as `frontdesk keys curve` makes them")
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
          remedy: "name a file that this process may read, made by `frontdesk keys curve FILE`")
      ])
    }
  }
}
