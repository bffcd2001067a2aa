import Testing

@testable import DeskCore

@Suite("Upcoming deadlines")
struct DeadlineWindowTests {
  private static let pace = DeadlineWindow.Pace(
    look: .seconds(2), ahead: .seconds(5), behind: .seconds(10), wholeLook: .seconds(60), gathering: .seconds(1),
    limit: 4)

  private func deadline(_ second: Int64) -> Deadline { Deadline(at: .at(second), ticket: .number(UInt64(second))) }

  @Test func theFirstScanIsFullAndLaterScansPartial() throws {
    var window = DeadlineWindow(Self.pace)
    let first = try #require(window.look(at: .at(0)))
    #expect(first.after == nil && first.upTo == .at(5) && first.limit == 4)
    window.fill(first, with: [], at: .at(0))
    #expect(window.look(at: .at(1)) == nil)
    #expect(window.wake(after: .at(1)) == .at(2))
    let second = try #require(window.look(at: .at(2)))
    #expect(second.after == .at(-8) && second.upTo == .at(7))
    window.fill(second, with: [], at: .at(2))
    #expect(window.look(at: .at(60))?.after == nil, "an occasional full scan")
  }

  @Test func dueDeadlinesAreReturnedOnceAndGrouped() throws {
    var window = DeadlineWindow(Self.pace)
    let look = try #require(window.look(at: .at(0)))
    window.fill(look, with: [deadline(1), deadline(2), deadline(5)], at: .at(0))
    #expect(window.takeDue(at: .at(0), limit: 9) == [])
    #expect(window.wake(after: .at(0)) == .at(2))
    #expect(window.look(at: .at(2)) == nil, "due deadlines come first")
    #expect(window.wake(after: .at(3)) == .at(3), "overdue: at once")
    #expect(window.takeDue(at: .at(2), limit: 1) == [deadline(1)])
    #expect(window.takeDue(at: .at(2), limit: 9) == [deadline(2)])
    #expect(window.takeDue(at: .at(2), limit: 9) == [])
    #expect(window.look(at: .at(2)) != nil)
  }

  @Test func aFullBatchWithNotificationsIsFollowedAtOnce() throws {
    var window = DeadlineWindow(Self.pace)
    let look = try #require(window.look(at: .at(10)))
    window.fill(look, with: (1...4).map(deadline), at: .at(10))
    #expect(window.takeDue(at: .at(10), limit: 9).count == 4)
    window.notified(3)
    let again = try #require(window.look(at: .at(10)))
    #expect(again.after == nil && again.upTo == .at(15))
    #expect(window.wake(after: .at(10)) == .at(10))
  }

  @Test func aFullBatchWithoutNotificationsDoesNotSpin() throws {
    var window = DeadlineWindow(Self.pace)
    let look = try #require(window.look(at: .at(10)))
    window.fill(look, with: (1...4).map(deadline), at: .at(10))
    #expect(window.takeDue(at: .at(10), limit: 9).count == 4)
    window.notified(0)
    #expect(window.look(at: .at(10)) == nil)
    #expect(window.wake(after: .at(10)) == .at(12))
    let next = try #require(window.look(at: .at(12)))
    #expect(next.after == .at(2), "and does not hide deadlines that are due now")
  }
}
