import DeskCore
import Store

/// A provider as it is configured, with what is known of it.
struct KnownProvider: Sendable {
  let provider: IdentityProvider
  let document: FetchedValue<ProviderDocument>
  let keys: FetchedValue<SigningKeys>
  let client: ProviderClient

  init(_ provider: IdentityProvider, client: ProviderClient, now: @escaping @Sendable () -> ContinuousClock.Instant) {
    self.provider = provider
    self.client = client
    let document = FetchedValue(now: now) { try await client.document(of: provider) }
    self.document = document
    keys = FetchedValue(now: now) { try await client.keys(at: document.value().keySet) }
  }

  /// Verifies a token's signature. A key that is not known may be new: then the keys are fetched again.
  /// - Throws: `TokenRefusal`, or `ProviderFault`.
  func verify(_ token: CompactToken) async throws {
    var known = try await keys.value()
    if !known.contains(keyOf: token) { known = try await keys.refetched() }
    try known.verify(token)
  }
}

/// The identity providers that the desk allows, and what is known of them.
actor ProviderBook {
  private let read: @Sendable () async throws -> [IdentityProvider]
  private let client: ProviderClient
  private let now: @Sendable () -> ContinuousClock.Instant
  private var known: [KnownProvider] = []
  private var readAt: ContinuousClock.Instant?

  /// - Parameter read: the configured providers, from the database.
  init(
    client: ProviderClient, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
    read: @escaping @Sendable () async throws -> [IdentityProvider]
  ) {
    self.client = client
    self.now = now
    self.read = read
  }

  /// All providers, by name.
  func all() async throws -> [KnownProvider] {
    let asked = now()
    if let readAt, asked - readAt < CompanyBounds.configurationAge { return known }
    let configured = try await read()
    known = configured.map { provider in
      known.first { $0.provider.id == provider.id && $0.provider.sealingKey == provider.sealingKey }
        ?? KnownProvider(provider, client: client, now: now)
    }
    readAt = asked
    return known
  }

  func provider(_ id: Identifier<IdentityProvider>) async throws -> KnownProvider? {
    try await all().first { $0.provider.id == id }
  }
}
