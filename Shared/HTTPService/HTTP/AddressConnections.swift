internal import NIOCore
internal import Observability
internal import SystemPrimitives

/// Counts the open connections per address, so that one address cannot exhaust them. Trusted proxies are exempt: they carry the
/// connections of all clients.
final class AddressConnections: Sendable {
  private let most: Int
  private let exempt: TrustedProxies
  private let open = PthreadMutex<[ClientAddress: Int]>([:])

  /// - Parameters:
  ///   - most: the maximum number of open connections per address (IPv6: per /64).
  ///   - exempt: addresses whose connections are not counted.
  init(most: Int, exempt: TrustedProxies) {
    self.most = most
    self.exempt = exempt
  }

  /// Counts a connection until it is closed.
  /// - Returns: false when the address is at its limit.
  func enter(_ channel: any Channel) -> Bool {
    guard let address = ClientAddress(channel.remoteAddress), !exempt.contains(address) else { return true }
    let network = address.network
    guard enter(network) else { return false }
    channel.closeFuture.whenComplete { _ in self.leave(network) }
    return true
  }

  func enter(_ network: ClientAddress) -> Bool {
    open.withLock { open in
      let count = open[network] ?? 0
      guard count < most else { return false }
      open[network] = count + 1
      return true
    }
  }

  func leave(_ network: ClientAddress) {
    open.withLock { open in
      guard let count = open[network] else { return }
      open[network] = count > 1 ? count - 1 : nil
    }
  }
}

/// Metrics of an HTTP server's connections.
struct ConnectionMetrics: Sendable {
  private let refusals: CounterMetric
  private let closings: [ConnectionTimes.Reason: CounterMetric]

  init(_ registry: MetricsRegistry) {
    refusals = registry.counter(
      "http_connections_refused_total", help: "Connections refused because their address was at its connection limit.")
    closings = Dictionary(
      uniqueKeysWithValues: ConnectionTimes.Reason.allCases.map { reason in
        (
          reason,
          registry.counter(
            "http_connections_closed_total", help: "Connections closed because of their peer's behaviour, by reason.",
            labels: ["reason": reason.rawValue])
        )
      })
  }

  func refused() { refusals.increment() }

  func closed(_ reason: ConnectionTimes.Reason) { closings[reason]?.increment() }
}
