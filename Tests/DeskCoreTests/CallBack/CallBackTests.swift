import Testing

@testable import DeskCore

/// A call-back as a transcript: what happens, and what it reports.
@Suite("A call-back is kept or broken once")
struct CallBackTests {
  /// Promised at 0 s by Ann, due at 1,000 s; warned at most 100 s before.
  private var promised: CallBack {
    CallBack(number: 1, origin: .person, owner: "ann", dueAt: .at(1_000), at: .at(0), warnBefore: .seconds(100))
  }

  @Test func itIsKeptWhenItIsDoneInTime() {
    var callBack = promised
    #expect(callBack.nextCheckAt == .at(900))
    #expect(callBack.handle(.timeReached, now: .at(899)) == [])
    #expect(callBack.handle(.timeReached, now: .at(900)) == [.warned])
    #expect(callBack.nextCheckAt == .at(1_000))
    #expect(callBack.handle(.timeReached, now: .at(950)) == [])
    #expect(callBack.handle(.done, now: .at(1_000)) == [.ended])
    #expect(callBack.state == .kept && callBack.nextCheckAt == nil && !callBack.isUnfinished)
    for event: CallBack.Event in [.done, .givenUp, .withdrawn, .timeReached] {
      #expect(callBack.handle(event, now: .at(2_000)) == [], "\(event)")
    }
    #expect(callBack.state == .kept)
  }

  @Test func itIsBrokenOnceAndStaysSoWhenItIsDoneLate() {
    var callBack = promised
    // A watcher that was away finds both times passed: the warning would come too late.
    #expect(callBack.handle(.timeReached, now: .at(1_500)) == [.broken])
    #expect(callBack.state == .broken && callBack.isUnfinished && callBack.nextCheckAt == nil)
    #expect(callBack.handle(.timeReached, now: .at(1_600)) == [])
    #expect(callBack.handle(.moved(dueAt: .at(9_000), owner: nil, warnBefore: .zero), now: .at(1_700)) == [])
    #expect(callBack.dueAt == .at(1_000))
    #expect(callBack.handle(.moved(dueAt: nil, owner: "bob", warnBefore: .zero), now: .at(1_800)).count == 1)
    #expect(callBack.handle(.done, now: .at(2_000)) == [.ended])
    #expect(callBack.state == .broken && callBack.endedAt == .at(2_000) && callBack.brokenAt == .at(1_500))
  }

  @Test func whatIsDoneAfterTheDueTimeIsBrokenEvenIfNoWatcherSawIt() {
    var callBack = promised
    #expect(callBack.handle(.done, now: .at(1_001)) == [.broken, .ended])
    #expect(callBack.state == .broken)
    var moved = promised
    let later = CallBack.Event.moved(dueAt: .at(9_000), owner: "bob", warnBefore: .zero)
    #expect(moved.handle(later, now: .at(1_001)) == [.broken, .moved(from: "ann", changesDueTime: false)])
    var unneeded = promised
    #expect(unneeded.handle(.withdrawn, now: .at(1_001)) == [.broken, .ended])
    #expect(unneeded.state == .broken)
  }

  @Test func givingItUpBreaksItAndASettledTicketWithdrawsIt() {
    var givenUp = promised
    #expect(givenUp.handle(.givenUp, now: .at(10)) == [.broken, .ended])
    #expect(givenUp.state == .broken)
    var withdrawn = promised
    #expect(withdrawn.handle(.withdrawn, now: .at(10)) == [.ended])
    #expect(withdrawn.state == .withdrawn)
  }

  @Test func anotherTimeWarnsAgainAndAnotherOwnerDoesNot() {
    var callBack = promised
    #expect(callBack.handle(.timeReached, now: .at(900)) == [.warned])
    let handedOver = CallBack.Event.moved(dueAt: nil, owner: "bob", warnBefore: .seconds(100))
    #expect(callBack.handle(handedOver, now: .at(910)) == [.moved(from: "ann", changesDueTime: false)])
    #expect(callBack.owner == "bob" && callBack.moves == 0 && callBack.nextCheckAt == .at(1_000))
    let later = CallBack.Event.moved(dueAt: .at(2_000), owner: nil, warnBefore: .seconds(100))
    #expect(callBack.handle(later, now: .at(920)) == [.moved(from: "bob", changesDueTime: true)])
    #expect(callBack.moves == 1 && callBack.nextCheckAt == .at(1_900))
    #expect(callBack.handle(later, now: .at(930)) == [], "a repetition changes nothing")
  }

  @Test func aShortPromiseIsWarnedOfInItsLastQuarter() {
    let short = CallBack(
      number: 1, origin: .person, owner: "ann", dueAt: .at(40), at: .at(0), warnBefore: .seconds(900))
    #expect(short.nextCheckAt == .at(30))
    let past = CallBack(number: 1, origin: .person, owner: "ann", dueAt: .at(0), at: .at(5), warnBefore: .seconds(900))
    #expect(past.nextCheckAt == .at(0))
  }
}
