import Testing

@testable import Classifier

@Suite struct SecondStageBudgetTests {
  private let start = ContinuousClock.now

  @Test func grantsTheFirstRequestImmediately() {
    var budget = SecondStageBudget(share: 0.25, now: start)
    let answer1 = budget.mayGoOn(now: start)
    #expect(answer1)
  }

  @Test func waitsAfterOverspending() {
    var budget = SecondStageBudget(share: 0.25, now: start)
    budget.spend(ClassifierBounds.secondLookBurst + .milliseconds(10))
    let answer2 = budget.mayGoOn(now: start)
    #expect(!answer2)
    // At a quarter of the clock, 40 ms accumulate 10 ms.
    let answer3 = budget.mayGoOn(now: start + .milliseconds(40))
    #expect(!answer3)
    let answer4 = budget.mayGoOn(now: start + .milliseconds(41))
    #expect(answer4)
  }

  @Test func itGrantsItsShareOfTheClockAndNoMore() {
    var budget = SecondStageBudget(share: 0.25, now: start)
    var now = start
    var spent = Duration.zero
    while now < start + .seconds(10) {
      if budget.mayGoOn(now: now) {
        budget.spend(.milliseconds(4))
        spent += .milliseconds(4)
        now += .milliseconds(4)
      } else {
        now += .milliseconds(1)
      }
    }
    #expect(spent >= .milliseconds(2_450))
    #expect(spent <= .milliseconds(2_500) + ClassifierBounds.secondLookBurst + .milliseconds(4))
  }

  @Test func accumulatesNoMoreThanItsBurst() {
    var budget = SecondStageBudget(share: 1, now: start)
    let answer5 = budget.mayGoOn(now: start + .seconds(60))
    #expect(answer5)
    budget.spend(ClassifierBounds.secondLookBurst)
    let answer6 = budget.mayGoOn(now: start + .seconds(60))
    #expect(!answer6)
  }

  @Test func grantsNothingWithoutAShare() {
    var budget = SecondStageBudget(share: 0, now: start)
    let answer7 = budget.mayGoOn(now: start + .seconds(1))
    #expect(!answer7)
  }

  @Test func aTurnIsDeniedWithoutAShare() {
    let shared = SharedSecondStageBudget(share: 0)
    var turn = shared.turn()
    let answer8 = turn.mayGoOn()
    #expect(!answer8)
    turn.end()
  }
}
