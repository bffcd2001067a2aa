import Testing

@testable import DeskCore
@testable import Store

/// What a restored database tells about itself, and what settles it.
@Suite struct RestoreStoreTests {
  @Test func aServerThatWasNeverRestoredShowsTheNewestTrace() async throws {
    try await TestDesk.with { desk in
      let before = try await desk.store.now()
      try await desk.store.audit.note("test", of: "x", detail: .object([]))
      let audited = try #require(try await desk.store.restores.server().newestTrace)
      #expect(audited >= before)
      let instance = try await desk.fresh(ServiceInstance.self)
      try await desk.store.fleet.register(.test(instance, service: "router"))
      let server = try await desk.store.restores.server()
      #expect(try #require(server.newestTrace) > audited, "a heartbeat is a trace too")
      #expect(!server.isInRecovery && server.target == nil && server.timeline == 1 && server.settled == nil)
    }
  }

  @Test func effectsThatMayBeRepeatedAreCountedByKindAndReceiver() async throws {
    try await TestDesk.with { desk in
      #expect(try await desk.store.restores.repeatableEffects().isEmpty)
      let tickets = try await desk.queued(["ann", "bob"])
      _ = try await desk.accept(from: ["cyn", "dan"])
      try await desk.run(
        "UPDATE desk.inbox SET claimed_until = now() WHERE message_id = (SELECT min(message_id::text)::uuid FROM desk.inbox)"
      )
      var notices: [Notice] = []
      for (hook, ticket) in [("crm", tickets[0]), ("crm", tickets[1]), ("erp", tickets[0])] {
        notices.append(
          Notice(
            id: try await desk.fresh(), hook: HookID(hook), kind: .customerWrote, ticket: ticket.id, body: .object([])))
      }
      try await desk.store.outbox.enqueueNotices(notices)
      let holder = try await desk.fresh(ServiceInstance.self)
      _ = try await desk.store.outbox.claimNotices(for: "erp", by: holder, limit: 1, claimTime: .seconds(60))
      try await desk.run(
        """
        INSERT INTO desk.reply (id, channel, customer, hook, state, state_at, written_at)
        VALUES (gen_random_uuid(), 'web', 'ann', NULL, 'queued', now(), now()),
               (gen_random_uuid(), 'web', 'ann', NULL, 'sent', now(), now()),
               (gen_random_uuid(), 'app', 'bob', 'crm', 'queued', now(), now());
        UPDATE desk.ticket SET next_check_at = CASE customer WHEN 'ann' THEN now() - interval '1 second' ELSE now() + interval '1 hour' END
        """)
      let effects = try await desk.store.restores.repeatableEffects()
      #expect(
        effects.map { "\($0.kind.rawValue) \($0.receiver) \($0.count) \($0.claimed)" } == [
          "delivery crm \(NoticeKind.customerWrote.rawValue) 2 0",
          "delivery erp \(NoticeKind.customerWrote.rawValue) 1 1",
          "overdue deadline 1 0", "reply web 1 0", "undecided inbox 2 1",
        ], "a reply with a hook is a delivery")
      #expect(effects.allSatisfy { $0.oldest != nil })
    }
  }

  @Test func afterSettlingNoOldCursorSkipsANewReply() async throws {
    try await TestDesk.with { desk in
      func write(_ channel: String) async throws {
        let id: MessageID = try await desk.fresh()
        try await desk.run(
          """
          INSERT INTO desk.message (id, ticket_id, direction, channel, author, body, received_at)
          VALUES ('\(id)', '\(id)', 2, '\(channel)', 'ada', 'hello', now());
          INSERT INTO desk.reply (id, channel, customer, state_at, written_at) VALUES ('\(id)', '\(channel)', 'ann', now(), now())
          """)
      }
      try await desk.run(
        """
        INSERT INTO desk.api_key (id, digest, role, channel, label) VALUES (gen_random_uuid(), sha256('a'), 'channel', 'app', 'a');
        INSERT INTO desk.channel_curve_key (public_key, channel, label) VALUES (sha256('b'), 'mail', 'b')
        """)
      try await write("web")
      #expect(try await desk.store.replies.replies(of: "web", after: 0, limit: 9).map(\.sequence) == [1])
      // Numbers up to 7 were given after the moment.
      let cursor: Int64 = 7
      let moment = Instant(seconds: 1_800_000_000)
      let settled = try await desk.store.restores.settle(restoredTo: moment)
      #expect(settled.channels == ["app", "mail", "web"])
      for channel: ChannelID in ["web", "app", "mail"] {
        #expect(try await desk.store.replies.newestSequence(of: channel) >= cursor, "the cursor is accepted")
        try await write(channel.rawValue)
        #expect(try await desk.store.replies.replies(of: channel, after: cursor, limit: 9).count == 1)
      }
      #expect(try await desk.store.replies.replies(of: "web", after: 0, limit: 9).count == 2)
    }
  }

  @Test func settlingEndsSessionsAndLinksAndIsRecordedOnce() async throws {
    try await TestDesk.with { desk in
      let hour: Duration = .seconds(3600)
      func digest(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }
      for link: UInt8 in [1, 2] {
        try await desk.store.access.addSignInLink(
          digest: digest(link), role: .operator, agent: nil, label: "l", lifetime: hour)
      }
      let first = SessionOpening(link: digest(1), id: try await desk.fresh(), digest: digest(10))
      let second = SessionOpening(link: digest(2), id: try await desk.fresh(), digest: digest(11))
      #expect(try await desk.store.access.open([first], lifetime: hour, idle: hour).count == 1)
      try await desk.run(
        "INSERT INTO desk.api_key (id, digest, role, label) VALUES (gen_random_uuid(), sha256('a'), 'operator', 'a')")
      #expect(
        try await desk.store.restores.access() == RestoredAccess(keys: 1, curveKeys: 0, sessions: 1, links: 1))

      let head = try await desk.store.audit.auditHead().number
      let moment = Instant(microseconds: 1_800_000_000_123_456)
      let done = try await desk.store.restores.settle(restoredTo: moment)
      #expect(done.sessions == 1 && done.links == 1)
      #expect(try await desk.store.access.sessions(digests: [first.digest]).isEmpty)
      #expect(try await desk.store.access.open([second], lifetime: hour, idle: hour).isEmpty)
      #expect(
        try await desk.store.restores.access() == RestoredAccess(keys: 1, curveKeys: 0, sessions: 0, links: 0))

      let settled = try #require(try await desk.store.restores.server().settled)
      #expect(settled.moment == moment && settled.entry == head + 1, "nothing of this history comes before it")
      _ = try await desk.store.restores.settle(restoredTo: moment)
      #expect(try await desk.store.restores.server().settled == settled, "the first one counts")
    }
  }
}
