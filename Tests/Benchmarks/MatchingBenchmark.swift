import DeskCore
import Glibc

/// The cost of one round of matching as a router makes it: an engine is created and filled with the present agents and the first tickets
/// of each queue, decides, and writes down the record of each decision for the timeline.
///
/// How many tickets wait beyond those that a round reads makes no difference to it; only the database's query sees them.
@main
struct MatchingBenchmark {
  /// `RouterBounds.ticketsPerMatching` and `ticketsPerDeepMatching`, each with `StoreBounds.overdueTicketsPerMatching`.
  private static let depths = [128 + 16, 4_096 + 16]
  /// `StoreBounds.stepsPerCommit`.
  private static let offersPerRound = 512
  private static let queueCount = 12
  private static let teamCount = 3

  /// Three steps of relaxation each.
  private static let queues = (0..<queueCount).map { number in
    QueuePolicy(
      id: QueueID("q-\(number)"), teams: Set((0..<teamCount).map { TeamID("t-\($0)") }), skills: [],
      offerTime: .seconds(30),
      relaxation: [
        RelaxationStep(after: .seconds(600), easing: .proficiency(by: 3)),
        RelaxationStep(after: .seconds(1_200), easing: .reserve),
        RelaxationStep(after: .seconds(1_800), easing: .anySkill),
      ])
  }

  static func main() {
    let isQuick = CommandLine.arguments.dropFirst().contains("--quick")
    let rounds = isQuick ? 3 : 11
    print("kinds = identical agents share one; free = agents with free capacity; CPU time of \(rounds) rounds")
    print(
      "| agents | kinds | free | tickets read | offers | filled ms p50 | round ms p50 | largest | µs per offer |")
    print("|---|---|---|---|---|---|---|---|---|")
    for agents in isQuick ? [1_000] : [100, 1_000, 10_000] {
      for kinds in [30, agents] {
        for free in [1, agents] {
          for depth in depths { measure(agents: agents, kinds: kinds, free: free, depth: depth, rounds: rounds) }
        }
      }
    }
  }

  private static func measure(agents: Int, kinds: Int, free: Int, depth: Int, rounds: Int) {
    var random = SeededGenerator(seed: 7)
    let now = Instant(seconds: 1_772_442_000)
    let staff = (0..<agents).map { status($0, kind: $0 % kinds, isFree: $0 < free, now) }
    let waiting = (0..<queueCount).map { queue in
      (0..<depth).map { ticket(UInt64(queue * depth + $0), now, &random) }
    }
    var times: (filled: [Duration], whole: [Duration]) = ([], [])
    var offers = 0
    var recorded = 0
    for _ in 0..<rounds {
      let begun = processorTime()
      var desk = MatchingEngine(queues: queues, headStarts: HeadStarts(), now: now)
      for agent in staff { desk.upsert(agent) }
      for (queue, tickets) in zip(queues, waiting) {
        for ticket in tickets { desk.add(ticket, to: queue.id) }
      }
      times.filled.append(processorTime() - begun)
      let picks = desk.picks(limit: offersPerRound)
      for pick in picks { if case .object(let fields) = pick.record.detail { recorded += fields.count } }
      times.whole.append(processorTime() - begun)
      offers = picks.count
    }
    precondition(recorded > 0 || offers == 0, "every offer has a record")
    times.filled.sort()
    times.whole.sort()
    let (filled, whole) = (times.filled[rounds / 2], times.whole[rounds / 2])
    print(
      "| \(agents) | \(kinds) | \(free) | \(queueCount) × \(depth) | \(offers) | \(milliseconds(filled)) | \(milliseconds(whole)) "
        + "| \(milliseconds(times.whole[rounds - 1])) "
        + "| \(offers == 0 ? "-" : "\(Int((whole - filled) / offers / .microseconds(1)))") |")
  }

  private static func milliseconds(_ duration: Duration) -> Double {
    (duration / .milliseconds(1) * 100).rounded() / 100
  }

  /// The CPU time of this thread: on a busy machine the clock would include other processes.
  private static func processorTime() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
  }

  /// One agent in ten is in reserve.
  private static func status(_ number: Int, kind: Int, isFree: Bool, _ now: Instant) -> AgentStatus {
    let profile = AgentProfile(
      id: AgentID("agent-\(number)"), teams: [TeamID("t-\(kind % teamCount)")],
      // Each kind differs in a skill that no ticket requires.
      skills: [SkillID("a"): kind % 10 + 1, SkillID("b"): (kind / 10) % 10 + 1, SkillID("own-\(kind)"): 1],
      languages: kind % 2 == 0 ? ["zh"] : ["zh", "en"], capacity: 5)
    return AgentStatus(
      profile: profile, presence: number % 10 == 9 ? .reserve : .available, load: isFree ? Int32(number % 5) : 5,
      idleSince: now - .seconds(Int64(number % 600)))
  }

  /// One ticket in ten requires a skill that no agent has, one in twenty was refused before.
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
