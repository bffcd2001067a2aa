import Curl
import DeskCore

/// Resolves the addresses of one endpoint, and refuses those that are not public, or not allowed for the endpoint.
///
/// The resolved addresses are the ones connected to, so that a name that changes between check and connection has no effect. Each hook has
/// at most one lookup in progress: a name server that hangs delays this hook and no other.
actor EndpointAddress {
  /// The endpoint's name resolves to no address that may be used.
  struct Refused: Error {}

  private struct Found {
    var addresses: [IPAddress]
    let until: ContinuousClock.Instant
  }

  /// Resolves the addresses of a host, best first.
  typealias LookUp = @Sendable (_ host: String) async throws -> [IPAddress]

  private let url: String
  private let allowsPrivate: Bool
  private let lookUp: LookUp
  private var found: Found?
  private var running: Task<[IPAddress], any Error>?

  init(_ hook: Hook, lookUp: @escaping LookUp) {
    self.init(hook.url, allowsPrivate: hook.allowsPrivateAddress, lookUp: lookUp)
  }

  /// - Parameter allowsPrivate: whether its address may be private or loopback.
  init(_ url: String, allowsPrivate: Bool, lookUp: @escaping LookUp) {
    self.url = url
    self.allowsPrivate = allowsPrivate
    self.lookUp = lookUp
  }

  /// Returns the addresses to connect to, one after the other: at least one, `NotifierBounds.addressesPerAttempt` at most.
  /// - Throws: `Refused`, or `HTTPClientError` when the name cannot be resolved.
  func addresses() async throws -> [IPAddress] {
    if let found, found.until > .now { return found.addresses }
    if let running { return try await running.value }
    let task = Task { [url, allowsPrivate, lookUp] in
      let known = try await lookUp(try WebTarget(url).host)
      let usable = AddressGuard(allowsPrivate: allowsPrivate).permitted(known)
      guard !usable.isEmpty else { throw Refused() }
      return Array(usable.prefix(NotifierBounds.addressesPerAttempt))
    }
    running = task
    defer { running = nil }
    let addresses = try await task.value
    found = Found(addresses: addresses, until: .now + NotifierBounds.addressLifetime)
    return addresses
  }

  /// Moves an address to the front that answered when others before it did not.
  func prefer(_ address: IPAddress) {
    guard let position = found?.addresses.firstIndex(of: address) else { return }
    found?.addresses.remove(at: position)
    found?.addresses.insert(address, at: 0)
  }

  /// Discards the addresses, so that the next delivery resolves them again.
  func forget() {
    found = nil
  }
}
