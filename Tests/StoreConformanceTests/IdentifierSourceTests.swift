import DeskCore
import Store
import Testing

@Suite struct IdentifierSourceTests {
  @Test func concurrentCallersGetDistinctIdentifiersInTheirOrder() async {
    let source = IdentifierSource()
    let now = Instant(seconds: 1_800_000_000)
    let perCaller = await withTaskGroup(of: [MessageID].self) { group in
      for caller in 0..<8 {
        group.addTask {
          // All have the same random bits: only the source keeps them apart. Every other caller's clock is late.
          (0..<2_000).map { _ in source.next(at: now - .seconds(caller % 2 * 60), tail: 7) }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    for ids in perCaller { #expect(ids == ids.sorted()) }
    #expect(Set(perCaller.joined()).count == 16_000)
  }

  @Test func thePlaceDependsOnTheSourceAndTheTailOnTheGenerator() {
    let now = Instant(seconds: 1_800_000_000)
    func ids(seed: UInt64) -> [TicketID] {
      let source = IdentifierSource()
      var random = SeededGenerator(seed: seed)
      return (0..<50).map { _ in source.next(at: now, using: &random) }
    }
    #expect(ids(seed: 1) == ids(seed: 1))
    #expect(ids(seed: 1).map(\.high) == ids(seed: 2).map(\.high))
    #expect(ids(seed: 1).map(\.low) != ids(seed: 2).map(\.low))
  }
}
