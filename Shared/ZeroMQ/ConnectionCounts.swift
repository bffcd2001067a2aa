/// The number of open connections of a socket, by source network: decisions only.
struct ConnectionCounts<Network: Hashable & Sendable>: Sendable {
  private let perNetwork: Int
  private let all: Int
  /// Nil for a connection whose origin could not be determined; it counts only towards the total.
  private var networks: [Int32: Network?] = [:]
  private var counts: [Network: Int] = [:]

  init(perNetwork: Int, all: Int) {
    precondition(perNetwork > 0 && all > 0, "connection limits must be 1 or more")
    self.perNetwork = perNetwork
    self.all = all
  }

  /// Records an accepted connection. It counts until it is closed, even when it exceeds a limit.
  /// - Returns: whether it may stay.
  mutating func opened(_ descriptor: Int32, from network: Network?) -> Bool {
    // The kernel reuses a descriptor only after its connection was closed.
    closed(descriptor)
    networks.updateValue(network, forKey: descriptor)
    guard let network else { return networks.count <= all }
    counts[network, default: 0] += 1
    return networks.count <= all && counts[network, default: 0] <= perNetwork
  }

  /// Records that a connection has ended.
  mutating func closed(_ descriptor: Int32) {
    guard case let network?? = networks.removeValue(forKey: descriptor) else { return }
    counts[network] = counts[network].flatMap { $0 > 1 ? $0 - 1 : nil }
  }
}
