import Curl
import DeskCore

/// Finds the address of one hook's endpoint, and refuses those that are our own or nobody's.
///
/// The address found is the one connected to, so that a name that changes its mind between the check and the connection changes
/// nothing. Each hook has one look-up under way at most: a name server that hangs holds up this hook and no other.
actor EndpointAddress {
  /// The endpoint's name leads to no address that may be used.
  struct Refused: Error {}

  private struct Found {
    let address: IPAddress
    let until: ContinuousClock.Instant
  }

  /// Finds the addresses of a host, best first.
  typealias LookUp = @Sendable (_ host: String) async throws -> [IPAddress]

  private let hook: Hook
  private let lookUp: LookUp
  private var found: Found?
  private var running: Task<IPAddress, any Error>?

  init(_ hook: Hook, lookUp: @escaping LookUp) {
    self.hook = hook
    self.lookUp = lookUp
  }

  /// The address to connect to.
  /// - Throws: `Refused`, or `HTTPClientError` when the name cannot be resolved.
  func address() async throws -> IPAddress {
    if let found, found.until > .now { return found.address }
    if let running { return try await running.value }
    let task = Task { [hook, lookUp] in
      let addresses = try await lookUp(try WebTarget(hook.url).host)
      let usable = hook.allowsPrivateAddress ? addresses : AddressGuard().permitted(addresses)
      guard let first = usable.first else { throw Refused() }
      return first
    }
    running = task
    defer { running = nil }
    let address = try await task.value
    found = Found(address: address, until: .now + NotifierBounds.addressLifetime)
    return address
  }

  /// Forgets the address, so that the next delivery looks again.
  func forget() {
    found = nil
  }
}
