/// How many connections of a socket are open, by the network that they come from: decisions only.
struct ConnectionCounts<Network: Hashable & Sendable>: Sendable {
  private let perNetwork: Int
  private let all: Int
  /// Nil for a connection whose origin could not be determined; it counts among all.
  private var networks: [Int32: Network?] = [:]
  private var counts: [Network: Int] = [:]

  init(perNetwork: Int, all: Int) {
    precondition(perNetwork > 0 && all > 0, "a socket serves at least one connection")
    self.perNetwork = perNetwork
    self.all = all
  }

  /// A connection was accepted. It counts until it is closed, also when it is too many.
  /// - Returns: whether it may stay.
  mutating func opened(_ descriptor: Int32, from network: Network?) -> Bool {
    // The kernel gives a descriptor again only after its connection was closed.
    closed(descriptor)
    networks.updateValue(network, forKey: descriptor)
    guard let network else { return networks.count <= all }
    counts[network, default: 0] += 1
    return networks.count <= all && counts[network, default: 0] <= perNetwork
  }

  /// A connection has ended.
  mutating func closed(_ descriptor: Int32) {
    guard case let network?? = networks.removeValue(forKey: descriptor) else { return }
    counts[network] = counts[network].flatMap { $0 > 1 ? $0 - 1 : nil }
  }
}
