internal import EventThread
internal import NIOCore

/// Counts the open connections of each address, so that one address cannot take them all. Trusted proxies are exempt: behind them is
/// everybody.
final class AddressConnections: Sendable {
  private let most: Int
  private let exempt: TrustedProxies
  private let open = PthreadMutex<[ClientAddress: Int]>([:])

  /// - Parameters:
  ///   - most: open connections of one address, of IPv6 of one /64.
  ///   - exempt: whose connections are not counted.
  init(most: Int, exempt: TrustedProxies) {
    self.most = most
    self.exempt = exempt
  }

  /// Counts a connection in until it is closed.
  /// - Returns: false when the address has as many as it may.
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

/// What an HTTP server tells of its connections.
struct ConnectionMetrics: Sendable {
  private let refusals: CounterMetric
  private let closings: [ConnectionTimes.Reason: CounterMetric]

  init(_ registry: MetricsRegistry) {
    refusals = registry.counter(
      "http_connections_refused_total", help: "Connections closed at once because their address had as many as it may.")
    closings = Dictionary(
      uniqueKeysWithValues: ConnectionTimes.Reason.allCases.map { reason in
        (
          reason,
          registry.counter(
            "http_connections_closed_total", help: "Connections closed because of their peer, by reason.",
            labels: ["reason": reason.rawValue])
        )
      })
  }

  func refused() { refusals.increment() }

  func closed(_ reason: ConnectionTimes.Reason) { closings[reason]?.increment() }
}
