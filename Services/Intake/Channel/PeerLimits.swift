import SystemPrimitives

/// Counts the requests in progress and their bytes, per peer and in total.
final class PeerLimits: Sendable {
  enum Verdict: Equatable, Sendable {
    case admitted
    /// The peer has reached its limit.
    case peerIsFull
    /// All peers together have reached the limit.
    case allAreFull
  }

  /// The load that is allowed, or in progress.
  struct Load: Equatable, Sendable {
    var requests = 0
    var bytes = 0

    /// Whether one more request fits; the first one always does.
    func takes(_ more: Int, within limit: Load) -> Bool {
      requests == 0 || requests < limit.requests && bytes + more <= limit.bytes
    }
  }

  private struct State {
    var byPeer: [[UInt8]: Load] = [:]
    var total = Load()
  }

  private let perPeer: Load
  private let inAll: Load
  private let state = PthreadMutex(State())

  init(
    perPeer: Load = Load(requests: IntakeBounds.requestsPerPeer, bytes: ChannelBounds.bytesPerPeer),
    inAll: Load = Load(requests: IntakeBounds.channelRequests, bytes: ChannelBounds.bytesUnderWay)
  ) {
    self.perPeer = perPeer
    self.inAll = inAll
  }

  /// Admits a request if it fits.
  func enter(_ peer: [UInt8], bytes: Int) -> Verdict {
    state.withLock { state in
      let own = state.byPeer[peer] ?? Load()
      guard own.takes(bytes, within: perPeer) else { return .peerIsFull }
      guard state.total.takes(bytes, within: inAll) else { return .allAreFull }
      state.byPeer[peer] = Load(requests: own.requests + 1, bytes: own.bytes + bytes)
      state.total = Load(requests: state.total.requests + 1, bytes: state.total.bytes + bytes)
      return .admitted
    }
  }

  /// Releases an admitted request.
  func leave(_ peer: [UInt8], bytes: Int) {
    state.withLock { state in
      guard let own = state.byPeer[peer] else { return }
      state.byPeer[peer] = own.requests > 1 ? Load(requests: own.requests - 1, bytes: own.bytes - bytes) : nil
      state.total = Load(requests: state.total.requests - 1, bytes: state.total.bytes - bytes)
    }
  }
}
