import FaultSimulation
import Simulator
import Testing

@Suite("Simulated runs")
struct SimulatedRunTests {
  @Test("A run keeps its seed")
  func seed() {
    #expect(SimulatedRun(seed: SimulationSeed(7)).seed == SimulationSeed(7))
  }
}
