import DeskCore
import Simulator
import Testing

@Suite("Simulation seeds")
struct SimulationSeedTests {
  @Test("A stream of a seed always draws the same; another stream draws something else")
  func streams() {
    func draws(_ seed: UInt64, _ stream: UInt64) -> [UInt64] {
      var generator = SimulationSeed(seed).generator(stream: stream)
      return (0..<4).map { _ in generator.next() }
    }
    #expect(draws(1, 1) == draws(1, 1))
    #expect(draws(1, 1) != draws(1, 2))
    #expect(draws(1, 1) != draws(2, 1))
  }
}
