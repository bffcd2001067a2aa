import HTTPService
import Observability
import Store
import SystemPrimitives
import Tracing
import ZeroMQ

/// The requests of channels that wait for their commit, and the answers that wait to be sent.
///
/// The answers of one commit are encoded where it ends and handed to the socket's thread together: a change of thread for a commit, not for
/// a request.
final class ChannelAnswers: CommitSink {
  /// A request that waits for its commit.
  struct Waiting: Sendable {
    let peer: [UInt8]
    let envelope: ChannelEnvelope
    let contentType: ChannelRequest.ContentType
    /// What it counts in `PeerLimits`.
    let bytes: Int
    let request: MessageDesk.PreparedRequest
    let span: TraceSpan
  }

  private struct State {
    var last: UInt64 = 0
    /// Bounded by the requests that `PeerLimits` admits.
    var waiting: [UInt64: Waiting] = [:]
    var idle: [CheckedContinuation<Void, Never>] = []
  }

  /// What is to be sent, for one consumer.
  let queue = BatchQueue<PeerMessage>(limit: IntakeBounds.channelRequests)
  private let desk: MessageDesk
  private let limits: PeerLimits
  private let state = PthreadMutex(State())

  init(desk: MessageDesk, limits: PeerLimits) {
    self.desk = desk
    self.limits = limits
  }

  /// Adds a request that is about to be committed.
  /// - Returns: the number by which its answer is given.
  func add(_ request: Waiting) -> UInt64 {
    state.withLock { state in
      state.last += 1
      state.waiting[state.last] = request
      return state.last
    }
  }

  func take(_ answers: [(number: UInt64, answer: CommitMachine.Answer)]) {
    let ended = state.withLock { state in
      answers.compactMap { number, answer in state.waiting.removeValue(forKey: number).map { ($0, answer) } }
    }
    queue.push(
      ended.map { waiting, answer in
        defer {
          limits.leave(waiting.peer, bytes: waiting.bytes)
          waiting.span.end()
        }
        return PeerMessage(peer: waiting.peer, frames: frames(answer, to: waiting))
      })
    let idle = state.withLock { state in
      guard state.waiting.isEmpty else { return [CheckedContinuation<Void, Never>]() }
      defer { state.idle = [] }
      return state.idle
    }
    for waiter in idle { waiter.resume() }
  }

  private func frames(_ answer: CommitMachine.Answer, to waiting: Waiting) -> [[UInt8]] {
    switch desk.answer(to: waiting.request, answer) {
    case .results(let results):
      ChannelAnswer.frames(results, as: waiting.contentType, to: waiting.envelope)
    case .overloaded:
      ChannelAnswer.rejection(
        of: waiting.request.ids, .overloaded, "Too many messages are waiting to be stored.",
        as: waiting.contentType, to: waiting.envelope)
    case .draining:
      ChannelAnswer.rejection(
        of: waiting.request.ids, .draining, "This process is shutting down.", as: waiting.contentType,
        to: waiting.envelope)
    }
  }

  /// Returns when no request waits for its commit any more. None may be added meanwhile.
  func untilAnswered() async {
    await withCheckedContinuation { continuation in
      let isIdle = state.withLock { state in
        if !state.waiting.isEmpty { state.idle.append(continuation) }
        return state.waiting.isEmpty
      }
      if isIdle { continuation.resume() }
    }
  }
}
