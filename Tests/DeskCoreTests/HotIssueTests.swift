import Testing

@testable import DeskCore

@Suite("When a category is hot")
struct HotIssueTests {
  private let rule = HotIssueRule()

  private func isHot(_ count: Int, weeks: [Int], usual: Double? = nil) throws -> Bool {
    rule.isHot(count, try #require(rule.expectation(weeks: weeks, usual: usual)))
  }

  @Test func aSurgeFarAboveItsOwnHourIsHot() throws {
    #expect(try isHot(40, weeks: [5, 6, 4, 5]))
    #expect(try !isHot(12, weeks: [5, 6, 4, 5]), "less than three times as many")
    #expect(try !isHot(9, weeks: [0, 1, 0, 0]), "below the minimum count")
  }

  @Test func aLargeCategoryNeedsALargeExcess() throws {
    #expect(try !isHot(260, weeks: [200, 210, 190]))
    #expect(try isHot(640, weeks: [200, 210, 190]))
  }

  @Test func highlyVariableHistoryRaisesTheThreshold() throws {
    #expect(try !isHot(90, weeks: [2, 60, 1, 55, 3]))
  }

  @Test func withoutHistoryTheUsualRateApplies() throws {
    #expect(try isHot(30, weeks: [], usual: 2))
    #expect(try isHot(30, weeks: [4], usual: 2))
    #expect(rule.expectation(weeks: [], usual: nil) == nil)
  }

  @Test func aFluctuatingCountRemainsOneIssue() throws {
    let expectation = try #require(rule.expectation(weeks: [5, 6, 4, 5], usual: nil))
    #expect(!rule.isHot(12, expectation) && !rule.isUsual(12, expectation))
    #expect(rule.isUsual(6, expectation))
  }

  @Test func milestonesGrowWithTheGroup() {
    let milestones = (1...1_000).filter { LearningPolicy.isMilestone(Int64($0)) }
    #expect(milestones == [5, 10, 20, 50, 100, 200, 500, 1_000])
  }
}
