import DeskCore
import Simulator
import Testing

/// What queueing theory knows exactly, the simulator must find: within the 95 % interval of its runs, which are few and short so that the
/// suite is fast.
@Suite("The simulator finds what queueing theory knows")
struct QueueingOraclesTests {
  private func interval(_ results: [SimulationResult], _ figure: (SimulationResult) -> Double) -> ConfidenceInterval {
    ConfidenceInterval(results.map(figure))
  }

  /// Erlang C for 4 Erlangs and 5 agents: P(wait) 0.554, mean wait 0.554 service times, occupancy 80 %.
  @Test func erlangC() throws {
    let scenario = QueueScenario.queue(arrivalsPerMinute: 4, agents: 5, minutes: 1_060, warmUp: 60)
    let results = try QueueScenario.results(scenario, seeds: 6)
    #expect(interval(results) { $0.all.shareDelayed }.contains(0.5541))
    #expect(interval(results) { $0.all.waits.mean }.contains(0.5541 * 60))
    #expect(interval(results) { $0.occupancy }.contains(0.8))
  }

  /// Erlang A, 48 a minute, 50 agents, 1 min, patience 2 min: P(wait) 0.468, 3.09 % abandon, mean wait 3.7 s, occupancy 93.0 %.
  @Test func erlangA() throws {
    let scenario = QueueScenario.queue(arrivalsPerMinute: 48, agents: 50, patience: 2, minutes: 210, warmUp: 10)
    let results = try QueueScenario.results(scenario, seeds: 5)
    #expect(interval(results) { $0.all.shareDelayed }.contains(0.468))
    #expect(interval(results) { $0.all.shareAbandoned }.contains(0.0309))
    #expect(interval(results) { $0.all.meanTimeInQueue }.contains(3.7))
    #expect(interval(results) { $0.occupancy }.contains(0.930))
  }

  /// Halfin and Whitt: 100 Erlangs and 110 agents (beta 1) have P(wait) 0.2370 exactly; the limit for large desks is 0.2234.
  @Test func halfinWhitt() throws {
    let scenario = QueueScenario.queue(arrivalsPerMinute: 100, agents: 110, minutes: 70, warmUp: 10)
    let results = try QueueScenario.results(scenario, seeds: 5)
    #expect(interval(results) { $0.all.shareDelayed }.contains(0.2370))
  }

  /// The fluid limit: load 1.2, patience twice the service time, 200 agents: 16.67 % abandon.
  @Test func fluidLimit() throws {
    let scenario = QueueScenario.queue(arrivalsPerMinute: 240, agents: 200, patience: 2, minutes: 40, warmUp: 10)
    let results = try QueueScenario.results(scenario, seeds: 5)
    #expect(interval(results) { $0.all.shareAbandoned }.contains(1 / 6))
  }

  @Test func studentsQuantilesAreThoseOfTheTables() {
    let five = ConfidenceInterval([1, 2, 3, 4, 5])
    #expect(five.mean == 3)
    #expect(abs((five.halfWidth ?? 0) - 2.7764 * (2.5 / 5).squareRoot()) < 1e-6)
    #expect(ConfidenceInterval([1]).halfWidth == nil)
  }
}
