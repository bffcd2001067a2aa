import Store
import Testing

@testable import DeskCore

/// The outbox and the dead letters.
@Suite struct DeliveryTests {
  /// A ticket and as many deliveries to `hook`.
  private func owe(_ count: Int, to hook: HookID, _ desk: TestDesk) async throws -> (Ticket, [NoticeID]) {
    var ticket = try await desk.queued(["ann"])[0]
    var notices: [Notice] = []
    for number in 0..<count {
      notices.append(
        Notice(
          id: try await desk.fresh(), hook: hook, kind: .customerWrote, ticket: ticket.id,
          body: .object([.init("number", .integer(Int64(number)))])))
    }
    let step = try await desk.step(&ticket, .customerWrote(try await desk.fresh(), .test), notices: notices)
    #expect(try await desk.store.commit([step]) == [ticket.id])
    return (ticket, notices.map(\.id))
  }

  @Test func claimedDeliveriesAreOthersOnlyWhenTheirTimeIsOver() async throws {
    try await TestDesk.with { desk in
      let (ticket, ids) = try await owe(3, to: "crm", desk)
      let one = try await desk.fresh(ServiceInstance.self)
      #expect(try await desk.store.claimNotices(for: "other", by: one, limit: 9, claimTime: .seconds(60)).count == 0)
      let first = try await desk.store.claimNotices(for: "crm", by: one, limit: 2, claimTime: .seconds(60))
      let second = try await desk.store.claimNotices(for: "crm", by: one, limit: 9, claimTime: .seconds(60))
      #expect(first.count == 2 && Set((first + second).map(\.id)) == Set(ids))
      #expect(first[0].ticket == ticket.id && first[0].attempts == 0 && first[0].hook == "crm")
      #expect(try await desk.store.claimNotices(for: "crm", by: one, limit: 9, claimTime: .seconds(60)).count == 0)
      try await desk.run("UPDATE desk.outbox SET next_attempt_at = clock_timestamp() WHERE id = '\(ids[0])'")
      let again = try await desk.store.claimNotices(for: "crm", by: one, limit: 9, claimTime: .seconds(60))
      #expect(again.map(\.id) == [ids[0]])
      try await desk.store.delivered([ids[0], ids[1]])
      #expect(try await desk.store.outboxFigures().map(\.waiting) == [1])
    }
  }

  @Test func aFailedDeliveryIsPutOff() async throws {
    try await TestDesk.with { desk in
      let (_, ids) = try await owe(1, to: "crm", desk)
      let one = try await desk.fresh(ServiceInstance.self)
      try await desk.store.postpone(ids[0], by: .seconds(3600), error: "status 500")
      #expect(try await desk.store.claimNotices(for: "crm", by: one, limit: 9, claimTime: .seconds(60)).count == 0)
      try await desk.store.postpone(ids[0], by: .zero, error: "status 500")
      let claimed = try await desk.store.claimNotices(for: "crm", by: one, limit: 9, claimTime: .seconds(60))
      #expect(claimed.map(\.attempts) == [2])
    }
  }

  @Test func aBuriedDeliveryCanBeReplayedUnderItsId() async throws {
    try await TestDesk.with { desk in
      let (_, ids) = try await owe(1, to: "crm", desk)
      let one = try await desk.fresh(ServiceInstance.self)
      let before = try await desk.store.claimNotices(for: "crm", by: one, limit: 9, claimTime: .zero)
      try await desk.store.bury(ids[0], reason: "gave up")
      #expect(try await desk.number("SELECT count(*) FROM desk.outbox") == 0)
      let letter = try #require(try await desk.store.deadLetters(includingReplayed: false, limit: 9).first)
      #expect(letter.kind == "notice" && letter.hook == "crm" && letter.reason == "gave up" && letter.replayedAt == nil)
      #expect(try await desk.store.deadLetterCount() == 1)
      let fresh = try await desk.fresh(Ticket.self)
      let replayed = try await desk.store.replay(letter.id, freshTicket: fresh)
      let again = try await desk.store.replay(letter.id, freshTicket: fresh)
      #expect(replayed && !again)
      let after = try await desk.store.claimNotices(for: "crm", by: one, limit: 9, claimTime: .zero)
      #expect(after.map(\.id) == before.map(\.id) && after.map(\.body) == before.map(\.body))
      #expect(after.map(\.kind) == before.map(\.kind) && after.map(\.createdAt) == before.map(\.createdAt))
      #expect(try await desk.store.deadLetterCount() == 0)
      #expect(try await desk.store.deadLetters(includingReplayed: true, limit: 9).count == 1)
      // Buried a second time it waits again.
      try await desk.store.bury(ids[0], reason: "gave up again")
      #expect(try await desk.store.deadLetterCount() == 1)
    }
  }

  @Test func hooksCanBeSwitchedOffAndOn() async throws {
    try await TestDesk.with { desk in
      try await desk.store.setHook("crm", disabled: true, reason: "410")
      try await desk.store.setHook("erp", disabled: true, reason: nil)
      try await desk.store.setHook("erp", disabled: false, reason: nil)
      #expect(try await desk.store.disabledHooks() == ["crm"])
      let off = try #require(await desk.store.hooksSwitchedOff().first)
      #expect(off.hook == "crm" && off.reason == "410")
      let now = try await desk.store.now()
      #expect(off.since <= now)
      #expect(try await desk.store.hooksSwitchedOff().count == 1)
    }
  }

  @Test func aBuriedMessageComesBackOnItsLiveTicket() async throws {
    try await TestDesk.with { desk in
      let ticket = try await desk.queued(["ann"])[0]
      let message = try #require(try await desk.store.accept([desk.message("2")], owner: nil)[0].acceptance).message
      try await desk.store.bury(message, reason: "poison")
      #expect(try await desk.store.balance()?.lost == 0)
      #expect(try await desk.store.tickets([ticket.id])[ticket.id]?.version == 3)
      let replayed = try await desk.store.replay(message.of(DeadLetter.self), freshTicket: desk.fresh())
      #expect(replayed)
      let back = try await desk.store.claimUnlabelled(olderThan: .zero, limit: 9)
      #expect(back.map(\.id) == [message] && back[0].ticket == ticket.id && !back[0].opensTicket)
    }
  }

  @Test func aRejectedMessageComesBackOnANewTicket() async throws {
    try await TestDesk.with { desk in
      let accepted = try await desk.accept(from: ["ann"])[0]
      var ticket = try #require(try await desk.store.tickets([accepted.ticket])[accepted.ticket])
      try await desk.take(&ticket, .rejected(reason: "poison"), decides: [accepted.message])
      let fresh = try await desk.fresh(Ticket.self)
      let replayed = try await desk.store.replay(accepted.message.of(DeadLetter.self), freshTicket: fresh)
      #expect(replayed)
      let back = try await desk.store.claimUnlabelled(olderThan: .zero, limit: 9)
      #expect(back.map(\.ticket) == [fresh] && back[0].opensTicket && back[0].body == "words of first of ann")
      #expect(try await desk.store.message(accepted.message)?.ticket == fresh)
      var next = try #require(try await desk.store.tickets([fresh])[fresh])
      let routed = try await desk.take(&next, .routed(.test(accepted.message)), decides: [accepted.message])
      #expect(routed)
      let balance = try #require(try await desk.store.balance())
      #expect(balance.lost == 0 && balance.decidedTwice == 0)
    }
  }
}
