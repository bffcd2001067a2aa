import DeskCore
import PolicyReading
import Testing

@testable import Simulator

/// Recordings of a desk whose behaviour is known: one queue, agents who take the oldest ticket as soon as they are free.
@Suite("Replaying recordings")
struct RecordingReplayTests {
  private static let policy: Policy = {
    let yaml = """
      version: 1
      teams: { care: {} }
      agents: [{ id: nobody, teams: [care], capacity: 1 }]
      queues: { general: { teams: [care] }, other: { teams: [care] } }
      rules: [{ name: rest, queue: general, priority: normal }]
      default_queue: general
      triage: { queue: general, below: 0.1 }
      service_levels: [{ name: all, first_response: 10m }]
      channels: { web: { replies: fetch } }
      """
    guard let policy = try? PolicyDocument(yaml: yaml, version: 7).policy else {
      preconditionFailure("the policy is valid")
    }
    return policy
  }()

  /// Eight hours at a load of 0.95, each ticket given to the agent who is free first.
  private static func recording(agents: Int = 10, abandonAfter patience: Int64? = nil) -> Recording {
    let hours: Int64 = 8
    let handlingMean = 300_000.0
    var random = SeededGenerator(seed: 11)
    var free = Array(repeating: Int64(0), count: agents)
    var tickets: [RecordedTicket] = []
    var at = 0.0
    while true {
      at += Variate.exponential(mean: handlingMean / (Double(agents) * 0.95)).draw(using: &random)
      let opened = Int64(at)
      if opened >= hours * 3_600_000 { break }
      let handling = Int64(Variate.exponential(mean: handlingMean).draw(using: &random)) + 1
      let agent = free.indices.min { free[$0] < free[$1] } ?? 0
      let since = max(opened, free[agent])
      let name = AgentID("agent-\(agent)")
      let givesUp = patience.map { since - opened > $0 } ?? false
      if !givesUp { free[agent] = since + handling }
      tickets.append(
        RecordedTicket(
          id: "ticket-\(tickets.count)", customer: "customer-\(tickets.count)", channel: "web", tier: .standard,
          dedicatedAgent: nil, opened: opened, decision: decision(at: opened), firstDue: opened + 600_000,
          isFirstLate: !givesUp && since > opened + 600_000,
          messages: [.init(at: opened, author: .customer)] + (givesUp ? [] : [.init(at: since, author: .agent)]),
          offers: givesUp ? [] : [.init(at: since, agent: name, answer: .accepted, answeredAt: since)],
          hands: givesUp
            ? [] : [.init(agent: name, since: since, handled: handling, pended: 0, endedBy: "resolved")],
          end: givesUp
            ? .init(at: opened + (patience ?? 0), how: .abandoned) : .init(at: since + handling, how: .resolved)))
    }
    let start = Instant(seconds: 1_772_409_600)
    return Recording(
      stretch: .init(from: start, to: start + .seconds(hours * 3_600), zone: "UTC", policyVersion: 7, workers: [:]),
      agents: (0..<agents).map { number in
        RecordedAgent(
          profile: AgentProfile(
            id: AgentID("agent-\(number)"), teams: ["care"], skills: [:], languages: [], capacity: 1),
          changes: [.init(at: -1_000, presence: .available, capacity: 1)])
      }, tickets: tickets)
  }

  private static func decision(at: Int64, found: [Int] = []) -> RecordedTicket.Decision {
    .init(
      at: at, policyVersion: 7,
      labels: Labels(
        category: "c", intent: "c", confidence: 0.9, urgency: .normal, sentiment: .neutral, language: "en",
        modelVersion: "m"), productLine: "", found: found, met: [], queue: "general", priority: .normal, skills: [],
      weight: 1, needsTriage: false, isByArticle: false)
  }

  private func run(_ scenario: Scenario) throws -> SimulationResult {
    var simulation = Simulation(scenario)
    return try simulation.run()
  }

