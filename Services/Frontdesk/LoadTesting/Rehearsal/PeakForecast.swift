import CommandLineTool
import DeskCore
import DeskReporting
import Language
import Simulator

/// What the simulator says about a rehearsal before it is held.
struct PeakForecast: Sendable {
  /// What routers do, measured on the desk.
  struct Router: Sendable, Equatable {
    /// Messages per second of one router that is busy all the time.
    var perSecond: Double
    /// The most messages that it decides together.
    var batch: Int
  }

  /// The share of late first responses by queue, a value for each seed.
  private(set) var shareLate: [QueueID: [Double]] = [:]
  /// The same of all tickets.
  private(set) var total: [Double] = []
  /// The largest number of routers and the longest line in front of them, a value for each seed.
  private(set) var routers: [Double] = []
  private(set) var backlog: [Double] = []
  /// The mean line in front of the routers and their mean number, by second.
  private(set) var series: [(backlog: Double, routers: Double)] = []

  /// The step of the series.
  static let step: Duration = .seconds(1)

  /// Simulates the plan with seeds 1, 2, and so on.
  static func of(
    _ plan: PeakPlan, policy: Policy, samples: [LabelledExample], channels: [ChannelID], router: Router, seeds: Int
  ) throws -> PeakForecast {
    let scenario = scenario(of: plan, policy: policy, samples: samples, channels: channels, router: router)
    var forecast = PeakForecast()
    for seed in 1...seeds {
      try Task.checkCancellation()
      var simulation = Simulation(scenario, seed: SimulationSeed(UInt64(seed)))
      do {
        forecast.add(try simulation.run { _ in !Task.isCancelled }, of: plan, seeds: seeds)
      } catch .stopped {
        throw CancellationError()
      } catch {
        throw CommandFailure("the rehearsal cannot be simulated: \(error)", remedy: "choose a lower --base or --factor")
      }
    }
    return forecast
  }

  private mutating func add(_ result: SimulationResult, of plan: PeakPlan, seeds: Int) {
    for (queue, outcome) in result.queues { shareLate[queue, default: []].append(outcome.shareLate) }
    total.append(result.all.shareLate)
    let steps = Int((plan.length / PeakForecast.step).rounded(.up))
    if series.isEmpty { series = Array(repeating: (0, 0), count: steps) }
    var most = (routers: 0.0, backlog: 0.0)
    for number in 0..<min(steps, result.series.steps.count) {
      let (backlog, routers) = (result.series.routing(number), result.series.routers(number))
      series[number].backlog += backlog / Double(seeds)
      series[number].routers += routers / Double(seeds)
      most = (max(most.routers, routers), max(most.backlog, backlog))
    }
    routers.append(most.routers.rounded(.up))
    backlog.append(most.backlog)
  }

  /// The rehearsal as a scenario: the same policy and its controller, the mix of the samples' categories, and agents who behave alike.
  private static func scenario(
    of plan: PeakPlan, policy: Policy, samples: [LabelledExample], channels: [ChannelID], router: Router
  ) -> Scenario {
    var counts: [(label: String, count: Int)] = []
    for sample in samples {
      if let place = counts.firstIndex(where: { $0.label == sample.label }) {
        counts[place].count += 1
      } else {
        counts.append((sample.label, 1))
      }
    }
    let kinds = counts.flatMap { label, count in
      channels.map { channel in
        TicketKind(
          name: "\(label)-\(channel)", channel: channel,
          labels: Labels(
            category: label, intent: label, confidence: Labels.certain, urgency: .normal, sentiment: .neutral,
            language: "zh-Hans", modelVersion: "samples"), weight: Double(count))
      }
    }
    var periods: [ArrivalStream.Period] = []
    var from: Duration = .zero
    for phase in plan.phases {
      periods.append(ArrivalStream.Period(from: from, ratePerHour: phase.rate * 3_600))
      from += phase.length
    }
    // As `AgentBehaviour.time` draws them: evenly between half and one and a half times the mean; half of it before the reply.
    let times = (0...20).map { (0.5 + Double($0) / 20) * (plan.behaviour.handleTime / .seconds(1)) }
    var handling = HandlingRule(time: .empirical(times))
    handling.firstReply = .empirical(times.map { $0 / 2 })
    let names = policy.agents.keys.sorted().prefix(plan.agents)
    var staff = StaffGroup(name: "desk", agents: names.compactMap { policy.agents[$0] })
    let refused = 1 - plan.behaviour.acceptShare
    staff.behaviour.ignores = refused * AgentBehaviour.ignoredShare
    staff.behaviour.declines = refused - staff.behaviour.ignores
    staff.behaviour.absence = .constant(LoadBounds.ignoringPause / .seconds(1))
    var scenario = Scenario(
      start: Instant(seconds: 0), length: plan.length, policy: policy, kinds: kinds,
      arrivals: [ArrivalStream(name: "messages", periods: periods)], handling: [handling], staff: [staff])
    var fleet = RouterFleet(workers: 1)
    fleet.batch = router.batch
    fleet.perBatch = .constant(Double(router.batch) / router.perSecond)
    fleet.perTicket = 0
    fleet.capacity = policy.life.capacity[.router]
    scenario.routers = fleet
    scenario.step = step
    return scenario
  }
}
