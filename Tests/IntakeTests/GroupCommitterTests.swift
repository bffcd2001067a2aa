import DeskCore
import HTTPTypes
import PostgreSQL
import Store
import SystemPrimitives
import TestKit
import TestService
import TestStore
import Testing
import Tracing

@testable import Intake
@testable import Observability

@Suite("GroupCommitter with PostgreSQL", .serialized)
struct GroupCommitterTests {
  /// Commits to a store, and can be made to lose an answer.
  private final class Target: CommitTarget {
    let store: DeskStore
    let commits = PthreadMutex<[Int]>([])
    let handedOver = PthreadMutex<[MessageID]>([])
    let answersToLose = PthreadMutex(0)

    init(_ store: DeskStore) { self.store = store }

    func accept(_ messages: [IncomingMessage], isCareful: Bool) async throws -> CommitReceipt {
      let outcomes = try await store.inbox.accept(messages, owner: nil, patience: isCareful ? .leavingOutHeld : .brief)
      // A message that waits for a lock on its ticket is in a later commit again.
      commits.withLock { $0.append(outcomes.count { $0 != .heldUp }) }
      let isLost = answersToLose.withLock { count in
        count -= 1
        return count >= 0
      }
      if isLost { throw PostgresError(.connectionLost, "lost on purpose", commitUnknown: true) }
      return CommitReceipt(outcomes: outcomes, owner: nil)
    }

    func handOver(_ messages: [AcceptedMessage], owner: InstanceID?) async {
      handedOver.withLock { $0 += messages.map(\.acceptance.message) }
    }
  }

  private struct Desk {
    let store: DeskStore
    let target: Target
    let committer: GroupCommitter
    let desk: MessageDesk
  }

  private func withDesk(
    limits: CommitMachine.Limits = CommitMachine.Limits(), _ body: (Desk) async throws -> Void
  ) async throws {
    // As many connections as a service has.
    try await TestDatabase.with(connections: PostgresPoolLimits().connectionsMaximum) { store in
      let target = Target(store)
      let metrics = IntakeMetrics(registry: MetricsRegistry())
      let committer = GroupCommitter(
        target: target, timer: laterOnDispatch, metrics: metrics, logger: .silent, limits: limits)
      let now = try await store.now()
      try await body(
        Desk(
          store: store, target: target, committer: committer,
          desk: MessageDesk(committer: committer, metrics: metrics, now: { now })))
      await committer.drain()
    }
  }

  private func message(_ id: String, customer: String = "c", text: String = "t") -> ReadMessage {
    let fields = MessageFields(id: id, customer: customer, text: text)
    return ReadMessage(id: id, result: Result { () throws(MessageFault) in try MessageRules.draft(fields) })
  }

  private func results(_ answer: MessageDesk.Answer) throws -> [MessageResult] {
    guard case .results(let results) = answer else { throw PostgresError(.misuse, "\(answer)") }
    return results
  }

