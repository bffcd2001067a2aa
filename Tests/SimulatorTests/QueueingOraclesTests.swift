import DeskCore
import Simulator
import Testing

/// What queueing theory knows exactly, the simulator must find: within the 95 % interval of its runs, which are few and short so that the
/// suite is fast.
@Suite("The simulator finds what queueing theory knows")
struct QueueingOraclesTests {
  /// The simulator's figures and those of the formula for the same queue; times in minutes, a ticket takes one.
  private func expect(
    _ model: some StaffedModel, minutes: Int, warmUp: Int, seeds: Int,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> ConfidenceInterval {
    let load = model.load
    let scenario = QueueScenario.queue(
      arrivalsPerMinute: load.arrivalsPerSecond * 60, agents: model.agents,
      patience: load.patienceSeconds.isFinite ? load.patienceSeconds / 60 : nil, minutes: minutes, warmUp: warmUp)
    let results = try QueueScenario.results(scenario, seeds: seeds)
    let figures: [(name: String, expected: Double, found: ConfidenceInterval)] = [
      ("P(wait)", model.waitProbability, ConfidenceInterval(results.map(\.all.shareDelayed))),
      ("abandoned", model.abandonedShare, ConfidenceInterval(results.map(\.all.shareAbandoned))),
      ("mean wait", model.meanWaitSeconds, ConfidenceInterval(results.map(\.all.meanTimeInQueue))),
      ("occupancy", model.occupancy, ConfidenceInterval(results.map(\.occupancy))),
    ]
    for (name, expected, found) in figures {
      #expect(found.contains(expected), "\(name) is \(expected), found \(found)", sourceLocation: sourceLocation)
    }
    return figures[0].found
  }

  private func load(perMinute: Double, patience: Double = .infinity) throws -> ServiceLoad {
    try ServiceLoad(arrivalsPerSecond: perMinute / 60, handlingSeconds: 60, patienceSeconds: patience * 60)
  }

  /// 4 Erlangs and 5 agents. (48 a minute and 50 agents need days until their queue is in balance: see the README.)
  @Test func erlangC() throws {
    _ = try expect(try ErlangC(load(perMinute: 4), agents: 5), minutes: 1_060, warmUp: 60, seeds: 6)
  }

  /// 48 a minute, 50 agents, patience 2 min: P(wait) 0.468, 3.09 % abandon, mean wait 3.7 s, occupancy 93.0 %.
  @Test func erlangA() throws {
    let model = try ErlangA(load(perMinute: 48, patience: 2), agents: 50)
    _ = try expect(model, minutes: 210, warmUp: 10, seeds: 5)
  }

  /// 100 Erlangs and 110 agents: P(wait) is 0.237 exactly, and 0.2234 in the limit for large desks with the same beta of 1.
  @Test func halfinWhitt() throws {
    let waits = try expect(try ErlangC(load(perMinute: 100), agents: 110), minutes: 70, warmUp: 10, seeds: 5)
    #expect(waits.contains(SquareRootStaffing.waitProbability(beta: 1)))
  }

  /// The fluid limit: load 1.2, patience twice the service time, 200 agents: 16.67 % abandon.
  @Test func fluidLimit() throws {
    let scenario = QueueScenario.queue(arrivalsPerMinute: 240, agents: 200, patience: 2, minutes: 40, warmUp: 10)
    let results = try QueueScenario.results(scenario, seeds: 4)
    let abandoned = ConfidenceInterval(results.map(\.all.shareAbandoned))
    #expect(abandoned.contains(FluidLimit.abandonedShare(use: 1.2)))
  }

  @Test func studentsQuantilesAreThoseOfTheTables() {
    let five = ConfidenceInterval([1, 2, 3, 4, 5])
    #expect(five.mean == 3)
    #expect(abs((five.halfWidth ?? 0) - 2.7764 * (2.5 / 5).squareRoot()) < 1e-6)
    #expect(ConfidenceInterval([1]).halfWidth == nil)
  }
}

/// A model of a queue that can be built as a scenario.
private protocol StaffedModel: QueueingModel {
  var load: ServiceLoad { get }
  var agents: Int { get }
}

extension ErlangC: StaffedModel {}
extension ErlangA: StaffedModel {}
