import Testing

@testable import ZeroMQ

@Suite struct UnreadBytesTests {
  private static let start = ContinuousClock.now

  private static func at(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

  private func machine(connection: Int = 1000, all: Int = 1500) -> UnreadBytes {
    UnreadBytes(.init(connection: connection, all: all, controlBytesPerSecond: 10, handshakeBytes: 100))
  }

  @Test func readBytesDoNotCount() {
    var bytes = machine()
    bytes.opened(5, now: Self.at(0))
    #expect(bytes.looked([5: 1100], now: Self.at(10)).isEmpty, "the handshake and the limit of a connection")
    bytes.read(1000, from: 5)
    #expect(bytes.looked([5: 2100], now: Self.at(20)).isEmpty)
    #expect(bytes.looked([5: 2101], now: Self.at(30)) == [5])
    #expect(bytes.descriptors.isEmpty)
  }

  @Test func heartbeatsDoNotAccumulateOverTime() {
    var bytes = machine()
    bytes.opened(5, now: Self.at(0))
    for second in 1...100_000 {
      #expect(bytes.looked([5: 100 + second * 10], now: Self.at(second * 1000)).isEmpty)
    }
    // And unused allowance is not credit for a message.
    #expect(bytes.looked([5: 100 + 1_000_000], now: Self.at(200_000_000)).isEmpty)
    #expect(bytes.looked([5: 100 + 1_000_000 + 1001], now: Self.at(200_000_010)) == [5])
  }

  @Test func theLargestConnectionIsClosed() {
    var bytes = machine()
    for descriptor in 1...4 { bytes.opened(Int32(descriptor), now: Self.at(0)) }
    #expect(bytes.looked([1: 400, 2: 900, 3: 300, 4: 200], now: Self.at(1)).isEmpty)
    #expect(bytes.looked([1: 500, 2: 1000, 3: 500, 4: 200], now: Self.at(2)) == [2])
    #expect(bytes.descriptors.sorted() == [1, 3, 4])
  }

  @Test func aClosedConnectionIsForgotten() {
    var bytes = machine()
    for descriptor: Int32 in [1, 2] { bytes.opened(descriptor, now: Self.at(0)) }
    bytes.closed(1)
    #expect(bytes.looked([:], now: Self.at(1)).isEmpty)
    #expect(bytes.descriptors.isEmpty)
  }
}
