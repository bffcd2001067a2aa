import EventThread

/// Counts the requests under way, of each peer and of all.
final class PeerLimits: Sendable {
  enum Verdict: Equatable, Sendable {
    case admitted
    /// The peer has as many under way as it may.
    case peerIsFull
    /// All peers together have.
    case allAreFull
  }

  private struct State {
    var byPeer: [[UInt8]: Int] = [:]
    var total = 0
  }

  private let perPeer: Int
  private let inAll: Int
  private let state = PthreadMutex(State())

  init(perPeer: Int = IntakeBounds.requestsPerPeer, inAll: Int = IntakeBounds.channelRequests) {
    self.perPeer = perPeer
    self.inAll = inAll
  }

  /// Counts a request in, if it may come.
  func enter(_ peer: [UInt8]) -> Verdict {
    state.withLock { state in
      guard state.total < inAll else { return .allAreFull }
      let count = state.byPeer[peer] ?? 0
      guard count < perPeer else { return .peerIsFull }
      state.byPeer[peer] = count + 1
      state.total += 1
      return .admitted
    }
  }

  /// Counts an admitted request out.
  func leave(_ peer: [UInt8]) {
    state.withLock { state in
      guard let count = state.byPeer[peer] else { return }
      state.byPeer[peer] = count > 1 ? count - 1 : nil
      state.total -= 1
    }
  }
}
