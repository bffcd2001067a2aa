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
    help: "requests a second that one address may send with one key, or without; 0 sets no bound")
  private static let refusals = ConfigurationKey(
    "address-refusals-per-second", .integer(0...10_000), default: "5",
    help:
      "wrong keys a second that one address may try, after a first handful; valid keys are not refused for them; 0 sets no bound"
  )
  private static let connectionsPerAddress = ConfigurationKey(
    "http-connections-per-address", .integer(1...65_536), default: "1024",
    help: "open HTTP connections of one address (of IPv6: one /64) at most; trusted proxies are exempt")
  private static let proxies = ConfigurationKey(
    "trusted-proxies", default: "",
    help:
      "addresses and CIDR blocks, separated by commas, of the proxies in front: their X-Forwarded-For says where a request comes from"
  )
  private static let plain = ConfigurationKey(
    "plain-http", .boolean, default: "false",
    help: "serve plain HTTP beyond this machine, because TLS ends in front of it")

  private static let certificate = ConfigurationKey(
    "http-certificate", .string,
    help: "PEM file of the certificate chain to serve HTTPS with; without it HTTP is plain")
  private static let privateKey = ConfigurationKey(
    "http-private-key", .string, help: "PEM file of the certificate's private key")

  /// For `--help`.
  public static let keys = [
    connections, connectionsPerAddress, proxies, idleTimeout, answerTimeout, requests, refusals, certificate,
    privateKey, plain,
  ]

  /// What the server grants its peers, and what it proves itself with.
  /// - Throws: `ConfigurationError` when a certificate or its key cannot be used.
  public static func limits(_ configuration: ServiceConfiguration) throws(ConfigurationError) -> HTTPServerLimits {
    var limits = HTTPServerLimits(
      idleTimeout: configuration.duration(idleTimeout.name), answerTimeout: configuration.duration(answerTimeout.name),
      maximumConnections: configuration.integer(connections.name))
    limits.maximumConnectionsPerAddress = configuration.integer(connectionsPerAddress.name)
    limits.trustedProxies = try trustedProxies(configuration)
    limits.certificate = try certificate(configuration)
    return limits
  }

  private static func certificate(_ configuration: ServiceConfiguration) throws(ConfigurationError) -> HTTPCertificate?
  {
    switch (configuration.optionalString(certificate.name), configuration.optionalString(privateKey.name)) {
    case (nil, nil): return nil
    case (let chain?, let key?):
      return try HTTPCertificate(chain: (certificate.name, chain), privateKey: (privateKey.name, key))
    case (let chain, _):
      let (given, missing) = chain == nil ? (privateKey, certificate) : (certificate, privateKey)
      throw ConfigurationError(mistakes: [
        .init(
          place: given.name, value: configuration.string(given.name), problem: "stands alone",
          remedy: "say \(missing.flag) too")
      ])
    }
  }

  private static func trustedProxies(_ configuration: ServiceConfiguration) throws(ConfigurationError) -> TrustedProxies
  {
    let text = configuration.string(proxies.name)
    guard let trusted = TrustedProxies(text) else {
      throw ConfigurationError(mistakes: [
        .init(
          place: proxies.name, value: text, problem: "is not a list of addresses",
          remedy: "write addresses or CIDR blocks, separated by commas, such as 10.0.0.0/8,2001:db8::/32")
      ])
    }
    return trusted
  }

  /// What may come of one address.
  /// - Throws: `ConfigurationError` when the trusted proxies cannot be read.
  public static func addressLimits(
    _ configuration: ServiceConfiguration
  ) throws(ConfigurationError) -> AddressLimitMiddleware.Limits {
    let (requests, refusals) = (configuration.integer(requests.name), configuration.integer(refusals.name))
    var limits = AddressLimitMiddleware.Limits(
      requestsPerSecond: requests, requestsAtOnce: max(1, requests) * 2, refusalsPerSecond: refusals,
      refusalsAtOnce: max(1, refusals) * 40)
    limits.trustedProxies = try trustedProxies(configuration)
    return limits
  }

  /// The address to listen at.
  /// - Parameter key: the key that holds it.
  /// - Throws: `ConfigurationError` when it is none, or one beyond this machine where keys and words would travel unencrypted.
  public static func address(_ key: String, _ configuration: ServiceConfiguration) throws(ConfigurationError)
    -> ListenAddress
  {
    let address = try configuration.listenAddress(key)
    let isEncrypted = configuration.optionalString(certificate.name) != nil
    guard address.isLoopback || isEncrypted || configuration.bool(plain.name) else {
      throw ConfigurationError(mistakes: [
        .init(
          place: key, value: "\(address)", problem: "would serve plain HTTP beyond this machine",
          remedy:
            """
            give it a certificate with \(certificate.flag), listen on 127.0.0.1 behind a proxy that ends TLS, or say \
            \(plain.flag) where TLS ends in front of this host
            """
        )
      ])
    }
    return isEncrypted ? address.encrypted : address
  }
}
