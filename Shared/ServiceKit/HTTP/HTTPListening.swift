/// What can be set for every HTTP interface that the world outside may reach.
public enum HTTPListening {
  private static let connections = ConfigurationKey(
    "http-connections", .integer(1...65_536), default: "4096", help: "open HTTP connections at most")
  private static let idleTimeout = ConfigurationKey(
    "http-idle-timeout", .duration(.seconds(1)...(.seconds(3600))), default: "60s",
    help: "time after which a connection without traffic is closed")
  private static let answerTimeout = ConfigurationKey(
    "http-answer-timeout", .duration(.seconds(1)...(.seconds(3600))), default: "30s",
    help:
      "time from a request's first byte to its answer's, after which the connection is closed: senders may not be slower"
  )
  private static let requests = ConfigurationKey(
    "address-requests-per-second", .integer(0...10_000_000), default: "50000",
    help: "requests a second that one address may send; 0 sets no bound, as is right behind a proxy")
  private static let refusals = ConfigurationKey(
    "address-refusals-per-second", .integer(0...10_000), default: "5",
    help:
      "wrong keys a second that one address may try, after a first handful; 0 sets no bound, as is right behind a proxy"
  )
  private static let plain = ConfigurationKey(
    "plain-http", .boolean, default: "false",
    help: "serve plain HTTP beyond this machine, because TLS ends in front of it")

  /// For `--help`.
  public static let keys = [connections, idleTimeout, answerTimeout, requests, refusals, plain]

  /// What the server grants its peers.
  public static func limits(_ configuration: ServiceConfiguration) -> HTTPServerLimits {
    HTTPServerLimits(
      idleTimeout: configuration.duration(idleTimeout.name), answerTimeout: configuration.duration(answerTimeout.name),
      maximumConnections: configuration.integer(connections.name))
  }

  /// What may come of one address.
  public static func addressLimits(_ configuration: ServiceConfiguration) -> AddressLimitMiddleware.Limits {
    let (requests, refusals) = (configuration.integer(requests.name), configuration.integer(refusals.name))
    return AddressLimitMiddleware.Limits(
      requestsPerSecond: requests, requestsAtOnce: max(1, requests) * 2, refusalsPerSecond: refusals,
      refusalsAtOnce: max(1, refusals) * 40)
  }

  /// The address to listen at.
  /// - Parameter key: the key that holds it.
  /// - Throws: `ConfigurationError` when it is none, or one beyond this machine where keys and words would travel unencrypted.
  public static func address(_ key: String, _ configuration: ServiceConfiguration) throws(ConfigurationError)
    -> ListenAddress
  {
    let address = try configuration.listenAddress(key)
    guard address.isLoopback || configuration.bool(plain.name) else {
      throw ConfigurationError(mistakes: [
        .init(
          place: key, value: "\(address)", problem: "would serve plain HTTP beyond this machine",
          remedy:
            "listen on 127.0.0.1 behind a proxy that ends TLS, or say \(plain.flag) where TLS ends in front of this host"
        )
      ])
    }
    return address
  }
}
