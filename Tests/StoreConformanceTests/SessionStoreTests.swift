import DeskCore
import Store
import Testing

/// Sign-in links and sessions.
@Suite struct SessionStoreTests {
  private static let hour: Duration = .seconds(3600)

  private static func digest(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }

  private func invite(
    _ desk: TestDesk, _ link: UInt8, role: Role = .agent, agent: AgentID? = "ann", lifetime: Duration = .seconds(600)
  ) async throws {
    try await desk.store.access.addSignInLink(
      digest: Self.digest(link), role: role, agent: agent, label: "label of \(link)", lifetime: lifetime)
  }

  private func opening(_ desk: TestDesk, with link: UInt8, as secret: UInt8) async throws -> SessionOpening {
    SessionOpening(link: Self.digest(link), id: try await desk.fresh(), digest: Self.digest(secret))
  }

  private func open(
    _ desk: TestDesk, _ openings: [SessionOpening], idle: Duration = Self.hour
  ) async throws -> [SessionOpening: Session] {
    try await desk.store.access.open(openings, lifetime: .seconds(8 * 3600), idle: idle)
  }

  @Test func aLinkOpensOneSessionWithItsRole() async throws {
    try await TestDesk.with { desk in
      try await invite(desk, 1)
      let first = try await opening(desk, with: 1, as: 10)
      let second = try await opening(desk, with: 1, as: 11)
      let session = try #require(try await open(desk, [first])[first])
      #expect(session.id == first.id && session.role == .agent && session.agent == "ann")
      #expect(session.label == "label of 1" && session.expiresAt > session.createdAt)
      #expect(try await open(desk, [second]).isEmpty)
      // The answer to the first call may have been lost.
      #expect(try await open(desk, [first])[first]?.id == first.id)
      #expect(try await desk.number("SELECT count(*) FROM desk.session") == 1)
      let found = try await desk.store.access.sessions(digests: [first.digest, second.digest])
      #expect(Array(found.keys) == [first.digest])
      #expect(try await desk.store.access.validKeys(among: [first.id, second.id]) == [first.id])
    }
  }

  @Test func attemptsOfOneCallAreAnsweredApart() async throws {
    try await TestDesk.with { desk in
      try await invite(desk, 1)
      try await invite(desk, 2, role: .operator, agent: nil)
      try await invite(desk, 3, lifetime: .zero)
      var openings: [SessionOpening] = []
      for (link, secret) in [(9, 10), (1, 11), (3, 12), (2, 13), (1, 14)] as [(UInt8, UInt8)] {
        openings.append(try await opening(desk, with: link, as: secret))
      }
      let opened = try await open(desk, openings)
      #expect(opened.values.map(\.role).sorted { $0.rawValue < $1.rawValue } == [.agent, .operator])
      #expect(opened[openings[3]]?.agent == nil && opened[openings[3]]?.role == .operator)
      #expect(opened[openings[0]] == nil && opened[openings[2]] == nil, "unknown, expired")
      #expect((opened[openings[1]] == nil) != (opened[openings[4]] == nil), "one link, one session")
      let noted = try await desk.number("SELECT count(*) FROM desk.audit WHERE kind = 'session.opened'")
      #expect(noted == 2)
    }
  }

  @Test(arguments: [
    "expires_at = clock_timestamp()", "seen_at = clock_timestamp() - interval '2 hours'",
    "ended_at = clock_timestamp()",
  ])
  func aSessionEnds(_ change: String) async throws {
    try await TestDesk.with { desk in
      try await invite(desk, 1)
      let opening = try await opening(desk, with: 1, as: 10)
      #expect(try await open(desk, [opening]).count == 1)
      let access = desk.store.access
      #expect(try await access.openSessions(of: "ann").map(\.id) == [opening.id])
      #expect(try await access.openSessions(of: "bob").isEmpty)
      try await desk.run("UPDATE desk.session SET \(change)")
      #expect(try await access.sessions(digests: [opening.digest]).isEmpty)
      #expect(try await access.validKeys(among: [opening.id]).isEmpty)
      #expect(try await access.openSessions().isEmpty)
      // A look at a session that has ended is no use of it.
      #expect(try await access.sessions(digests: [opening.digest]).isEmpty)
    }
  }

  @Test func useKeepsASessionAlive() async throws {
    try await TestDesk.with { desk in
      try await invite(desk, 1)
      let opening = try await opening(desk, with: 1, as: 10)
      #expect(try await open(desk, [opening]).count == 1)
      let old = "SELECT count(*) FROM desk.session WHERE seen_at < clock_timestamp() - interval '30 minutes'"
      for use in 0..<2 {
        try await desk.run("UPDATE desk.session SET seen_at = clock_timestamp() - interval '50 minutes'")
        #expect(try await desk.number(old) == 1)
        if use == 0 {
          #expect(try await desk.store.access.sessions(digests: [opening.digest]).count == 1)
        } else {
          #expect(try await desk.store.access.validKeys(among: [opening.id]) == [opening.id])
        }
        #expect(try await desk.number(old) == 0)
      }
    }
  }

  @Test func sessionsAreEndedOnceByWhoMay() async throws {
    try await TestDesk.with { desk in
      try await invite(desk, 1)
      let opening = try await opening(desk, with: 1, as: 10)
      #expect(try await open(desk, [opening]).count == 1)
      let access = desk.store.access
      #expect(try await access.endSession(opening.id, of: "bob") == false)
      #expect(try await access.endSession(opening.id, of: "ann"))
      #expect(try await access.endSession(opening.id) == false)
      #expect(try await desk.number("SELECT count(*) FROM desk.audit WHERE kind = 'session.ended'") == 1)
    }
  }

  @Test func sessionsOfOtherAgentsEnd() async throws {
    try await TestDesk.with { desk in
      try await invite(desk, 1)
      try await invite(desk, 2, role: .lead, agent: "bob")
      try await invite(desk, 3, role: .operator, agent: nil)
      var openings: [SessionOpening] = []
      for link in [1, 2, 3] as [UInt8] { openings.append(try await opening(desk, with: link, as: link + 10)) }
      #expect(try await open(desk, openings).count == 3)
      let access = desk.store.access
      #expect(try await access.endSessions(ofOthersThan: ["ann", "cyn"]) == 1)
      #expect(try await access.endSessions(ofOthersThan: ["ann", "cyn"]) == 0)
      #expect(Set(try await access.openSessions().map(\.role)) == [.agent, .operator])
      #expect(try await access.endSessions(ofOthersThan: []) == 1)
      #expect(try await access.openSessions().map(\.role) == [.operator])
    }
  }

  @Test func oldSessionsAndLinksAreDeleted() async throws {
    try await TestDesk.with { desk in
      try await invite(desk, 1)
      try await invite(desk, 2)
      try await invite(desk, 3)
      let old = try await opening(desk, with: 1, as: 10)
      #expect(try await open(desk, [old]).count == 1)
      try await desk.run(
        """
        UPDATE desk.session SET created_at = now() - interval '41 days';
        UPDATE desk.sign_in_link SET expires_at = now() - interval '41 days' WHERE digest <> decode(repeat('03', 32), 'hex');
        """)
      let new = try await opening(desk, with: 3, as: 11)
      #expect(try await open(desk, [new]).count == 1)
      #expect(try await desk.store.access.openSessions().map(\.id) == [new.id])
      #expect(try await desk.number("SELECT count(*) FROM desk.session") == 1)
      #expect(try await desk.number("SELECT count(*) FROM desk.sign_in_link") == 1)
    }
  }
}
