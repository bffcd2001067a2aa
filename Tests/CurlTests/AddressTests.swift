import Curl
import Testing

@Suite struct IPAddressTests {
  @Test(arguments: [
    ("1.2.3.4", "1.2.3.4"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"), ("::", "::"),
    ("::1", "::1"), ("[::1]", "::1"), ("fe80::1%eth0", "fe80::1"), ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
    ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("1::8", "1::8"), ("::ffff:1.2.3.4", "::ffff:102:304"),
    ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"), ("1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"),
    ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
  ])
  func readsAndWrites(text: String, written: String) {
    #expect(IPAddress(text)?.description == written)
  }

  @Test(arguments: [
    "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", "1.2.3.-4", "1..3.4", ":", ":::", "1:2", "::1::",
    "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "12345::", "g::", "::1.2.3", "1.2.3.4::", "[1.2.3.4]", "[::1",
    "::ffff:1.2.3.4:5",
    "+1::", "host",
  ])
  func malformedAddressesAreRefused(text: String) {
    #expect(IPAddress(text) == nil)
  }

  @Test(arguments: [
    ("2130706433", "127.0.0.1"), ("0x7f.1", "127.0.0.1"), ("0177.0.0.1", "127.0.0.1"), ("127.1", "127.0.0.1"),
    ("0x7F000001", "127.0.0.1"), ("10.0.258", "10.0.1.2"), ("0", "0.0.0.0"), ("127.0.0.1.", "127.0.0.1"),
  ])
  func readsHistoricSpellingsWhenLenient(text: String, written: String) {
    #expect(IPAddress(lenient: text)?.description == written)
    #expect(IPAddress(text) == nil)
  }

  @Test(arguments: ["4294967296", "256.1", "1.2.3.4.5", "08.1.1.1", "1.2.65536", "a.b", "", "."])
  func refusesEvenWhenLenient(text: String) {
    #expect(IPAddress(lenient: text) == nil)
  }
}

@Suite struct AddressGuardTests {
  @Test(arguments: [
    ("8.8.8.8", AddressPurpose.publicInternet), ("0.1.2.3", .unspecified), ("10.255.0.1", .privateUse),
    ("100.63.255.255", .publicInternet),
    ("100.64.0.1", .carrierGradeNAT), ("100.128.0.0", .publicInternet), ("127.255.255.254", .loopback),
    ("169.254.169.254", .linkLocal), ("172.15.0.1", .publicInternet), ("172.31.0.1", .privateUse),
    ("172.32.0.1", .publicInternet), ("192.168.1.1", .privateUse), ("192.0.0.8", .reserved),
    ("192.0.2.1", .documentation),
    ("198.19.0.1", .benchmarking), ("203.0.113.9", .documentation), ("224.0.0.1", .multicast),
    ("239.1.1.1", .multicast),
    ("240.0.0.1", .reserved), ("255.255.255.255", .broadcast), ("::", .unspecified), ("::1", .loopback),
    ("2606:4700::1111", .publicInternet), ("::ffff:127.0.0.1", .loopback), ("::ffff:8.8.8.8", .publicInternet),
    ("::127.0.0.1", .loopback), ("::8.8.8.8", .translated), ("64:ff9b::10.0.0.1", .privateUse),
    ("64:ff9b::8.8.8.8", .translated), ("64:ff9b:1::1", .translated), ("2002:7f00:1::", .loopback),
    ("2002:808:808::", .tunnelled), ("2001:0:1::1", .tunnelled), ("2001:db8::1", .documentation),
    ("2001:2::1", .benchmarking), ("2001:20::1", .reserved), ("fc00::1", .uniqueLocal), ("fdff::1", .uniqueLocal),
    ("fe80::1", .linkLocal), ("febf::1", .linkLocal), ("fec0::1", .uniqueLocal), ("ff02::1", .multicast),
    ("100::1", .reserved), ("4000::1", .reserved), ("3fff::1", .documentation),
    ("168.63.129.16", .metadata), ("100.100.100.200", .metadata), ("192.0.0.192", .metadata),
    ("::ffff:168.63.129.16", .metadata), ("64:ff9b::168.63.129.16", .metadata), ("2002:a83f:8110::", .metadata),
    ("fd00:ec2::254", .metadata), ("fd20:ce::254", .metadata), ("168.63.129.17", .publicInternet),
  ])
  func determinesThePurpose(text: String, purpose: AddressPurpose) {
    #expect(IPAddress(text)?.purpose == purpose)
  }

  @Test func allowsPublicAndListedAddresses() throws {
    let here = try #require(IPAddress("127.0.0.1"))
    let mapped = try #require(IPAddress("::ffff:127.0.0.1"))
    let there = try #require(IPAddress("1.1.1.1"))
    let other = try #require(IPAddress("10.0.0.1"))
    let strict = AddressGuard()
    #expect(strict.permitted([here, there, mapped, other]) == [there])
    let lenient = AddressGuard(allowed: [try #require(AddressRange("127.0.0.0/8"))])
    #expect(lenient.permitted([here, there, mapped, other]) == [here, there, mapped])
  }
}

@Suite struct AddressRangeTests {
  @Test(arguments: [
    ("10.0.0.0/8", "10.9.9.9", true), ("10.0.0.0/8", "11.0.0.0", false), ("0.0.0.0/0", "1.1.1.1", true),
    ("0.0.0.0/0", "::1", false), ("1.2.3.4", "1.2.3.4", true), ("1.2.3.4/32", "1.2.3.5", false),
    ("fd00::/8", "fd12::1", true), ("::/0", "ff02::1", true), ("::1", "::2", false),
  ])
  func containsAddressesWithTheSamePrefix(range: String, address: String, expected: Bool) throws {
    let range = try #require(AddressRange(range))
    let address = try #require(IPAddress(address))
    #expect(range.contains(address) == expected)
  }

  @Test(arguments: ["", "/8", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.1/8", "10.0.0.0/+8", "10.0.0.0/8/8"])
  func malformedRangesAreRefused(text: String) {
    #expect(AddressRange(text) == nil)
  }
}

@Suite struct WebTargetTests {
  @Test(arguments: [
    ("http://Example.org", "http", "example.org", 80), ("https://example.org/a?b", "https", "example.org", 443),
    ("https://[::1]:8443/", "https", "::1", 8443), ("http://2130706433/", "http", "127.0.0.1", 80),
    ("http://0x7f.1:81/", "http", "127.0.0.1", 81), ("HTTP://a.b:8080", "http", "a.b", 8080),
  ])
  func parsesLikeTheTransfer(url: String, scheme: String, host: String, port: Int) throws {
    let target = try WebTarget(url)
    #expect(target.scheme == scheme)
    #expect(target.host == host)
    #expect(target.port == port)
  }

  @Test func historicLoopbackSpellingsAreRecognised() throws {
    #expect(try WebTarget("http://017700000001/").address?.purpose == .loopback)
    #expect(try WebTarget("http://example.org/").address == nil)
  }
}

@Suite(.timeLimit(.minutes(3))) struct AddressResolverTests {
  let resolver = AddressResolver()

  @Test func aLiteralResolvesToItself() async throws {
    #expect(try await resolver.resolve("10.1.2.3") == [.v4(0x0A01_0203)])
    #expect(try await resolver.resolve("::1") == [.v6(1)])
  }

  @Test func findsTheLocalHost() async throws {
    let addresses = try await resolver.resolve("localhost")
    #expect(!addresses.isEmpty)
    #expect(addresses.allSatisfy { $0.purpose == .loopback })
  }

  @Test(arguments: ["name.invalid", "", "a\u{0}b", String(repeating: "x", count: 300)])
  func reportsANameWithoutAddresses(host: String) async {
    await #expect { try await resolver.resolve(host, timeout: .seconds(30)) } throws: {
      ($0 as? HTTPClientError)?.code == .couldNotResolve
    }
  }

  @Test func aCancelledTaskDoesNotWait() async {
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await resolver.resolve("name.invalid")
    }
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func manyConcurrentLookupsAllComplete() async throws {
    let counts = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<100 { group.addTask { try await resolver.resolve("localhost", timeout: .seconds(30)).count } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(counts.count == 100 && counts.allSatisfy { $0 > 0 })
  }
}
