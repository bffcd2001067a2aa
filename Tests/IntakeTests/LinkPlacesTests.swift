import DeskCore
import Store
import TestKit
import Testing

@testable import Intake

@Suite("LinkPlaces")
struct LinkPlacesTests {
  private func message(_ number: Int) -> MessageID { MessageID(high: 1, low: UInt64(number)) }

  @Test("a message that is adopted while the link has it keeps one place and is offered once")
  func adoptedMessagesKeepOnePlace() throws {
    var places = LinkPlaces(capacity: 3)
    let firstReservation = places.promise(1)
    let first = try #require(firstReservation)
    places.keep(first, for: [message(1)])
    let offered = places.offer([message(1)])
    #expect(offered == [message(1)])
    // The instance was presumed dead, and adopts messages that its own link has.
    let secondReservation = places.promise(2)
    let again = try #require(secondReservation)
    let third = places.promise(1)
    #expect(places.room == 0 && third == nil)
    places.keep(again, for: [message(1), message(2)])
    let offeredLater = places.offer([message(1), message(2)])
    #expect(offeredLater == [message(2)])
    #expect(places.room == 1)
    places.free([message(1), message(2)])
    #expect(places.room == 3)
    // The outcome came before the offer.
    let offeredLast = places.offer([message(1)])
    #expect(offeredLast.isEmpty)
  }

  @Test("a reservation ends once")
  func reservationsEndOnce() throws {
    var places = LinkPlaces(capacity: 4)
    let reserved = places.promise(3)
    let reservation = try #require(reserved)
    places.withdraw(reservation)
    places.withdraw(reservation)
    places.keep(reservation, for: [message(1)])
    #expect(places.room == 4)
  }

  /// Commits, lost answers, adoptions of held messages, offers that are not accepted, outcomes early, late and twice, in any order.
  @Test("when everything has settled, all places are free", arguments: 1...60 as ClosedRange<UInt64>)
  func allPlacesAreFreeAfterSettling(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var places = LinkPlaces(capacity: 20)
    var reservations: [(reservation: LinkPlaces.Promise, messages: [MessageID])] = []
    var committed: [MessageID] = []
    var linked: Set<MessageID> = []
    func settle(_ number: Int, hasEffect: Bool) {
      let (reservation, messages) = reservations.remove(at: number)
      guard hasEffect else { return _ = places.withdraw(reservation) }
      places.keep(reservation, for: messages)
      committed += messages
    }
    func offer(_ messages: [MessageID], takes: Int) {
      let mine = places.offer(messages)
      #expect(linked.isDisjoint(with: mine), "seed \(seed): offered while the link has it")
      linked.formUnion(mine.sorted().prefix(takes))
      places.free(mine.sorted().dropFirst(takes))
    }
    for _ in 0..<2_000 {
      switch Int.random(in: 0..<6, using: &random) {
      case 0, 1:
        let messages = (0..<Int.random(in: 1...6, using: &random)).map { _ in
          message(.random(in: 1...40, using: &random))
        }
        let distinct = Array(Set(messages))
        if let reservation = places.promise(distinct.count + Int.random(in: 0...1, using: &random)) {
          reservations.append((reservation, distinct))
        }
      case 2 where !reservations.isEmpty:
        settle(.random(in: reservations.indices, using: &random), hasEffect: Int.random(in: 0..<4, using: &random) > 0)
      case 3:
        offer(committed, takes: Int.random(in: 0...committed.count, using: &random))
        committed = []
      default:
        let ended = linked.sorted().shuffled(using: &random).prefix(3)
        places.free(ended)
        linked.subtract(ended)
      }
      #expect(places.room >= 0 && places.room + linked.count <= 20, "seed \(seed)")
    }
    while !reservations.isEmpty { settle(0, hasEffect: true) }
    offer(committed, takes: committed.count)
    places.free(linked)
    #expect(places.room == 20, "seed \(seed)")
  }
}
