import DeskCore
import Observability
import SystemPrimitives
import TestService
import Testing
import UseCases

@testable import Intake
@testable import Store

/// Customer contacts: read, checked, encrypted, never shown.
@Suite struct ContactTests {
  private func read(_ contact: String, id: String = "m") throws -> Result<MessageDraft, MessageFault> {
    let body = Array(#"{"id":"\#(id)","customer":"c","text":"t","contact":\#(contact)}"#.utf8)
    let request = try body.withUnsafeBufferPointer { bytes throws(BodyFault) in
      try RequestReader.json(bytes, channel: "web")
    }
    return try #require(request.messages.first).result
  }

  @Test(arguments: [
    (#"{"name":"王芳","phone":"+86 (10) 6552-9988 ext. 7","email":"fang@example.cn"}"#, true),
    (#"{"phone":"110"}"#, true), (#"{"name":"Ann","phone":"","email":null}"#, true),
    (#"{"phone":"+A"}"#, false), (#"{"phone":"12"}"#, false), (#"{"phone":"1e5<script>"}"#, false),
    (#"{"email":"ann"}"#, false), (#"{"email":"a@b@c"}"#, false), (#"{"email":"a b@c.de"}"#, false),
    (#"{"fax":"1234"}"#, false), (#"["1234"]"#, false), (#"{"name":7}"#, false),
  ])
  func contactsAreValidatedAndNotQuoted(contact: String, isTaken: Bool) throws {
    switch try read(contact) {
    case .success(let draft): #expect(isTaken && draft.contact != nil)
    case .failure(let fault):
      #expect(!isTaken && fault.field.hasPrefix("/contact"))
      #expect(!fault.remedy.isEmpty && !fault.remedy.contains("attributes"), "personal data must not be stored there")
      #expect(!"\(fault)".contains("script") && !"\(fault)".contains("a@b"))
    }
  }

  @Test func anEmptyContactCountsAsAbsent() throws {
    let plain = try read("null").get()
    let (empty, blank) = (try read("{}").get(), try read(#"{"name":""}"#).get())
    #expect(empty == plain && blank == plain)
    // A message accepted before contacts were introduced is still recognised by its digest.
    #expect(plain.contact == nil && plain.digest == empty.digest)
    #expect(try read(#"{"name":"Ann"}"#).get().digest != plain.digest)
  }

  /// Accepts everything.
  private final class Target: CommitTarget {
    let taken = PthreadMutex<[IncomingMessage]>([])

    func accept(_ messages: [IncomingMessage], isCareful: Bool) async throws -> CommitReceipt {
      taken.withLock { $0 += messages }
      let outcomes = messages.map { message in
        AcceptOutcome.accepted(
          Acceptance(
            message: message.id, ticket: message.ticket, opensTicket: true, tier: .standard,
            acceptedAt: Instant(microseconds: 0)))
      }
      return CommitReceipt(outcomes: outcomes, owner: nil)
    }

    func handOver(_ messages: [AcceptedMessage], owner: InstanceID?) async {}
  }

  private func accept(_ keys: ContactKeys?) async throws -> (MessageDesk.Answer, [IncomingMessage]) {
    let target = Target()
    let metrics = IntakeMetrics(registry: MetricsRegistry())
    let desk = MessageDesk(
      committer: GroupCommitter(target: target, timer: laterOnDispatch, metrics: metrics, logger: .silent),
      metrics: metrics,
      contactKeys: { keys }, now: { Instant(microseconds: 0) })
    let answer = await desk.accept(
      [
        ReadMessage(id: "a", result: try read(#"{"phone":"+86 10 6552 9988"}"#, id: "a")),
        ReadMessage(id: "b", result: try read("null", id: "b")),
      ], channel: "web", traceparent: nil)
    return (answer, target.taken.withLock { $0 })
  }

  @Test func contactsAreEncryptedBeforeCommit() async throws {
    let keys = try ContactKeys(text: ContactKeys.freshLine(name: "k"))
    let (_, messages) = try await accept(keys)
    #expect(messages.count == 2 && messages[1].contact == nil)
    let sealed = try #require(messages[0].contact)
    #expect(try keys.open(sealed, of: "c", on: "web") == #"{"phone":"+86 10 6552 9988"}"#)
    #expect(!"\(messages)".contains("6552 9988"))
  }

  @Test func withoutKeysOnlyMessagesWithContactsAreRejected() async throws {
    let (answer, messages) = try await accept(nil)
    guard case .results(let results) = answer else {
      Issue.record("no results")
      return
    }
    #expect(results.map(\.status) == [.rejected, .accepted] && messages.count == 1)
    #expect(results[0].problem?.field == "/contact")
    #expect(results[0].problem?.remedy.contains("--contact-keys") == true)
  }
}
