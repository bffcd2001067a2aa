import DeskCore
import Observability
import SwiftProtobuf
import SystemPrimitives
import TestService
import Testing
import Wire

@testable import Intake
@testable import Store

/// What channels have verified of their customers: read, checked, and kept only where the channel is trusted.
@Suite struct ProofTests {
  private static let digest = String(repeating: "5a", count: 32)

  private func read(_ proofs: String, id: String = "m") throws -> Result<MessageDraft, MessageFault> {
    let body = Array(#"{"id":"\#(id)","customer":"c","text":"t","proofs":\#(proofs)}"#.utf8)
    let request = try body.withUnsafeBufferPointer { bytes throws(BodyFault) in
      try RequestReader.json(bytes, channel: "web")
    }
    return try #require(request.messages.first).result
  }

  @Test func proofsAreReadInAnyFormat() throws {
    let json = try read(#"{"phone":null,"email":"\#(Self.digest)","account":"\#(Self.digest)"}"#).get()
    #expect(json.proofs.map(\.kind) == [.account, .email])
    var message = WireChannelMessage()
    message.id = "m"
    message.customer = "c"
    message.text = "t"
    for kind in ["email", "account"] {
      var proof = WireAttribute()
      proof.name = kind
      proof.value = Self.digest
      message.proofs.append(proof)
    }
    let copied = try WireChannelMessage(serializedBytes: message.serializedBytes() as [UInt8])
    #expect(copied == message)
    let wire = try MessageRules.draft(try MessageFields(copied, channel: "web"))
    #expect(wire == json && wire.proofs == json.proofs)
    // A message without proofs keeps the digest that it had before they were introduced.
    #expect(try read("null").get().digest == read("{}").get().digest)
    #expect(try read("{}").get().digest != json.digest)
  }

  @Test(arguments: [
    #"{"email":"ann@example.com"}"#, #"{"email":"5A"}"#, #"{"passport":"x"}"#, #"{"email":7}"#, "[]", #""x""#,
  ])
  func otherProofsAreRefusedWithoutQuotingThem(_ proofs: String) throws {
    guard case .failure(let fault) = try read(proofs) else {
      Issue.record("\(proofs) was accepted")
      return
    }
    #expect(fault.field.hasPrefix("/proofs") && !"\(fault)".contains("ann@"))
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

  @Test func onlyTrustedProofsAreKept() async throws {
    let target = Target()
    let metrics = IntakeMetrics(registry: MetricsRegistry())
    let desk = MessageDesk(
      committer: GroupCommitter(target: target, timer: laterOnDispatch, metrics: metrics, logger: .silent),
      metrics: metrics,
      masksPersonalData: { _ in true }, trustedProofs: { $0 == "web" ? [.email] : [] },
      now: { Instant(microseconds: 0) })
    let proofs = #"{"email":"\#(Self.digest)","account":"\#(Self.digest)"}"#
    for channel: ChannelID in ["web", "social"] {
      _ = await desk.accept(
        [ReadMessage(id: "m", result: try read(proofs))], channel: channel, traceparent: nil)
    }
    #expect(target.taken.withLock { $0.map { $0.proofs.map(\.kind) } } == [[.email], []])
  }
}
