import DeskCore
import Store
import Testing

/// Counts of a shadow model's predictions.
@Suite struct ShadowTallyTests {
  private static func tally(
    _ says: String, _ otherSays: String, messages: Int64, challenger: String = "linear-2"
  ) -> ShadowTally {
    var tally = ShadowTally(
      .init(champion: "linear-1", challenger: challenger, championCategory: says, challengerCategory: otherSays))
    tally.messages = messages
    tally.championAutomatic = messages - 1
    tally.challengerAutomatic = messages
    tally.championConfidence = Double(messages) * 0.5
    tally.challengerConfidence = Double(messages) * 0.75
    tally.championUnfamiliar = Double(messages) * 0.25
    tally.challengerUnfamiliar = 0
    return tally
  }

  @Test func talliesOfSeveralWritersAddUp() async throws {
    try await TestDesk.with { desk in
      let store = desk.store
      try await withThrowingTaskGroup(of: Void.self) { group in
        for round in 0..<20 {
          group.addTask {
            let tallies = [
              Self.tally("refund", "refund", messages: 3), Self.tally("refund", "invoice", messages: 2),
            ]
            try await store.learning.add(round % 2 == 0 ? tallies : tallies.reversed())
          }
        }
        try await group.waitForAll()
      }
      try await store.learning.add([])
      try await store.learning.add([Self.tally("parcel", "parcel", messages: 1, challenger: "linear-3")])
      let found = try await store.learning.shadowTallies(champion: "linear-1", challenger: "linear-2")
      #expect(found.map(\.pair.challengerCategory) == ["refund", "invoice"])
      #expect(found.map(\.messages) == [60, 40])
      #expect(found.map(\.championAutomatic) == [40, 20])
      #expect(found.map(\.challengerAutomatic) == [60, 40])
      #expect(found.map(\.championConfidence) == [30, 20])
      #expect(found.map(\.challengerConfidence) == [45, 30])
      #expect(found.map(\.championUnfamiliar) == [15, 10])
      #expect(found.map(\.pair.agrees) == [true, false])
      let other = try await store.learning.shadowTallies(champion: "linear-1", challenger: "linear-3")
      #expect(other == [Self.tally("parcel", "parcel", messages: 1, challenger: "linear-3")])
    }
  }

  @Test func trialsAreListedNewestFirstAndExpireWhenIdle() async throws {
    try await TestDesk.with { desk in
      for challenger in ["linear-2", "linear-3", "linear-4"] {
        try await desk.store.learning.add([Self.tally("refund", "refund", messages: 1, challenger: challenger)])
      }
      // One of its pairs is still counted: the trial continues.
      try await desk.store.learning.add([Self.tally("refund", "parcel", messages: 1, challenger: "linear-2")])
      try await desk.run(
        """
        UPDATE desk.shadow_tally SET first_at = now() - interval '99 days', last_at = now() - interval '91 days'
         WHERE challenger = 'linear-3' OR (challenger = 'linear-2' AND challenger_category = 'refund')
        """)
      try await desk.run(
        "UPDATE desk.shadow_tally SET last_at = now() + interval '1 minute' WHERE challenger_category = 'parcel'")
      #expect(
        try await desk.store.learning.shadowTrials(limit: 10).map(\.challenger) == ["linear-2", "linear-4", "linear-3"])
      #expect(try await desk.store.learning.shadowTrials(limit: 1).map(\.challenger) == ["linear-2"])
      try await desk.store.learning.forgetShadowTrials(idleForDays: 90)
      #expect(try await desk.store.learning.shadowTrials(limit: 10).map(\.challenger) == ["linear-2", "linear-4"])
      #expect(try await desk.store.learning.shadowTallies(champion: "linear-1", challenger: "linear-2").count == 2)
    }
  }
}
