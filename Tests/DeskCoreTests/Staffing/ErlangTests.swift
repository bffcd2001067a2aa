import Foundation
import Testing

@testable import DeskCore

@Suite("Queueing formulas")
struct ErlangTests {
  private func near(_ value: Double, _ expected: Double, by tolerance: Double) -> Bool {
    abs(value - expected) <= tolerance
  }

  /// 48 arrivals a minute, one minute each.
  private func load(patience: Double = .infinity) throws -> ServiceLoad {
    try ServiceLoad(arrivalsPerSecond: 0.8, handlingSeconds: 60, patienceSeconds: patience)
  }

  @Test func erlangBMatchesPublishedTables() throws {
    // Load, agents and share lost, from the usual tables of the loss formula.
    for (erlangs, agents, share) in [(4.46, 10, 0.01), (12.03, 20, 0.01), (84.06, 100, 0.01), (1.0, 1, 0.5)] {
      #expect(near(try ErlangB.lostShare(erlangs: erlangs, agents: agents), share, by: 0.0001))
    }
    #expect(try ErlangB.lostShare(erlangs: 0, agents: 0) == 1 && ErlangB.lostShare(erlangs: 0, agents: 3) == 0)
  }

  @Test func erlangCMatchesItsOracle() throws {
    let model = try ErlangC(load(), agents: 50)
    #expect(near(model.waitProbability, 0.694, by: 0.0005))
    #expect(near(model.meanWaitSeconds, 20.8, by: 0.05))
    #expect(near(model.occupancy, 0.960, by: 0.0005))
    // Given a wait, it is exponential with the mean of 30 s.
    #expect(near(1 - model.answeredShare(within: 30), model.waitProbability / M_E, by: 1e-9))
    #expect(near(model.waitQuantile(0.9), 30 * log(model.waitProbability / 0.1), by: 1e-9))
    #expect(model.waitQuantile(0.2) == 0)
  }

  @Test func erlangAMatchesItsOracle() throws {
    let model = try ErlangA(load(patience: 120), agents: 50)
    #expect(near(model.waitProbability, 0.468, by: 0.0005))
    #expect(near(model.abandonedShare, 0.0309, by: 0.00005))
    #expect(near(model.meanWaitSeconds, 3.7, by: 0.05))
    #expect(near(model.occupancy, 0.930, by: 0.0005))
  }

  @Test func erlangAMatchesTheChainSolvedDirectly() throws {
    for (arrivals, handling, patience, agents) in [
      (0.8, 60.0, 120.0, 50), (0.8, 60.0, 20.0, 40), (2.0, 30.0, 900.0, 55), (0.01, 100.0, 50.0, 1),
      (1.5, 10.0, 3.0, 20),
    ] {
      let chain = BirthDeathChain(arrivals: arrivals, handling: handling, patience: patience, agents: agents)
      let model = try ErlangA(
        ServiceLoad(arrivalsPerSecond: arrivals, handlingSeconds: handling, patienceSeconds: patience), agents: agents)
      #expect(near(model.waitProbability, chain.waitProbability, by: 1e-9))
      #expect(near(model.abandonedShare, chain.abandonedShare, by: 1e-9))
      #expect(near(model.occupancy, chain.occupancy, by: 1e-9))
    }
  }

  @Test func theShareAnsweredInTimeMatchesTicketsFollowedThroughTheQueue() throws {
    for (agents, seconds) in [(50, 5.0), (50, 20.0), (44, 10.0)] {
      let chain = BirthDeathChain(arrivals: 0.8, handling: 60, patience: 120, agents: agents)
      let model = try ErlangA(load(patience: 120), agents: agents)
      #expect(near(model.answeredShare(within: seconds), chain.answeredShare(within: seconds), by: 0.001))
    }
  }

  @Test func theWaitsOfErlangAAreConsistent() throws {
    let model = try ErlangA(load(patience: 120), agents: 46)
    #expect(near(model.answeredShare(within: 0), 1 - model.waitProbability, by: 1e-9))
    #expect(near(model.answeredShare(within: 1e5), 1 - model.abandonedShare, by: 1e-9))
    // The mean wait is the integral of the probability to wait longer, that of the answered of the share answered later.
    let step = 0.05
    var (wait, answered) = (0.0, 0.0)
    for time in stride(from: step / 2, to: 600, by: step) {
      wait += model.waitProbability(beyond: time) * step
      answered += (1 - model.abandonedShare - model.answeredShare(within: time)) * step
    }
    #expect(near(wait, model.meanWaitSeconds, by: 0.001))
    #expect(near(answered / (1 - model.abandonedShare), model.meanWaitOfAnsweredSeconds, by: 0.001))
    #expect(near(model.waitProbability(beyond: model.waitQuantile(0.9)), 0.1, by: 0.0001))
    #expect(try ErlangA(load(patience: 120), agents: 80).waitQuantile(0.9) == 0)
  }

