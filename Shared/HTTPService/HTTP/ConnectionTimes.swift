/// Decides the timeouts of one HTTP connection, and when it may be read. Pure: the time is an argument.
///
/// Every request has a timer from its first byte, or from the end of the previous answer, to the first byte of its own answer; nothing
/// else clears it. Pending output must be read at a minimum rate. A request that is answered before its body was read to the end
/// ends its connection.
struct ConnectionTimes: Sendable {
  struct Limits: Sendable, Equatable {
    var answerTimeout: Duration
    var writeWindow = ConnectionBounds.writeWindow
    var bytesPerWriteWindow = ConnectionBounds.bytesPerWriteWindow
    var unansweredRequests = ConnectionBounds.unansweredRequests
    var closingTime = ConnectionBounds.closingTime
    /// Whether bodies are read only on demand (`bodyWanted`).
    var readsBodiesOnDemand = false
  }

  enum Event: Equatable {
    /// Bytes arrived.
    case received
    /// A request's head is complete.
    case requestBegan
    /// A request is complete.
    case requestEnded
    /// The handler that answers wants more of the body.
    case bodyWanted
    /// The head of a response was written.
    case answerBegan
    /// The end of a response was written.
    case answerEnded
    /// Bytes are waiting to be read by the peer.
    case queued(bytes: Int)
    /// The peer's kernel or ours accepted some of them.
    case taken(bytes: Int)
    /// Time has passed.
    case timePassed
  }

  /// Why a connection is closed.
  enum Reason: String, Sendable, CaseIterable {
    case requestTooSlow = "request_too_slow"
    case peerDoesNotRead = "peer_does_not_read"
    case bodyUnread = "body_unread"
  }

  enum Effect: Equatable {
    /// Nothing more is written; further input is discarded.
    case closeOutput
    case close(Reason)
  }

  private enum Phase: Equatable {
    case open
    /// The response that is being written is the last.
    case lastAnswer
    /// Everything is written and waits to be read.
    case finishing(since: ContinuousClock.Instant)
    /// The output is closed.
    case finished(since: ContinuousClock.Instant)
    /// It was closed because of a limit; further events are ignored.
    case closed
  }

  private let limits: Limits
  private var phase = Phase.open
  /// When the first byte of a request arrived whose head is not complete.
  private var arriving: ContinuousClock.Instant?
  /// The start time of the oldest unanswered request.
  private var asked: ContinuousClock.Instant?
  private var unanswered = 0
  /// Answers that have begun and whose end is not reported yet: the next one may begin before.
  private var answering = 0
  private var isReadingBody = false
  private var wantsBody = false
  private var waiting = 0
  private var window: (began: ContinuousClock.Instant, taken: Int)?

  init(_ limits: Limits) {
    self.limits = limits
  }

  // MARK: Decisions

  /// Whether the connection may be read.
  var mayRead: Bool {
    if isDiscarding { return true }
    guard unanswered < limits.unansweredRequests || isReadingBody else { return false }
    return !isReadingBody || wantsBody || !limits.readsBodiesOnDemand
  }

  /// Whether read bytes may be decoded: further requests may begin.
  var mayDecode: Bool { unanswered < limits.unansweredRequests }

  /// Whether input is discarded.
  var isDiscarding: Bool {
    switch phase {
    case .open, .lastAnswer: false
    case .finishing, .finished, .closed: true
    }
  }

  /// Whether the response that begins now is the connection's last, because its request was not read completely.
  var endsWithThisAnswer: Bool { isReadingBody && unanswered - answering == 1 }

  /// When `timePassed` is due; nil while nothing is timed.
  var deadline: ContinuousClock.Instant? {
    phase == .closed ? nil : [requestDeadline, writeDeadline, closingDeadline].compactMap(\.self).min()
  }

  private var requestDeadline: ContinuousClock.Instant? {
    guard answering == 0, !isDiscarding else { return nil }
    return (asked ?? (unanswered == 0 ? arriving : nil)).map { $0 + limits.answerTimeout }
  }

  private var writeDeadline: ContinuousClock.Instant? { window.map { $0.began + limits.writeWindow } }

  private var closingDeadline: ContinuousClock.Instant? {
    switch phase {
    case .open, .lastAnswer, .closed: nil
    case .finishing(let since), .finished(let since): since + limits.closingTime
    }
  }

  // MARK: Events

  mutating func handle(_ event: Event, now: ContinuousClock.Instant) -> Effect? {
    guard phase != .closed else { return nil }
    switch event {
    case .received:
      if isReadingBody { wantsBody = false } else if arriving == nil { arriving = now }
    case .requestBegan:
      unanswered += 1
      isReadingBody = true
      wantsBody = false
      if unanswered == 1, answering == 0 { asked = arriving ?? now }
      arriving = nil
    case .requestEnded: isReadingBody = false
    case .bodyWanted: wantsBody = true
    case .answerBegan:
      if endsWithThisAnswer { phase = .lastAnswer }
      answering += 1
      asked = nil
    case .answerEnded: return answerEnded(now)
    case .queued(let bytes):
      guard bytes > 0 else { return nil }
      if waiting == 0 { window = (now, 0) }
      waiting += bytes
    case .taken(let bytes): return taken(bytes, now)
    case .timePassed: return timePassed(now)
    }
    return nil
  }

  private mutating func answerEnded(_ now: ContinuousClock.Instant) -> Effect? {
    answering = max(0, answering - 1)
    unanswered = max(0, unanswered - 1)
    if phase == .lastAnswer, answering == 0 {
      phase = .finishing(since: now)
      return closeOutputIfAllIsTaken(now)
    }
    if unanswered > 0 { asked = now } else if arriving != nil { arriving = now }
    return nil
  }

  private mutating func taken(_ bytes: Int, _ now: ContinuousClock.Instant) -> Effect? {
    waiting = max(0, waiting - bytes)
    guard waiting > 0 else {
      window = nil
      return closeOutputIfAllIsTaken(now)
    }
    window?.taken += bytes
    if let window, window.taken >= limits.bytesPerWriteWindow { self.window = (now, 0) }
    return nil
  }

  private mutating func closeOutputIfAllIsTaken(_ now: ContinuousClock.Instant) -> Effect? {
    guard case .finishing = phase, waiting == 0 else { return nil }
    phase = .finished(since: now)
    return .closeOutput
  }

  private mutating func timePassed(_ now: ContinuousClock.Instant) -> Effect? {
    let due: [(deadline: ContinuousClock.Instant?, reason: Reason)] = [
      (closingDeadline, .bodyUnread), (writeDeadline, .peerDoesNotRead), (requestDeadline, .requestTooSlow),
    ]
    guard let reason = due.first(where: { $0.deadline.map { $0 <= now } ?? false })?.reason else { return nil }
    phase = .closed
    return .close(reason)
  }
}
