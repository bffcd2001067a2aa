import ServiceSettings

/// The settings of the notifier, in addition to those of every service.
struct NotifierConfiguration: Sendable {
  let deliveryTimeout: Duration
  let graceOfVanished: Duration
  let pendingRetention: Duration
  /// Nil trusts the system's certificate authorities.
  let trustedCertificates: String?

  static let keys = [
    ConfigurationKey(
      "delivery-timeout", .duration(.seconds(1)...(.seconds(30))), default: "20s",
      help: "how long an endpoint may take for one delivery"),
    ConfigurationKey(
      "vanished-hook-grace", .duration(.seconds(1)...(.seconds(86_400))), default: "10m",
      help: "how long a hook must be missing from the policy before its deliveries go to the dead letters"),
    ConfigurationKey(
      "paused-hook-keep", .duration(.seconds(60)...(.seconds(30 * 86_400))), default: "7d",
      help: "how long a due delivery is kept while its hook is paused or held, before it goes to the dead letters"),
    ConfigurationKey(
      "trusted-certificates", help: "PEM file of the authorities to trust for https, instead of the system's"),
  ]

  init(_ configuration: ServiceConfiguration) {
    deliveryTimeout = configuration.duration("delivery-timeout")
    graceOfVanished = configuration.duration("vanished-hook-grace")
    pendingRetention = configuration.duration("paused-hook-keep")
    trustedCertificates = configuration.optionalString("trusted-certificates")
  }
}
