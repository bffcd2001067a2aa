import Testing

@testable import HTTPService
@testable import ServiceSettings

@Suite struct ClientAddressTests {
  @Test(arguments: [
    ("192.0.2.7", "192.0.2.7:4711", true), ("192.0.2.7", "::ffff:192.0.2.7", true), ("192.0.2.7", "192.0.2.8", false),
    ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true), ("2001:db8:0:1::1", "2001:db8:0:2::1", false),
    ("2001:db8::1", "[2001:db8::2]:443", true), ("::1", "127.0.0.1", false), ("0.0.0.1", "::1", false),
  ])
  func addressesInOneNetworkCountAsOneClient(first: String, second: String, isOne: Bool) throws {
    let (first, second) = (try #require(ClientAddress(first)), try #require(ClientAddress(second)))
    #expect((first.network == second.network) == isOne)
  }

  @Test(arguments: ["", "unknown", "_hidden", "1.2.3", "1.2.3.4.5", "[::1", "::1]", "example.com"])
  func invalidAddressesAreRejected(text: String) {
    #expect(ClientAddress(text) == nil)
  }

  @Test(arguments: [
    // From the right, and only as far as the proxies are trusted.
    ("10.0.0.1", ["203.0.113.9"], "203.0.113.9"), ("10.0.0.1", ["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
    ("10.0.0.1", ["198.51.100.1, 203.0.113.9, 10.0.0.2"], "203.0.113.9"),
    ("10.0.0.1", ["198.51.100.1", "203.0.113.9"], "203.0.113.9"), ("::ffff:10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
    ("192.0.2.1", ["203.0.113.9"], "192.0.2.1"), ("10.0.0.1", [], "10.0.0.1"), ("10.0.0.1", ["unknown"], "10.0.0.1"),
    ("10.0.0.1", ["203.0.113.9, nonsense"], "10.0.0.1"), ("2001:db8:7::1", ["[2001:db8:8::1]:99"], "2001:db8:8::1"),
  ])
  func clientAddressIsTakenFromTrustedProxies(peer: String, fields: [String], client: String) throws {
    let proxies = try #require(TrustedProxies("10.0.0.0/8, 2001:db8:7::/48"))
    #expect(proxies.client(of: ClientAddress(peer), forwardedFor: fields) == ClientAddress(client))
  }

  @Test(arguments: [
    "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0/8", "::/129", "a", "10.0.0.0/8/8", "10.0.0.0/8;::1",
  ])
  func anInvalidProxyListIsRefused(text: String) {
    #expect(TrustedProxies(text) == nil)
  }

  @Test func blocksMayEndWithinAByte() throws {
    let proxies = try #require(TrustedProxies("172.16.0.0/12,192.0.2.7"))
    #expect(proxies.contains(try #require(ClientAddress("172.31.255.255"))))
    #expect(!proxies.contains(try #require(ClientAddress("172.32.0.0"))))
    #expect(proxies.contains(try #require(ClientAddress("192.0.2.7"))))
    #expect(!proxies.contains(try #require(ClientAddress("192.0.2.6"))))
    #expect(TrustedProxies("") == TrustedProxies())
  }

  @Test func anInvalidProxyListIsAConfigurationError() throws {
    func limits(_ proxies: String) throws -> HTTPServerLimits {
      let outcome = try ServiceConfiguration.load(
        program: "x", summary: "", version: "1", keys: HTTPListening.keys, arguments: ["--trusted-proxies", proxies],
        environment: [:])
      guard case .configuration(let configuration) = outcome else { throw CancellationError() }
      return try HTTPListening.limits(configuration)
    }
    #expect(try limits("10.0.0.0/8").trustedProxies == TrustedProxies("10.0.0.0/8"))
    let error = #expect(throws: ConfigurationError.self) { try limits("10.0.0.0/99") }
    #expect(
      error?.description.contains("trusted-proxies") == true && error?.description.contains("10.0.0.0/99") == true)
  }

  @Test func connectionsAreCountedByAddress() throws {
    let addresses = AddressConnections(most: 2, exempt: TrustedProxies())
    let (one, other) = (try #require(ClientAddress("192.0.2.1")), try #require(ClientAddress("192.0.2.2")))
    #expect(addresses.enter(one) && addresses.enter(one) && !addresses.enter(one))
    #expect(addresses.enter(other))
    addresses.leave(one)
    #expect(addresses.enter(one) && !addresses.enter(one))
  }
}
