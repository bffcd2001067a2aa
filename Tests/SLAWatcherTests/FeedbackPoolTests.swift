import DeskCore
import SystemPrimitives
import TestKit
import Testing

@testable import SLAWatcher
@testable import Store

/// Groups in memory, over several batches.
@Suite struct FeedbackPoolTests {
  private var random = SeededGenerator(seed: 7)

  private mutating func candidate(_ body: String, about category: String = "app") -> FeedbackCandidate {
    let at = Instant(seconds: 1_000_000)
    return FeedbackCandidate(
      ticket: Identifier(at: at, using: &random), category: category, message: Identifier(at: at, using: &random),
      at: at, body: body)
  }

  @Test mutating func aBatchKnowsTheGroupsOfTheBatchesBefore() throws {
    var pool = FeedbackPool([], alikeFrom: 0.5)
    let first = try #require(pool.take(candidate("please add a dark mode to the app"), using: &random))
    #expect(pool.opened.map(\.id) == [first] && pool.members.map(\.group) == [first])
    pool.beginBatch()
    #expect(pool.opened.isEmpty && pool.members.isEmpty && pool.milestones.isEmpty)
    #expect(pool.take(candidate("Please add a dark mode to the app!"), using: &random) == first)
    #expect(pool.opened.isEmpty && pool.members.map(\.group) == [first])
    // The same words in another category are another group.
    let other = try #require(pool.take(candidate("please add a dark mode to the app", about: "site"), using: &random))
    #expect(other != first && pool.opened.map(\.id) == [other])
  }

  @Test mutating func storedGroupsGrow() throws {
    var pool = FeedbackPool([], alikeFrom: 0.5)
    pool.take(candidate("the parcel locker is broken"), using: &random)
    var stored = try #require(pool.opened.first)
    stored.messages = 4
    var next = FeedbackPool([stored], alikeFrom: 0.5)
    #expect(next.take(candidate("the parcel locker is broken"), using: &random) == stored.id)
    #expect(next.milestones.map(\.messages) == [5])
  }
}
