import DeskCore
import Glibc

/// The cost of one decision: the most urgent ticket that an agent can take, the agent for it, and the timeline record.
///
/// The queue has three steps of relaxation; one ticket in ten requires a skill that no agent has, one in twenty was refused before.
@main
struct MatchingBenchmark {
  private static let decisions = 200

  private static let queue = QueuePolicy(
    id: "q", teams: ["t-0", "t-1", "t-2"], skills: [], offerTime: .seconds(30),
    relaxation: [
      RelaxationStep(after: .seconds(600), easing: .proficiency(by: 3)),
      RelaxationStep(after: .seconds(1_200), easing: .reserve),
      RelaxationStep(after: .seconds(1_800), easing: .anySkill),
    ])

  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    let sizes = arguments.contains("--quick") ? [1_000, 10_000] : [1_000, 10_000, 100_000, 1_000_000]
    print(
      "kinds = identical agents share one; CPU time of \(decisions) decisions, each including the agent's reinsertion"
    )
    print("| agents | kinds | waiting | steps per decision | p50 µs | p99 µs | largest µs | ticket added µs |")
    print("|---|---|---|---|---|---|---|---|")
    for agents in [100, 1_000, 10_000] {
      for waiting in sizes {
        for kinds in [30, agents] { measure(agents: agents, kinds: kinds, waiting: waiting) }
      }
    }
  }

  private static func measure(agents: Int, kinds: Int, waiting: Int) {
    var random = SeededGenerator(seed: 7)
    let now = Instant(seconds: 1_772_442_000)
    var desk = MatchingEngine(queues: [queue], headStarts: HeadStarts(), now: now)
    let staff = (0..<agents).map { number in
      let kind = number % kinds
      let profile = AgentProfile(
        id: AgentID("agent-\(number)"), teams: [TeamID("t-\(kind % 3)")],
        // Each kind differs in a skill that no ticket requires.
        skills: [SkillID("a"): kind % 10 + 1, SkillID("b"): (kind / 10) % 10 + 1, SkillID("own-\(kind)"): 1],
        languages: kind % 2 == 0 ? ["zh"] : ["zh", "en"], capacity: 5)
      return AgentStatus(
        profile: profile, presence: number % 10 == 0 ? .reserve : .available, load: Int32(number % 5),
        idleSince: now - .seconds(Int64(number % 600)))
    }
    for agent in staff { desk.upsert(agent) }
    let begun = processorTime()
    for number in 0..<waiting { desk.add(ticket(UInt64(number), now, &random), to: "q") }
    let adding = processorTime() - begun
    let byName = Dictionary(uniqueKeysWithValues: staff.map { ($0.profile.id, $0) })
    var times: [Duration] = []
    _ = desk.next()
    let before = desk.steps
    for _ in 0..<decisions {
      let begun = processorTime()
      let pick = desk.next()
      // The agent is reinserted with the same load, so that the desk stays unchanged.
      if let pick, let agent = byName[pick.agent] { desk.upsert(agent) }
      times.append(processorTime() - begun)
    }
    times.sort()
    func microseconds(_ duration: Duration) -> Double { (duration / .microseconds(1) * 10).rounded() / 10 }
    print(
      "| \(agents) | \(kinds) | \(waiting) | \((desk.steps - before) / decisions) | \(microseconds(times[decisions / 2])) "
        + "| \(microseconds(times[decisions * 99 / 100])) | \(microseconds(times[decisions - 1])) "
        + "| \(microseconds(adding / waiting)) |")
  }

  /// The CPU time of this thread: on a busy machine the clock would include other processes.
  private static func processorTime() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
  }

  private static func ticket(_ number: UInt64, _ now: Instant, _ random: inout SeededGenerator) -> WaitingTicket {
    let waited = Duration.seconds(Int64.random(in: 0...2_400, using: &random))
    let skills: [SkillRequirement]
    switch number % 10 {
    case 0: skills = [SkillRequirement("nobody-has-it", proficiency: 1)]
    case 1...4: skills = [SkillRequirement("a", proficiency: Int(number % 7) + 1)]
    case 5...7: skills = [SkillRequirement("b", proficiency: 3)]
    default: skills = []
    }
    return WaitingTicket(
      id: TicketID(high: 0, low: number), version: 2, priority: Priority.allCases[Int(number % 4)],
      tier: CustomerTier.allCases[Int(number % 3)], skills: skills, weight: 1,
      language: number % 5 == 0 ? "en" : "zh-Hans", waitingSince: now - waited,
      dueAt: number % 6 == 0 ? nil : now - waited + .seconds(1_800),
      refusedBy: number % 20 == 0 ? [AgentID("agent-\(number % 50)")] : [], lastAgent: nil)
  }
}