  @Test func longPatienceIsErlangC() throws {
    let patient = try ErlangA(load(patience: 1e9), agents: 52)
    let never = try ErlangC(load(), agents: 52)
    #expect(near(patient.waitProbability, never.waitProbability, by: 0.001))
    #expect(near(patient.answeredShare(within: 20), never.answeredShare(within: 20), by: 0.001))
    #expect(patient.abandonedShare < 0.0001)
  }

  @Test func anOverloadComesToTheFluidLimit() throws {
    let load = try ServiceLoad(arrivalsPerSecond: 4, handlingSeconds: 60, patienceSeconds: 120)
    let model = try ErlangA(load, agents: 200)
    #expect(near(model.abandonedShare, 0.1667, by: 0.00005))
    #expect(near(FluidLimit.abandonedShare(use: 1.2), model.abandonedShare, by: 0.0005))
    #expect(near(FluidLimit.waitSeconds(use: 1.2, patienceSeconds: 120), model.meanWaitOfAnsweredSeconds, by: 1))
    #expect(FluidLimit.abandonedShare(use: 0.9) == 0 && FluidLimit.waitSeconds(use: 1, patienceSeconds: 9) == 0)
  }

  @Test func halfinAndWhittsLimitMatchesItsOracle() throws {
    for (beta, limit, exact) in [(0.5, 0.5045, 0.510), (1, 0.2234, 0.230), (1.5, 0.0847, 0.090)] {
      #expect(near(SquareRootStaffing.waitProbability(beta: beta), limit, by: 0.00005))
      let load = try ServiceLoad(arrivalsPerSecond: 400, handlingSeconds: 1)
      let model = try ErlangC(load, agents: SquareRootStaffing.agents(erlangs: 400, beta: beta))
      #expect(near(model.waitProbability, exact, by: 0.0005))
    }
    #expect(SquareRootStaffing.waitProbability(beta: -1) == 1 && SquareRootStaffing.waitProbability(beta: 60) == 0)
  }

  @Test func garnettsLimitMatchesErlangAOfManyAgents() throws {
    for (beta, patience) in [(0.5, 2.0), (-0.5, 2.0), (1, 0.5), (-1, 10), (0, 1)] {
      let load = try ServiceLoad(arrivalsPerSecond: 10_000, handlingSeconds: 1, patienceSeconds: patience)
      let exact = try ErlangA(load, agents: SquareRootStaffing.agents(erlangs: 10_000, beta: beta))
      let limit = SquareRootStaffing.waitProbability(beta: beta, patience: patience)
      #expect(near(exact.waitProbability, limit, by: 0.01), "β \(beta), patience \(patience)")
    }
  }

  @Test func theFlatReserveIsNotEnoughForSmallTeamsAndTooMuchForLarge() throws {
    let target = try ServiceTarget(share: 0.95, withinSeconds: 0)
    for (erlangs, agents) in [(25.0, 35), (100, 119), (400, 436)] {
      let load = try ServiceLoad(arrivalsPerSecond: erlangs, handlingSeconds: 1)
      #expect(try ErlangC.agents(for: load, target: target) == agents)
      let root = SquareRootStaffing.agents(for: load, target: target)
      #expect(abs(root - agents) <= 1, "\(root)")
    }
  }

  @Test func theSquareRootRuleIsWithinAFewAgentsOfErlangA() throws {
    for (erlangs, tolerance) in [(25.0, 1), (100, 2), (1_000, 3)] {
      for (patience, seconds) in [(60.0, 0.0), (300, 60), (3_600, 60)] {
        let load = try ServiceLoad(
          arrivalsPerSecond: erlangs / 360, handlingSeconds: 360, patienceSeconds: patience)
        let target = try ServiceTarget(share: 0.95, withinSeconds: seconds)
        let (root, exact) = (
          SquareRootStaffing.agents(for: load, target: target), try ErlangA.agents(for: load, target: target)
        )
        #expect(abs(root - exact) <= tolerance, "\(erlangs) \(patience): \(root), exact \(exact)")
      }
    }
  }

