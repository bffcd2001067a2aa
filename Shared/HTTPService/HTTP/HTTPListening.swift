public import ServiceSettings

/// The configuration of every HTTP interface that external clients may reach.
public enum HTTPListening {
  private static let connections = ConfigurationKey(
    "http-connections", .integer(1...65_536), default: "4096", help: "maximum number of open HTTP connections")
  private static let idleTimeout = ConfigurationKey(
    "http-idle-timeout", .duration(.seconds(1)...(.seconds(3600))), default: "60s",
    help: "time after which a connection without traffic is closed")
  private static let answerTimeout = ConfigurationKey(
    "http-answer-timeout", .duration(.seconds(1)...(.seconds(3600))), default: "30s",
    help:
      "maximum time from a request's first byte to its answer's; slower connections are closed"
  )
  private static let requests = ConfigurationKey(
    "address-requests-per-second", .integer(0...10_000_000), default: "50000",
    help: "requests per second that one address may send with one key, or without a key; 0 means no limit")
  private static let refusals = ConfigurationKey(
    "address-refusals-per-second", .integer(0...10_000), default: "5",
    help:
      "wrong keys per second that one address may try, after a small initial burst; valid keys are unaffected; 0 means no limit"
  )
  private static let connectionsPerAddress = ConfigurationKey(
    "http-connections-per-address", .integer(1...65_536), default: "1024",
    help: "maximum number of open HTTP connections per address (IPv6: per /64); trusted proxies are exempt")
  private static let proxies = ConfigurationKey(
    "trusted-proxies", default: "",
    help:
      "addresses and CIDR blocks, separated by commas, of the proxies in front, whose X-Forwarded-For is trusted"
  )
  private static let plain = ConfigurationKey(
    "plain-http", .boolean, default: "false",
    help: "serve plain HTTP to other machines, because TLS is terminated in front of this one")

  /// How long a statement on the way of a request may take, so that its failure is still answered: two thirds of the time for an answer, of
  /// which waiting for a connection and writing the answer are parts, too. Nil for a service without these keys.
  /// - Parameter keys: those of the service.
  public static func statementTime(_ configuration: ServiceConfiguration, keys: [ConfigurationKey]) -> Duration? {
    keys.contains { $0.name == answerTimeout.name } ? configuration.duration(answerTimeout.name) * 2 / 3 : nil
  }

  private static let certificate = ConfigurationKey(
    "http-certificate", .string,
    help: "PEM file of the certificate chain for HTTPS; without it, plain HTTP is served")
  private static let privateKey = ConfigurationKey(
    "http-private-key", .string, help: "PEM file of the certificate's private key")

  /// For `--help`.
  public static let keys = [
    connections, connectionsPerAddress, proxies, idleTimeout, answerTimeout, requests, refusals, certificate,
    privateKey, plain,
  ]

  /// The server's limits and its certificate.
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
          place: given.name, value: configuration.string(given.name), problem: "is set without \(missing.flag)",
          remedy: "set \(missing.flag) too")
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

  /// The rate limits per address.
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
  /// - Throws: `ConfigurationError` when it is not an address, or when keys and messages would leave this machine unencrypted.
  public static func address(_ key: String, _ configuration: ServiceConfiguration) throws(ConfigurationError)
    -> ListenAddress
  {
    let address = try configuration.listenAddress(key)
    let isEncrypted = configuration.optionalString(certificate.name) != nil
    guard address.isLoopback || isEncrypted || configuration.bool(plain.name) else {
      throw ConfigurationError(mistakes: [
        .init(
          place: key, value: "\(address)", problem: "would serve plain HTTP to other machines",
          remedy:
            """
            set a certificate with \(certificate.flag), listen on 127.0.0.1 behind a proxy that terminates TLS, or set \
            \(plain.flag) if TLS is terminated in front of this host
            """
        )
      ])
    }
    return isEncrypted ? address.encrypted : address
  }
}
