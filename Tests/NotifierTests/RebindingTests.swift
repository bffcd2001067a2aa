import Curl
import SystemPrimitives
import Testing

@testable import DeskCore
@testable import Notifier

/// Names that resolve differently between the check and the connection, or to several addresses at once.
@Suite(.timeLimit(.minutes(3))) struct RebindingTests {
  /// A name server that gives its answers one after the other, and then repeats the last one.
  private final class NameServer: Sendable {
    private let answers: PthreadMutex<[[String]]>
    private let asked = PthreadMutex(0)
    var questions: Int { asked.withLock { $0 } }

    init(_ answers: [String]...) { self.answers = PthreadMutex(answers) }

    func lookUp(_ host: String) -> [IPAddress] {
      asked.withLock { $0 += 1 }
      return answers.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }.compactMap { IPAddress($0) }
    }
  }

  private func endpoint(_ server: NameServer, allowsPrivateAddress: Bool = false) -> EndpointAddress {
    let hook = Hook(
      id: "shop", url: "https://rebind.test/hook", secrets: [HookDesk.secret], kinds: [.ticketQueued],
      allowsPrivateAddress: allowsPrivateAddress, parallelDeliveries: 1)
    return EndpointAddress(hook) { server.lookUp($0) }
  }

  @Test(arguments: [
    ["127.0.0.1"], ["10.0.0.7"], ["169.254.169.254"], ["::1"], ["::ffff:127.0.0.1"], ["64:ff9b::7f00:1"], ["fd00::1"],
    ["100.64.0.1"], ["0.0.0.0"], ["192.168.1.1", "172.16.0.1", "fe80::1"],
  ])
  func namesOfInternalAddressesAreRefused(addresses: [String]) async {
    let server = NameServer(addresses)
    await #expect(throws: EndpointAddress.Refused.self) { try await endpoint(server).addresses() }
  }

  /// What a hook with `allow_private_address` may reach, and what it still may not.
  @Test(arguments: [
    ("127.0.0.1", true), ("10.0.0.7", true), ("fd00::1", true), ("::ffff:10.0.0.7", true), ("169.254.169.254", false),
    ("169.254.1.1", false), ("fe80::1", false), ("100.64.0.1", false), ("100.100.100.200", false),
    ("168.63.129.16", false), ("::ffff:168.63.129.16", false), ("192.0.0.192", false), ("fd00:ec2::254", false),
    ("64:ff9b::10.0.0.7", false), ("64:ff9b::169.254.169.254", false), ("2002:a00:7::1", false),
    ("2002:a83f:8110::1", false), ("2001:0:a00:7::1", false), ("0.0.0.0", false), ("224.0.0.1", false),
  ])
  func privateHooksCannotReachReservedAddresses(address: String, isAllowed: Bool) async throws {
    let endpoint = endpoint(NameServer([address]), allowsPrivateAddress: true)
    if isAllowed {
      #expect(try await endpoint.addresses() == [IPAddress(address)])
    } else {
      await #expect(throws: EndpointAddress.Refused.self) { try await endpoint.addresses() }
    }
  }

  @Test func onlyPublicAddressesAreUsed() async throws {
    let server = NameServer(["10.0.0.7", "93.184.216.34"])
    #expect(try await endpoint(server).addresses() == [IPAddress("93.184.216.34")])
  }

  @Test func namesThatBecomeInternalAreRefused() async throws {
    let server = NameServer(["93.184.216.34"], ["127.0.0.1"])
    let endpoint = endpoint(server)
    #expect(try await endpoint.addresses() == [IPAddress("93.184.216.34")])
    #expect(try await endpoint.addresses() == [IPAddress("93.184.216.34")], "the checked address is the one used")
    #expect(server.questions == 1)
    await endpoint.forget()
    await #expect(throws: EndpointAddress.Refused.self) { try await endpoint.addresses() }
  }

  /// The name exists nowhere but in the check: resolving it again when connecting would not find it.
  @Test func connectsToTheCheckedAddress() async throws {
    let local = try LocalEndpoint { _ in "200 OK" }
    let server = NameServer(["127.0.0.1"], ["127.0.0.99"])
    let hook = Hook(
      id: "shop", url: "http://rebind.test:\(local.port)/hook", secrets: [HookDesk.secret], kinds: [.ticketQueued],
      allowsPrivateAddress: true, parallelDeliveries: 1)
    let client = try HTTPClient()
    let messenger = DeliverySender(client: client, timeout: .seconds(20)) { server.lookUp($0) }
    let endpoint = EndpointAddress(hook, lookUp: messenger.lookUp)
    for number in 1...2 {
      let id = NoticeID(high: 0, low: UInt64(number))
      _ = await messenger.deliver(Array("{}".utf8), id: id, to: hook, at: endpoint, now: Instant(seconds: 1))
    }
    #expect(local.requests.count == 2)
    #expect(local.requests.first?.headers["host"]?.hasPrefix("rebind.test") == true)
    #expect(server.questions == 1)
    await client.shutDown()
  }

  /// There is no listener at the first addresses: the loopback refuses at once. The last one is the endpoint's.
  @Test func allAddressesAreTriedAndWorkingOnesPreferred() async throws {
    let local = try LocalEndpoint { _ in "200 OK" }
    let server = NameServer(["127.0.0.98", "::1", "127.0.0.1"])
    let hook = Hook(
      id: "shop", url: "http://many.test:\(local.port)/hook", secrets: [HookDesk.secret], kinds: [.ticketQueued],
      allowsPrivateAddress: true, parallelDeliveries: 1)
    let client = try HTTPClient()
    let messenger = DeliverySender(client: client, timeout: .seconds(20)) { server.lookUp($0) }
    let endpoint = EndpointAddress(hook, lookUp: messenger.lookUp)
    let outcome = await messenger.deliver(
      Array("{}".utf8), id: NoticeID(high: 0, low: 1), to: hook, at: endpoint, now: Instant(seconds: 1))
    #expect(outcome == .delivered)
    #expect(try await endpoint.addresses() == ["127.0.0.1", "127.0.0.98", "::1"].compactMap { IPAddress($0) })
    #expect(server.questions == 1)
    await client.shutDown()
  }

  /// The request may have arrived, so its answer decides, whatever other addresses there are.
  @Test func noFurtherAddressAfterASentRequest() async throws {
    let local = try LocalEndpoint { _ in "500 Internal Server Error" }
    let server = NameServer(["127.0.0.1", "127.0.0.1", "127.0.0.2"])
    let hook = Hook(
      id: "shop", url: "http://many.test:\(local.port)/hook", secrets: [HookDesk.secret], kinds: [.ticketQueued],
      allowsPrivateAddress: true, parallelDeliveries: 1)
    let client = try HTTPClient()
    let messenger = DeliverySender(client: client, timeout: .seconds(20)) { server.lookUp($0) }
    _ = await messenger.deliver(
      Array("{}".utf8), id: NoticeID(high: 0, low: 1), to: hook,
      at: EndpointAddress(hook, lookUp: messenger.lookUp), now: Instant(seconds: 1))
    #expect(local.requests.count == 1)
    await client.shutDown()
  }
}
