import Testing

@testable import DeskCore

@Suite struct IdentifierSequenceTests {
  private func identifiers(_ count: Int, at instant: (Int) -> Instant, seed: UInt64 = 1) -> [MessageID] {
    var sequence = IdentifierSequence()
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { sequence.next(at: instant($0), using: &random) }
  }

  @Test func identifiersOfOneMomentKeepTheirOrder() {
    let made = identifiers(10_000) { _ in .morning }
    #expect(made == made.sorted())
    #expect(Set(made).count == made.count)
    #expect(made.map(\.description) == made.map(\.description).sorted())
  }

  @Test func theOrderSurvivesAClockThatIsSetBack() {
    let made = identifiers(1_000) { .morning - .seconds($0) }
    #expect(made == made.sorted() && Set(made).count == made.count)
    #expect(made.last?.instant == .morning)
  }

  @Test func theTimeIsThatOfTheClockUnlessTheOrderNeedsALaterOne() {
    let made = identifiers(2_000) { .morning + .microseconds($0 * 500) }
    for (number, id) in made.enumerated() { #expect(id.instant == .morning + .milliseconds(number / 2)) }
    // 4096 identifiers fit into a millisecond.
    #expect(identifiers(4_096) { _ in .morning }.last?.instant == .morning)
    #expect(identifiers(4_097) { _ in .morning }.last?.instant == .morning + .milliseconds(1))
  }

  @Test func identifiersOfTwoProcessesAreOrderedByMicroseconds() {
    let early = identifiers(1, at: { _ in .morning + .microseconds(300) }, seed: 1)[0]
    let late = identifiers(1, at: { _ in .morning + .microseconds(301) }, seed: 2)[0]
    #expect(early < late && early.instant == late.instant)
  }

  @Test func versionAndVariantFollowRFC9562() {
    for id in identifiers(5_000, at: { _ in Instant(microseconds: 0x017F_22E2_79B0 * 1_000) }) {
      #expect(id.high >> 12 & 0xF == 7 && id.low >> 62 == 0b10)
      #expect(id.description.hasPrefix("017f22e2-79b"))
    }
    #expect(identifiers(1) { _ in Instant(microseconds: -5) }[0].instant == Instant(microseconds: 0))
  }

  @Test func aSeedRepeatsItsIdentifiers() {
    let instants: (Int) -> Instant = { .morning + .microseconds($0 * 7) }
    #expect(identifiers(100, at: instants, seed: 9) == identifiers(100, at: instants, seed: 9))
    #expect(identifiers(100, at: instants, seed: 9) != identifiers(100, at: instants, seed: 8))
  }

  @Test func aSequenceContinuesAnother() {
    var first = IdentifierSequence()
    var random = SeededGenerator(seed: 2)
    let before: TicketID = first.next(at: .morning, using: &random)
    var second = IdentifierSequence(after: first.last)
    let after: TicketID = second.next(at: .morning - .seconds(5), using: &random)
    #expect(before < after)
  }
}