  @Test("many senders share commits, and each gets its own answer")
  func sendersShareCommits() async throws {
    try await withDesk { desk in
      let messages = (0..<300).map { message("m\($0)", customer: "c\($0 % 50)") }
      let answers = await withTaskGroup(of: MessageDesk.Answer.self) { group in
        for message in messages {
          group.addTask { await desk.desk.accept([message], channel: "web", traceparent: nil) }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      let accepted = try answers.flatMap(results)
      #expect(accepted.count == 300)
      #expect(accepted.allSatisfy { $0.status == .accepted })
      #expect(Set(accepted.compactMap(\.id)).count == 300)
      #expect(Set(accepted.compactMap(\.ticket)).count == 50)
      let commits = desk.target.commits.withLock { $0 }
      #expect(commits.reduce(0, +) == 300)
      #expect(commits.count < 300)
      let balance = try #require(try await desk.store.audit.balance())
      #expect(balance.messages == 300)
      #expect(balance.lost == 0 && balance.doubled == 0)
    }
  }

  @Test("messages of one request, and of requests in one millisecond, are read in the order of acceptance")
  func keepsTheOrderOfAcceptance() async throws {
    try await withDesk { desk in
      var ticket: TicketID?
      for request in 0..<3 {
        let messages = (0..<10).map { message("m\(request)-\($0)", text: "\(request * 10 + $0)") }
        let accepted = try results(await desk.desk.accept(messages, channel: "web", traceparent: nil))
        #expect(accepted.allSatisfy { $0.status == .accepted })
        ticket = accepted.first?.ticket
      }
      let read = try await desk.store.conversations.messages(of: #require(ticket), limit: 100)
      #expect(read.map(\.body) == (0..<30).map { "\($0)" })
      let undecided = try await desk.store.inbox.claimUnlabelled(olderThan: .zero, limit: 100)
      #expect(undecided.map(\.body) == (0..<30).map { "\($0)" })
    }
  }

  @Test("personal data is masked before anything is stored or passed on, on channels that ask for it")
  func masksPersonalData() async throws {
    try await withDesk { desk in
      let metrics = IntakeMetrics(registry: MetricsRegistry())
      let now = try await desk.store.now()
      let masking = MessageDesk(
        committer: desk.committer, metrics: metrics, masksPersonalData: { $0 == "phone" }, now: { now })
      let fields = MessageFields(
        id: "m", customer: "c", text: "call 13912345678 or write to ann@example.com, order 10023",
        subject: "card 4111 1111 1111 1111", attributes: [.init(name: "from", value: "ann@example.com")],
        attachments: [.init(url: "https://example.com/a", mediaType: nil, name: "13912345678.png")])
      let message = ReadMessage(id: "m", result: Result { () throws(MessageFault) in try MessageRules.draft(fields) })
      for (channel, masked) in [("phone", true), ("web", false)] as [(ChannelID, Bool)] {
        let result = try results(await masking.accept([message], channel: channel, traceparent: nil))[0]
        let id = try #require(result.message)
        let stored = try #require(try await desk.store.conversations.message(id))
        let row = try await desk.store.pool.query(
          PostgresStatement<String>("stored_whole", "SELECT m::text FROM desk.message m WHERE channel = $1"),
          [channel])[0]
        for secret in ["13912345678", "ann@example.com", "4111 1111"] { #expect(row.contains(secret) != masked) }
        #expect(stored.body.hasSuffix("order 10023"))
        #expect(row.contains("https://example.com/a"))
        let again = try results(await masking.accept([message], channel: channel, traceparent: nil))[0]
        #expect(again.status == .duplicate && again.message == result.message)
      }
    }
  }

  @Test("each id five times at once is one row and one answer; afterwards a duplicate with the same identifiers")
  func dropsDuplicates() async throws {
    try await withDesk { desk in
      let answers = await withTaskGroup(of: MessageDesk.Answer.self) { group in
        for _ in 0..<5 {
          let batch = (0..<20).map { message("m\($0)") }
          group.addTask { await desk.desk.accept(batch, channel: "web", traceparent: nil) }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      let all = try answers.flatMap(results)
      #expect(all.allSatisfy { $0.status != .rejected })
      #expect(Set(all.compactMap(\.message)).count == 20)
      let later = try results(await desk.desk.accept([message("m3")], channel: "web", traceparent: nil))
      #expect(later.map(\.status) == [.duplicate])
      #expect(later.first?.message == all.first { $0.id == "m3" }?.message)
      let balance = try #require(try await desk.store.audit.balance())
      #expect(balance.messages == 20)
    }
  }

  @Test(
    "ids that are equal only to Swift are separate rows, in one request, in parallel, with equal and different texts"
  )
  func idsInDifferentFormsAreSeparateRows() async throws {
    try await withDesk { desk in
      for isEqual in [true, false] {
        let ids = NormalForms.texts.map { "\(isEqual) \($0)" }
        let messages = ids.enumerated().map { message($1, text: isEqual ? "t" : "t\($0)") }
        let together = try results(await desk.desk.accept(messages, channel: "web", traceparent: nil))
        #expect(together.allSatisfy { $0.status == .accepted })
        #expect(Set(together.compactMap(\.message)).count == ids.count)
        let others = ids.enumerated().map { message("p \($1)", text: isEqual ? "t" : "t\($0)") }
        let parallel = await withTaskGroup(of: MessageDesk.Answer.self) { group in
          for other in others { group.addTask { await desk.desk.accept([other], channel: "web", traceparent: nil) } }
          return await group.reduce(into: []) { $0.append($1) }
        }
        let apart = try parallel.flatMap(results)
        #expect(apart.allSatisfy { $0.status == .accepted })
        #expect(Set(apart.compactMap(\.message)).count == ids.count)
      }
      let balance = try #require(try await desk.store.audit.balance())
      #expect(balance.messages == Int64(4 * NormalForms.texts.count) && balance.doubled == 0)
    }
  }

  @Test("an id with different content is rejected, the others are accepted")
  func rejectsConflicts() async throws {
    try await withDesk { desk in
      _ = await desk.desk.accept([message("a")], channel: "web", traceparent: nil)
      let mixed = [message("a", text: "other"), message(""), message("b")]
      let results = try results(await desk.desk.accept(mixed, channel: "web", traceparent: nil))
      #expect(results.map(\.status) == [.rejected, .rejected, .accepted])
      #expect(results.map { $0.problem?.rejection } == [.conflict, .invalid, nil])
      #expect(results.map { $0.problem?.rejection.status.code } == [409, 422, nil])
    }
  }

  @Test("an answer lost after the commit is resolved by retrying: accepted once, handed over once")
  func resolvesLostAnswersByRetrying() async throws {
    try await withDesk { desk in
      desk.target.answersToLose.withLock { $0 = 2 }
      let results = try results(
        await desk.desk.accept([message("a"), message("b")], channel: "web", traceparent: nil))
      #expect(results.map(\.status) == [.accepted, .accepted])
      await desk.committer.drain()
      let balance = try #require(try await desk.store.audit.balance())
      #expect(balance.messages == 2)
      #expect(desk.target.commits.withLock { $0 } == [2, 2, 2])
    }
  }

  @Test("a message that PostgreSQL refuses is found, the others are stored")
  func isolatesRefusedMessages() async throws {
    try await withDesk { desk in
      // The reader never lets a NUL through; PostgreSQL refuses it, which makes it a test case for isolation.
      let poison = MessageDraft(
        id: "poison", customer: "c", text: "a\0b", subject: nil, thread: nil, sentAt: nil, attributes: [],
        attachments: [])
      let batch = [message("a"), ReadMessage(id: "poison", result: .success(poison)), message("b"), message("d")]
      let results = try results(await desk.desk.accept(batch, channel: "web", traceparent: nil))
      #expect(results.map(\.status) == [.accepted, .rejected, .accepted, .accepted])
      #expect(results[1].problem?.rejection == .refused)
    }
  }

  @Test("an id whose message was deleted by retention is a duplicate, and 99 others are accepted in the same commit")
  func idsDeletedByRetentionAreDuplicates() async throws {
    try await withDesk { desk in
      let old = try results(await desk.desk.accept([message("old")], channel: "web", traceparent: nil))[0]
      try await desk.store.pool.executeScript("DELETE FROM desk.message")
      let batch = [message("old")] + (0..<99).map { message("m\($0)", customer: "c\($0)") }
      let results = try results(await desk.desk.accept(batch, channel: "web", traceparent: nil))
      #expect(results[0].status == .duplicate && results[0].message == old.message && results[0].ticket == old.ticket)
      #expect(results.dropFirst().allSatisfy { $0.status == .accepted })
      #expect(desk.target.commits.withLock { $0 } == [1, 100])
      // An earlier build wrote keys that name no ticket.
      try await desk.store.pool.executeScript("UPDATE desk.message_key SET ticket_id = NULL; DELETE FROM desk.message")
      let again = try self.results(await desk.desk.accept([message("old")], channel: "web", traceparent: nil))[0]
      #expect(again.status == .duplicate && again.message == old.message && again.ticket == nil)
    }
  }

  @Test("messages of locked tickets wait separately; all others are answered in the meantime")
  func messagesOfLockedTicketsWaitSeparately() async throws {
    var limits = CommitMachine.Limits()
    limits.deadline = .milliseconds(1_500)
    try await withDesk(limits: limits) { desk in
      let customers = ["held 1", "held 2"]
      _ = await desk.desk.accept(
        customers.map { message("first of \($0)", customer: $0) }, channel: "web", traceparent: nil)
      try await desk.store.pool.withTransaction { holder in
        try await holder.execute(
          PostgresStatement<Void>("hold", "SELECT FROM desk.open_ticket WHERE customer LIKE 'held%' FOR UPDATE"))
        async let stuck = withTaskGroup(of: MessageDesk.Answer.self) { group in
          for customer in customers {
            group.addTask {
              await desk.desk.accept(
                [message("second of \(customer)", customer: customer)], channel: "web", traceparent: nil)
            }
          }
          return await group.reduce(into: []) { $0.append($1) }
        }
        // More than there are commits, one after the other, each with a message of another customer.
        for number in 0..<20 {
          let batch = [message("n\(number)", customer: "c\(number)")]
          let results = try results(await desk.desk.accept(batch, channel: "web", traceparent: nil))
          #expect(results.map(\.status) == [.accepted])
        }
        let refused = try await stuck.flatMap(results)
        #expect(refused.count == 2 && refused.allSatisfy { $0.problem?.rejection == .unavailable })
        #expect(refused.allSatisfy { $0.problem?.detail.contains("locked by another change") == true })
      }
      let later = try results(
        await desk.desk.accept([message("second of held 1", customer: "held 1")], channel: "web", traceparent: nil))
      #expect(later.map(\.status) == [.accepted])
    }
  }

  @Test("an adopting instance can fetch accepted messages with their full text")
  func adoptingInstancesGetTheFullText() async throws {
    try await withDesk { desk in
      let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
      let results = try results(
        await desk.desk.accept([message("a", text: "客服 😀")], channel: "web", traceparent: trace))
      let adopter = InstanceID(high: 7, low: 7)
      let adopted = try await desk.store.inbox.adopt(for: adopter, limit: 10)
      #expect(adopted.map(\.id) == results.compactMap(\.message))
      #expect(adopted.first?.body == "客服 😀")
      #expect(adopted.first?.traceparent == trace)
    }
  }

  @Test("a commit is a span in each sampled trace of its messages")
  func commitsAreSpans() async throws {
    try await withDesk { desk in
      let spans = SpanBuffer(metrics: MetricsRegistry())
      let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
      await withTracer(FrontdeskTracer(spans: spans)) {
        _ = await desk.desk.accept([message("a"), message("b")], channel: "web", traceparent: trace)
        _ = await desk.desk.accept([message("c")], channel: "web", traceparent: nil)
      }
      let commits = spans.take(9).filter { $0.state.name == "commit" }
      #expect(commits.map(\.trace.traceIDText) == ["0af7651916cd43dd8448eb211c80319c"])
      #expect(commits.first?.state.attributes.get("messaging.batch.message_count") == .int64(2))
    }
  }

  /// Takes answers in bulk.
  private final class Sink: CommitSink {
    let taken = PthreadMutex<[[UInt64: CommitMachine.Answer]]>([])

    func take(_ answers: [(number: UInt64, answer: CommitMachine.Answer)]) {
      taken.withLock { $0.append(Dictionary(uniqueKeysWithValues: answers.map { ($0.number, $0.answer) })) }
    }
  }

  @Test("requests that are submitted together share a commit, and their answers come together")
  func answersOfOneCommitComeTogether() async throws {
    try await withDesk { desk in
      let sink = Sink()
      let valid = (0..<20).map { number in
        desk.desk.prepare(
          [message("m\(number)"), message("")], channel: "web", sender: .channel("web"), traceparent: nil)
      }
      let faulty = desk.desk.prepare([message("")], channel: "web", sender: .channel("web"), traceparent: nil)
      let requests = (valid + [faulty]).enumerated().map { (number: UInt64($0 + 1), request: $1) }
      desk.desk.submit(requests, to: sink)
      await desk.committer.drain()
      #expect(desk.target.commits.withLock { $0 } == [20])
      let taken = sink.taken.withLock { $0 }
      #expect(
        taken.map { Set($0.keys) } == [[21], Set(1...20)], "a request of which nothing is valid waits for no commit")
      for (number, request) in requests {
        let outcomes = try #require(taken.compactMap { $0[number] }.first)
        let results = try results(desk.desk.answer(to: request, outcomes))
        #expect(results.map(\.status) == (number == 21 ? [.rejected] : [.accepted, .rejected]))
      }
      desk.desk.submit(Array(requests.prefix(1)), to: sink)
      #expect(sink.taken.withLock { $0.last } == [1: .draining])
    }
  }

  @Test("accepts nothing once draining has begun")
  func acceptsNothingWhileDraining() async throws {
    try await withDesk { desk in
      await desk.committer.drain()
      #expect(await desk.desk.accept([message("a")], channel: "web", traceparent: nil) == .draining)
    }
  }
}
