import Testing

@testable import DeskCore

@Suite("The order inside a queue")
struct QueueRankTests {
  /// The defaults, none, and some that exceed every target.
  static let someHeadStarts = [
    HeadStarts(), HeadStarts(high: .zero, vip: .zero, keyAccount: .zero),
    HeadStarts(high: .seconds(40), vip: .seconds(86_400), keyAccount: .seconds(7)),
  ]

  @Test(arguments: UInt64(1)...8, QueueRankTests.someHeadStarts)
  func theOrderIsTotalAndDependsOnlyOnTickets(_ seed: UInt64, _ headStarts: HeadStarts) {
    var traffic = DeskTraffic(seed: seed)
    let tickets = traffic.tickets(60)
    let places = tickets.map { QueueRank($0, headStarts: headStarts, now: .at(200)) }
    for left in places {
      for right in places {
        let ways = [left < right, left == right, right < left].count { $0 }
        #expect(ways == 1, "exactly one of before, same and after")
      }
    }
    for (left, middle, right) in zip(zip(places, places.dropFirst()), places.dropFirst(2)).map({
      ($0.0.0, $0.0.1, $0.1)
    }) {
      if left < middle, middle < right { #expect(left < right) }
    }
    #expect(
      tickets.shuffled(using: &traffic.random).inQueueOrder(headStarts: headStarts, now: .at(200)).map(\.id)
        == places.sorted().map(\.ticket))
  }

  @Test(arguments: UInt64(1)...8, QueueRankTests.someHeadStarts)
  func theRangesContainTheTicketsAhead(_ seed: UInt64, _ headStarts: HeadStarts) {
    var traffic = DeskTraffic(seed: seed)
    let now = Instant.at(200)
    let tickets = traffic.tickets(80)
    for ticket in tickets {
      let place = QueueRank(ticket, headStarts: headStarts, now: now)
      let ranges = place.rangesBefore(headStarts: headStarts, now: now)
      func isInside(_ other: WaitingTicket) -> Bool {
        let moment = other.dueAt ?? other.waitingSince
        let rank = Ticket.rank(other.priority, other.tier)
        // A ticket cannot wait since a future time: it would have no target and count as late.
        guard other.dueAt != nil || moment <= now else { return false }
        return ranges.contains { range in
          range.rank == rank && range.after.map { $0 < moment } ?? true && range.before.map { moment < $0 } ?? true
        }
      }
      for other in tickets where other.id != ticket.id {
        let otherPlace = QueueRank(other, headStarts: headStarts, now: now)
        let isTie = otherPlace.band == place.band && otherPlace.countsAsDueAt == place.countsAsDueAt
        if !isTie { #expect(isInside(other) == (otherPlace < place), "\(other.id.low) before \(ticket.id.low)") }
      }
    }
  }

  @Test func theTopPriorityIsAlwaysFirst() {
    var traffic = DeskTraffic(seed: 3)
    let places = traffic.tickets(200).map {
      (priority: $0.priority, place: QueueRank($0, headStarts: HeadStarts(), now: .at(200)))
    }
    let urgent = places.filter { $0.priority == .urgent }
    let others = places.filter { $0.priority != .urgent }
    #expect(!urgent.isEmpty && !others.isEmpty)
    for one in urgent {
      for other in others { #expect(one.place < other.place) }
    }
  }
}
