import Testing

@testable import ZeroMQ

@Suite struct ConnectionCountsTests {
  private typealias Counts = ConnectionCounts<String>

  /// Opens connections one after another.
  /// - Returns: for each, whether it may stay.
  private func open(_ connections: [(Int32, String?)], in counts: inout Counts) -> [Bool] {
    connections.map { counts.opened($0.0, from: $0.1) }
  }

  @Test func connectionsAreLimitedPerNetworkAndInTotal() {
    var counts = Counts(perNetwork: 2, all: 4)
    // The third of one network and the fifth in total exceed a limit; they count until they are closed.
    let stay = open([(1, "a"), (2, "a"), (3, "a"), (4, "b"), (5, "c")], in: &counts)
    #expect(stay == [true, true, false, true, false])
    counts.closed(3)
    counts.closed(5)
    #expect(open([(6, "c")], in: &counts) == [true])
  }

  @Test func closedConnectionsFreeTheirPlaceOnce() {
    var counts = Counts(perNetwork: 1, all: 10)
    #expect(open([(1, "a")], in: &counts) == [true])
    counts.closed(1)
    counts.closed(1)
    #expect(open([(2, "a"), (3, "a")], in: &counts) == [true, false])
  }

  @Test func aReusedDescriptorCountsOnce() {
    var counts = Counts(perNetwork: 1, all: 10)
    #expect(open([(1, "a"), (1, "a"), (1, "a")], in: &counts) == [true, true, true])
    counts.closed(1)
    #expect(open([(2, "a")], in: &counts) == [true])
  }

  @Test func unknownOriginsCountTowardsTheTotal() {
    var counts = Counts(perNetwork: 1, all: 2)
    #expect(open([(1, nil), (2, nil), (3, nil)], in: &counts) == [true, true, false])
    for descriptor: Int32 in 1...3 { counts.closed(descriptor) }
    #expect(open([(4, "a")], in: &counts) == [true])
  }
}
