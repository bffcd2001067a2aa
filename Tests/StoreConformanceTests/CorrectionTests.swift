import Store
import Testing

@testable import DeskCore

/// Corrections include their message text as long as it is kept.
@Suite struct CorrectionTests {
  @Test func correctionsArePagedInOrderWithTheirText() async throws {
    try await TestDesk.with { desk in
      var accepted: [Acceptance] = []
      for name in ["a", "b", "c"] {
        accepted.append(try #require(try await desk.store.inbox.accept([desk.message(name)], owner: nil)[0].acceptance))
      }
      for (place, message) in [0, 1, 2, 1].enumerated() {
        try await desk.run(
          """
          INSERT INTO desk.correction (ticket, message, category, by_agent, corrected_at, model_version)
          VALUES ('\(accepted[message].ticket)', '\(accepted[message].message)', 'category \(place)', 'eve',
                  now() + \(place) * interval '1 second', 'linear-1')
          """)
      }
      let all = try await desk.store.learning.corrections(after: nil, limit: 10)
      #expect(all.map(\.category) == ["category 0", "category 1", "category 2", "category 3"])
      #expect(all.map(\.body) == ["words of a", "words of b", "words of c", "words of b"])
      #expect(all.map(\.id) == [0, 1, 2, 1].map { accepted[$0].message })
      #expect(all.allSatisfy { $0.modelVersion == "linear-1" })
      let first = try await desk.store.learning.corrections(after: nil, limit: 3)
      #expect(try await desk.store.learning.corrections(after: first.last, limit: 3) == [all[3]])
      #expect(try await desk.store.learning.corrections(after: all.last, limit: 3).isEmpty)
      _ = try await desk.store.privacy.erase(customer: "ann", of: "web", reason: "asked for it", receipt: "r")
      #expect(try await desk.store.learning.corrections(after: nil, limit: 10).isEmpty)
    }
  }

  @Test func recentCustomerMessagesComeNewestFirst() async throws {
    try await TestDesk.with { desk in
      for name in ["a", "b", "c"] { _ = try await desk.store.inbox.accept([desk.message(name)], owner: nil) }
      #expect(try await desk.store.learning.recentMessages(limit: 2).map(\.body) == ["words of c", "words of b"])
    }
  }
}
