import Testing
import ZeroMQ

@testable import Intake

@Suite("Where channels connect")
struct ChannelEndpointTests {
  private func address(_ bound: String, advertised: String? = nil) throws -> ChannelGateway.Address {
    ChannelGateway.Address(
      endpoint: bound, publicKey: try CurveKeyPair.generate().publicKey,
      advertised: advertised.flatMap { ChannelEndpoint($0) })
  }

  @Test(
    "A socket bound to every address is reached at the host that the client used",
    arguments: [
      ("desk.example.com", "tcp://desk.example.com:7200"), ("desk.example.com:8443", "tcp://desk.example.com:7200"),
      ("10.1.2.3:8080", "tcp://10.1.2.3:7200"), ("[2001:db8::7]:8080", "tcp://[2001:db8::7]:7200"),
      ("[2001:db8::7]", "tcp://[2001:db8::7]:7200"),
    ])
  func wildcardSocketsUseTheClientsHost(authority: String, expected: String) throws {
    for bound in ["tcp://0.0.0.0:7200", "tcp://[::]:7200", "tcp://*:7200"] {
      #expect(try address(bound).endpoint(reachedThrough: authority) == expected)
    }
  }

  @Test(
    "No host gives no endpoint, and never a wildcard",
    arguments: [
      nil, "", ":8080", "0.0.0.0:8080", "*", "[::]:8080", "[::", "a b", "a/b", "desk\u{301}", "é.example", "[]",
      "a\u{0}",
      String(repeating: "a", count: 254),
    ])
  func noHostGivesNoEndpoint(authority: String?) throws {
    #expect(try address("tcp://0.0.0.0:7200").endpoint(reachedThrough: authority) == nil)
  }

  @Test("A socket bound to one address is reached there, whatever host the client used")
  func boundAddressIgnoresTheClientsHost() throws {
    #expect(try address("tcp://127.0.0.1:7200").endpoint(reachedThrough: "evil.example") == "tcp://127.0.0.1:7200")
  }

  @Test("The advertised endpoint takes precedence")
  func advertisedEndpointTakesPrecedence() throws {
    let address = try address("tcp://0.0.0.0:7200", advertised: "tcp://desk.example.com:17200")
    #expect(address.endpoint(reachedThrough: "10.1.2.3") == "tcp://desk.example.com:17200")
  }

  @Test(
    "Refuses invalid endpoints",
    arguments: [
      "", "desk:7200", "tcp://desk", "tcp://:7200", "tcp://desk:0", "tcp://desk:65536", "ipc:///tmp/x", "tcp://a b:1",
    ])
  func refusesInvalidEndpoints(text: String) {
    #expect(ChannelEndpoint(text) == nil)
  }
}