  @Test func theSamePolicyReproducesWhatHappened() throws {
    let replay = RecordingReplay(Self.recording())
    let recorded = replay.recordedResult().all
    let simulated = try run(replay.scenario(under: Self.policy)).all
    #expect(simulated.arrived == recorded.arrived && recorded.arrived > 800)
    // Both end with the stretch; the last ticket may be accepted just before or after it.
    #expect(abs(simulated.answered - recorded.answered) <= 1)
    // Rounds of matching are 10 ms apart: waits differ by that, and nothing else does.
    #expect(abs(simulated.waits.mean - recorded.waits.mean) < 0.2, "\(simulated.waits.mean) \(recorded.waits.mean)")
    #expect(abs(simulated.waits.quantile(0.9) - recorded.waits.quantile(0.9)) < 0.5)
    #expect(abs(simulated.shareLate - recorded.shareLate) < 0.005)
    #expect(recorded.waits.mean > 30, "there is something to reproduce")
    let (real, run) = (replay.recordedResult(), try run(replay.scenario(under: Self.policy)))
    #expect(abs(real.occupancy - run.occupancy) < 0.005, "\(real.occupancy) \(run.occupancy)")
    #expect(abs(real.staffHours - run.staffHours) < 0.5, "\(real.staffHours) \(run.staffHours)")
  }

  @Test func moreAgentsShortenWaitsAndFewerLengthenThem() throws {
    let replay = RecordingReplay(Self.recording())
    let same = try run(replay.scenario(under: Self.policy)).all.waits.mean
    let more = replay.scenario(under: Self.policy, staffing: [StaffingChange(team: "care", .percent(20))])
    let fewer = replay.scenario(under: Self.policy, staffing: [StaffingChange(team: nil, .by(-1))])
    #expect(more.staff.count == 12 && fewer.staff.count == 9)
    #expect(try run(more).all.waits.mean < same / 2)
    #expect(try run(fewer).all.waits.mean > same * 1.5)
    #expect(replay.scenario(under: Self.policy, staffing: [StaffingChange(team: "x", .to(3))]).staff.count == 10)
    #expect(replay.scenario(under: Self.policy, staffing: [StaffingChange(team: nil, .to(25))]).staff.count == 25)
  }

  @Test func customersGiveUpAsTheyDid() throws {
    let replay = RecordingReplay(Self.recording(abandonAfter: 120_000))
    let recorded = replay.recordedResult().all
    let simulated = try run(replay.scenario(under: Self.policy)).all
    #expect(recorded.abandoned > 5)
    #expect(abs(simulated.shareAbandoned - recorded.shareAbandoned) < 0.02)
    // With more agents those who gave up are served: fewer give up.
    let more = try run(replay.scenario(under: Self.policy, staffing: [StaffingChange(team: nil, .by(3))])).all
    #expect(more.shareAbandoned < recorded.shareAbandoned / 2)
  }

  @Test func whatTookNobodysTimeIsLeftOut() {
    func ticket(_ number: Int, opened: Int64, end: RecordedTicket.End?, isByArticle: Bool = false) -> RecordedTicket {
      var decision = Self.decision(at: opened)
      if isByArticle {
        decision = .init(
          at: opened, policyVersion: 7, labels: decision.labels, productLine: "", found: [], met: [], queue: "general",
          priority: .normal, skills: [], weight: 1, needsTriage: false, isByArticle: true)
      }
      return RecordedTicket(
        id: "t\(number)", customer: "c", channel: "web", tier: .standard, dedicatedAgent: nil, opened: opened,
        decision: decision, firstDue: nil, isFirstLate: false, messages: [], offers: [], hands: [], end: end)
    }
    let start = Instant(seconds: 0)
    let replay = RecordingReplay(
      Recording(
        stretch: .init(from: start, to: start + .seconds(3600), zone: "UTC", policyVersion: 7, workers: ["router": 2]),
        agents: [],
        tickets: [
          ticket(1, opened: -5, end: nil), ticket(2, opened: 1, end: .init(at: 9, how: .article), isByArticle: true),
          ticket(3, opened: 2, end: .init(at: 9, how: .merged)),
          ticket(4, opened: 3, end: .init(at: 9, how: .rejected)),
          ticket(5, opened: 4, end: .init(at: 9, how: .abandoned)),
        ]))
    #expect(replay.omitted == RecordingReplay.Omitted(byArticle: 1, withoutWork: 2) && replay.carriedOver == 1)
    let scenario = replay.scenario(under: Self.policy)
    #expect(scenario.recording.map(\.after) == [.zero, .milliseconds(4)] && scenario.warmUp > .zero)
    #expect(scenario.routers?.workers == 2 && replay.scenario(under: Self.policy, routers: 4).routers?.workers == 4)
    #expect(replay.recordedResult().all.arrived == 1 && replay.recordedResult().all.abandoned == 1)
  }
}
