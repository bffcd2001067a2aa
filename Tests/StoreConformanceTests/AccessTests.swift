import DeskCore
import PostgreSQL
import Store
import Testing

/// Keys and policy.
@Suite struct AccessTests {
  @Test func aKeyIsValidUntilItExpiresOrIsRevoked() async throws {
    try await TestDesk.with { desk in
      let digests = (0..<3).map { Array(repeating: UInt8($0), count: 32) }
      let ids = try await [desk.fresh(APIKey.self), desk.fresh(APIKey.self)]
      try await desk.store.access.addKey(
        id: ids[0], digest: digests[0], role: .channel, channel: "web", agent: nil, label: "shop", lifetime: nil)
      try await desk.store.access.addKey(
        id: ids[1], digest: digests[1], role: .lead, channel: nil, agent: "ada", label: "ada", lifetime: .seconds(3600))
      let shop = try #require(try await desk.store.access.key(digest: digests[0]))
      #expect(shop.id == ids[0] && shop.role == .channel && shop.channel == "web" && shop.expiresAt == nil)
      #expect(try await desk.store.access.key(digest: digests[1])?.agent == "ada")
      #expect(try await desk.store.access.key(digest: digests[2]) == nil)
      try await desk.run("UPDATE desk.api_key SET expires_at = clock_timestamp() WHERE label = 'ada'")
      #expect(try await desk.store.access.key(digest: digests[1]) == nil)
      let revoked = try await desk.store.access.revokeKey(ids[0])
      let again = try await desk.store.access.revokeKey(ids[0])
      #expect(revoked && !again)
      #expect(try await desk.store.access.key(digest: digests[0]) == nil)
      #expect(try await desk.store.access.keys().map(\.label) == ["ada", "shop"])
    }
  }

  @Test func aKeyHasTheSubjectItsRoleNeeds() async throws {
    try await TestDesk.with { desk in
      let id = try await desk.fresh(APIKey.self)
      await #expect(throws: PostgresError.self) {
        try await desk.store.access.addKey(
          id: id, digest: Array(repeating: 1, count: 32), role: .operator, channel: "web", agent: nil, label: "x",
          lifetime: nil)
      }
    }
  }

  @Test func aCurveKeyIdentifiesItsChannel() async throws {
    try await TestDesk.with { desk in
      let key = Array(repeating: UInt8(9), count: 32)
      try await desk.store.access.addCurveKey(key, channel: "partner", label: "p")
      #expect(try await desk.store.access.channel(curveKey: key) == "partner")
      let revoked = try await desk.store.access.revokeCurveKey(key)
      let again = try await desk.store.access.revokeCurveKey(key)
      #expect(revoked && !again)
      #expect(try await desk.store.access.channel(curveKey: key) == nil)
      #expect(try await desk.store.access.curveKeys().map(\.publicKey) == [key])
      try await desk.store.access.addCurveKey(key, channel: "other", label: "p")
      #expect(try await desk.store.access.channel(curveKey: key) == "other")
    }
  }

  @Test func policiesAreNumberedAndTheNewestApplies() async throws {
    try await TestDesk.with { desk in
      #expect(try await desk.store.access.newestPolicyVersion() == 0)
      #expect(try await desk.store.access.newestPolicy() == nil)
      #expect(try await desk.store.access.applyPolicy(document: "one", by: "op") == 1)
      #expect(try await desk.store.access.applyPolicy(document: "one", by: "op") == 1)
      #expect(try await desk.store.access.applyPolicy(document: "two", by: "op") == 2)
      #expect(try await desk.store.access.applyPolicy(document: "one", by: "eve") == 3)
      let newest = try #require(try await desk.store.access.newestPolicy())
      #expect(newest.document == "one" && newest.appliedBy == "eve" && newest.version == 3)
    }
  }

  @Test func concurrentlyAppliedPoliciesGetDistinctNumbers() async throws {
    try await TestDesk.with { desk in
      let versions = try await withThrowingTaskGroup(of: Int32.self) { group in
        for author in 0..<4 {
          group.addTask { try await desk.store.access.applyPolicy(document: "by \(author)", by: "\(author)") }
        }
        var all: [Int32] = []
        for try await version in group { all.append(version) }
        return all
      }
      #expect(versions.sorted() == [1, 2, 3, 4])
    }
  }
}
