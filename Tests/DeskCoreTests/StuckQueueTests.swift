import Testing

@testable import DeskCore

/// When a queue in which tickets wait counts as stuck.
@Suite struct StuckQueueTests {
  private let rule = StuckQueueRule(after: .seconds(600))

  private func change(
    waitingSince second: Int64?, staffed: Bool, moves: Bool, stuck: Bool = false, ended: Int64? = nil, at now: Int64
  ) -> StuckQueueRule.Change? {
    rule.change(
      .init(
        oldestSince: second.map { .at($0) }, isStaffed: staffed, moves: moves, isStuck: stuck,
        lastEndedAt: ended.map { .at($0) }), now: .at(now))
  }

  @Test func anEpisodeBeginsOnceTheOldestHasWaitedLongEnough() {
    #expect(change(waitingSince: nil, staffed: false, moves: false, at: 9_000) == nil)
    #expect(change(waitingSince: 0, staffed: false, moves: false, at: 599) == nil)
    #expect(change(waitingSince: 0, staffed: false, moves: false, at: 600) == .begins(.unstaffed))
    #expect(change(waitingSince: 0, staffed: true, moves: false, at: 600) == .begins(.standstill))
    #expect(change(waitingSince: 0, staffed: true, moves: true, at: 9_000) == nil)
    // Tickets that were taken a moment ago do not help those that wait when everyone has left.
    #expect(change(waitingSince: 0, staffed: false, moves: true, at: 600) == .begins(.unstaffed))
  }

  @Test func itEndsWhenTicketsMoveOrNoneWaits() {
    #expect(change(waitingSince: 0, staffed: false, moves: false, stuck: true, at: 700) == nil)
    #expect(change(waitingSince: 0, staffed: true, moves: false, stuck: true, at: 700) == nil)
    #expect(change(waitingSince: 0, staffed: true, moves: true, stuck: true, at: 700) == .ends)
    #expect(change(waitingSince: nil, staffed: false, moves: false, stuck: true, at: 700) == .ends)
  }

  @Test func anEpisodeThatBeginsAgainAtOnceIsNotReportedAgain() {
    #expect(change(waitingSince: 0, staffed: true, moves: false, ended: 700, at: 1_299) == nil)
    #expect(change(waitingSince: 0, staffed: true, moves: false, ended: 700, at: 1_300) == .begins(.standstill))
  }

  @Test func aQueueIsStaffedByItsTeamsAndThoseThatJoin() throws {
    var policy = Policy.sample
    policy.queues["shipping"] = QueuePolicy(
      id: "shipping", teams: ["orders"], skills: [], offerTime: .seconds(30),
      relaxation: [RelaxationStep(after: .seconds(60), easing: .teams(["care"]))])
    for (agent, team) in [("ann", "orders"), ("bob", "care"), ("cyd", "money")] as [(AgentID, TeamID)] {
      policy.agents[agent] = AgentProfile(id: agent, teams: [team], skills: [:], languages: [], capacity: 1)
    }
    let queue = try #require(policy.queues["shipping"])
    #expect(policy.staffs(queue, with: ["ann"]) && policy.staffs(queue, with: ["bob"]))
    #expect(!policy.staffs(queue, with: ["cyd", "unknown"]) && !policy.staffs(queue, with: []))
    let open = try #require(policy.queues["general"])
    #expect(policy.staffs(open, with: ["cyd"]) && !policy.staffs(open, with: ["unknown"]))
  }
}