  @Test func theNumberOfAgentsIsTheLeastThatMeetsTheTarget() throws {
    for share in [0.5, 0.8, 0.95, 0.999] {
      for seconds in [0.0, 20, 300] {
        for erlangs in [0.01, 0.7, 3, 40, 700] {
          let target = try ServiceTarget(share: share, withinSeconds: seconds)
          let load = try ServiceLoad(arrivalsPerSecond: erlangs / 180, handlingSeconds: 180, patienceSeconds: 240)
          let agents = try ErlangA.agents(for: load, target: target)
          #expect(try ErlangA(load, agents: agents).answeredShare(within: seconds) >= share)
          #expect(try ErlangA(load, agents: agents - 1).answeredShare(within: seconds) < share)
          let patient = try ErlangC.agents(for: load, target: target)
          #expect(try ErlangC(load, agents: patient).answeredShare(within: seconds) >= share)
          #expect(try ErlangC(load, agents: patient - 1).answeredShare(within: seconds) < share)
        }
      }
    }
    let none = try ServiceLoad(arrivalsPerSecond: 0, handlingSeconds: 60)
    #expect(try ErlangC.agents(for: none, target: ServiceTarget(share: 0.9, withinSeconds: 0)) == 0)
  }

  @Test func noLoadAndNoPatienceOverflowsTheFormulas() throws {
    for erlangs in [1e-6, 0.5, 1, 30, 1_000, 20_000, 50_000] {
      for patience in [0.001, 1, 60, 1e5, 1e12, .infinity] {
        let load = try ServiceLoad(arrivalsPerSecond: erlangs / 60, handlingSeconds: 60, patienceSeconds: patience)
        for agents in [0, 1, Int(erlangs * 0.8), Int(erlangs), Int(erlangs) + 1, Int(erlangs * 1.3) + 5] {
          let model = try ErlangA(load, agents: agents)
          let figures = [
            model.waitProbability, model.abandonedShare, model.occupancy, model.answeredShare(within: 30),
            model.waitProbability(beyond: 30),
          ]
          #expect(figures.allSatisfy { (0...1.000001).contains($0) }, "\(erlangs) \(patience) \(agents): \(figures)")
          #expect(model.meanWaitSeconds >= 0 && model.meanWaitOfAnsweredSeconds >= 0)
          // What arrives is answered or abandoned; for all but the smallest figures to many digits.
          let answered = model.answeredShare(within: 0) + model.waitProbability
          #expect(near(answered, 1, by: 1e-5), "\(erlangs) \(patience) \(agents)")
        }
      }
    }
  }

  @Test func impossibleInputIsRefusedByName() throws {
    let wrong: [(Double, Double, Double, StaffingError.Quantity)] = [
      (-1, 60, 60, .arrivals), (.nan, 60, 60, .arrivals), (.infinity, 60, 60, .arrivals), (1, 0, 60, .handling),
      (1, .nan, 60, .handling), (1, -60, 60, .handling), (1, 60, 0, .patience), (1, 60, .nan, .patience),
      (1_000, 60, 60, .load),
    ]
    for (arrivals, handling, patience, quantity) in wrong {
      let error = #expect(throws: StaffingError.self) {
        try ServiceLoad(arrivalsPerSecond: arrivals, handlingSeconds: handling, patienceSeconds: patience)
      }
      #expect(error?.quantity == quantity)
    }
    #expect(throws: StaffingError.self) { try ErlangA(load(), agents: -1) }
    #expect(throws: StaffingError.self) { try ErlangC(load(), agents: 1 << 40) }
    #expect(throws: StaffingError.self) { try ErlangB.lostShare(erlangs: .nan, agents: 1) }
    for (share, seconds) in [(0.0, 1.0), (1, 1), (.nan, 1), (0.9, -1), (0.9, .infinity), (0.9, .nan)] {
      #expect(throws: StaffingError.self) { try ServiceTarget(share: share, withinSeconds: seconds) }
    }
    let error = #expect(throws: StaffingError.self) { try ServiceLoad(arrivalsPerSecond: 1, handlingSeconds: 0) }
    #expect(error.map { "\($0)" } == "the handling time (seconds) is 0.0; it must be from 0.001 to 10000000.0")
    #expect(SquareRootStaffing.agents(erlangs: 1e300, beta: .nan) == 1)
    #expect(SquareRootStaffing.agents(erlangs: .infinity, beta: 1) == StaffingBounds.agents)
  }
}
