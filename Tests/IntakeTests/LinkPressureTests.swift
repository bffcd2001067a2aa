import Testing

@testable import Store

@Suite("LinkPressure")
struct LinkPressureTests {
  /// A link that is deep with 1,000 messages, with workers whose speed a test sets.
  private struct Link {
    var pressure: LinkPressure
    var now: Duration = .zero
    var used = 0
    var perSecond = 0.0

    init() {
      var limits = LinkPressure.Limits()
      limits.depth = 1_000
      limits.shallow = 100
      limits.stallTime = .seconds(2)
      limits.slowestPerSecond = 25
      limits.workAhead = .seconds(2)
      pressure = LinkPressure(limits: limits)
    }

    var room: Int { mutating get { pressure.room(used: used, now: now) } }

    /// Time passes, in which workers finish what they can and commits add what they may.
    mutating func pass(_ time: Duration, adding arrivalsPerSecond: Double) {
      let step = Duration.milliseconds(20)
      let end = now + time
      var (arrived, worked) = (0.0, 0.0)
      while now < end {
        now += step
        worked += perSecond / 50
        let done = min(used, Int(worked))
        worked -= Double(Int(worked))
        used -= done
        pressure.finish(done, now: now)
        arrived += arrivalsPerSecond / 50
        let added = min(Int(arrived), room)
        arrived = min(arrived, 10_000) - Double(added)
        used += added
      }
    }
  }

  @Test("a message waits longer than it takes to notice a fault, and less long than for PostgreSQL")
  func boundsFitTogether() {
    #expect(CommitBounds.linkStallTime < CommitBounds.linkPatience)
    #expect(CommitBounds.linkPatience < CommitBounds.commitDeadline)
    #expect(CommitBounds.linkShallow < CommitBounds.linkDepth)
  }

  @Test("a link that is not deep has room up to its depth, however slow it is")
  func shallowLinksHaveRoom() {
    var link = Link()
    #expect(link.room == 1_000)
    link.used = 975
    #expect(link.room == 25)
  }

  @Test("three times what workers finish: the link stays at its depth, and commits get as much as is finished")
  func overloadWaits() {
    var link = Link()
    link.perSecond = 800
    link.pass(.seconds(10), adding: 2_400)
    #expect((900...1_000).contains(link.used), "\(link.used)")
    for _ in 0..<50 {
      link.pass(.milliseconds(20), adding: 2_400)
      #expect((900...1_000).contains(link.used), "\(link.used)")
    }
  }

  @Test("a deep link of slow workers has two seconds of their work ahead of it, so that no message grows too old")
  func slowWorkersMakeASmallerDepth() {
    var link = Link()
    link.perSecond = 150
    link.pass(.seconds(3), adding: 2_000)
    #expect(link.used > 900, "it had its whole depth at first")
    link.pass(.seconds(10), adding: 2_000)
    #expect((270...310).contains(link.used), "\(link.used)")
  }

  @Test("a few places are not given out one by one: commits would be small")
  func fewPlacesWait() {
    var link = Link()
    link.used = 1_000
    #expect(link.room == 0)
    link.used = 980
    #expect(link.room == 0)
    link.used = 975
    #expect(link.room == 25)
  }

  @Test("workers that stop are a fault after two seconds: commits wait no more, and the database takes the rest")
  func stoppedWorkersAreAFault() {
    var link = Link()
    link.perSecond = 800
    link.pass(.seconds(5), adding: 2_400)
    #expect(link.room < 1_000)
    link.perSecond = 0
    link.pass(.milliseconds(1_800), adding: 2_400)
    #expect(link.room == 0)
    link.now += .milliseconds(200)
    #expect(link.room == .max)
  }

  @Test("a link without workers holds nothing back for longer than two seconds, whenever it becomes deep")
  func linksWithoutWorkersHoldNothingBack() {
    var link = Link()
    link.used = 1_000
    #expect(link.room == 0)
    link.now += .milliseconds(1_999)
    #expect(link.room == 0)
    link.now += .milliseconds(1)
    #expect(link.room == .max)
    link.now += .seconds(60)
    #expect(link.room == .max)
  }

  @Test("a few finished messages a second are a fault, too")
  func trickleIsAFault() {
    var link = Link()
    link.used = 1_000
    _ = link.room
    for _ in 0..<4 {
      link.now += .seconds(1)
      link.pressure.finish(24, now: link.now)
    }
    #expect(link.room == .max)
  }

  @Test("workers that are back are waited for again, and a link that has drained is as at the beginning")
  func recovers() {
    var link = Link()
    link.used = 1_000
    _ = link.room
    link.now += .seconds(10)
    link.used = 2_000
    #expect(link.room == .max)
    link.perSecond = 800
    link.pass(.milliseconds(500), adding: 0)
    #expect(link.room == 0, "it is deeper than it may be")
    link.pass(.seconds(3), adding: 0)
    #expect(link.used == 0 && link.room == 1_000)
    link.perSecond = 0
    link.now += .seconds(60)
    link.used = 1_000
    #expect(link.room == 0, "it has only just become deep again")
  }
}
