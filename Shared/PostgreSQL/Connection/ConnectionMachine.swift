/// The state of one connection: whether it is open, what it is used for, and whether the server is being asked to cancel. It has no side
/// effects; `PostgresConnection` reports what happened and carries out what the answer says.
///
/// An event that the state does not allow changes nothing. The libpq handle, the caller of `connect()` and the timers belong to the states
/// in which they exist; the machine only keeps them, so that a test may use any types for them.
struct ConnectionMachine<Link, Caller, Timer> {
  enum State {
    /// Host names are being looked up; there is no link yet.
    case new
    /// The timer ends the attempt.
    case connecting(Link, Caller, Timer)
    case open(Link, Session)
    /// Final: a lost connection is replaced, never opened again.
    case closed(PostgresError)
  }

  /// What an open connection is used for; the parts are independent of each other.
  struct Session {
    fileprivate(set) var work = Work.pipeline
    /// The transaction that keeps all other requests off the connection.
    fileprivate(set) var transaction: UInt64?
    fileprivate(set) var cancellation = Cancellation.none
    /// Whether the next user needs a fresh connection.
    fileprivate(set) var isWorn = false
  }

  enum Work {
    case pipeline
    /// One script in the simple protocol, which cannot be mixed with a pipeline.
    case script
  }

  /// The server is asked over another connection, by a thread that may block. While it asks, nothing new is sent: the server might cancel
  /// that instead. From the first time it is asked, the stopped requests have the grace time to end, or the connection is closed.
  enum Cancellation {
    case none
    /// The thread is asking, and a stopped request is still in flight.
    case asking(grace: Timer)
    /// The thread is asking, and the stopped requests have ended meanwhile.
    case overtaken
    /// The server was asked, and a stopped request is still in flight.
    case asked(grace: Timer)
  }

  private(set) var state = State.new

  // MARK: Questions

  /// The link, while connecting and while open.
  var link: Link? {
    switch state {
    case .connecting(let link, _, _), .open(let link, _): link
    case .new, .closed: nil
    }
  }

  var isOpen: Bool {
    if case .open = state { true } else { false }
  }

  /// The open transaction.
  var transaction: UInt64? { session?.transaction }

  /// Whether a request may be sent now.
  var maySend: Bool {
    guard let session, case .pipeline = session.work else { return false }
    switch session.cancellation {
    case .none, .asked: return true
    case .asking, .overtaken: return false
    }
  }

  /// Whether the connection is in its initial state for the next user, once nothing is in flight or waiting.
  var isReusable: Bool {
    guard let session, case .none = session.cancellation else { return false }
    return session.transaction == nil && !session.isWorn
  }

  /// Whether stopped requests that the server was asked to cancel are still in flight.
  var isCancelling: Bool {
    switch session?.cancellation {
    case .asking, .asked: true
    case .overtaken, .none?, nil: false
    }
  }

  /// Why a request is not accepted: the connection is not open, or the request's transaction is over.
  /// - Parameter transaction: the transaction that the request belongs to; nil if none, or if the request opens it.
  func refusal(inside transaction: UInt64?) -> PostgresError? {
    switch state {
    case .new, .connecting: PostgresError(.misuse, "the connection is not open yet")
    case .closed(let error): error
    case .open(_, let session) where transaction != nil && transaction != session.transaction:
      PostgresError(.misuse, "the transaction is over")
    case .open: nil
    }
  }

  private var session: Session? {
    guard case .open(_, let session) = state else { return nil }
    return session
  }

  /// Changes the session of an open connection; false if `change` refuses, or if the connection is not open.
  private mutating func update(_ change: (inout Session) -> Bool) -> Bool {
    guard case .open(let link, var session) = state, change(&session) else { return false }
    state = .open(link, session)
    return true
  }

  // MARK: Opening and closing

  /// The link exists and the attempt has begun. Refused unless the state is `new`.
  mutating func begin(_ link: Link, for caller: Caller, until timer: Timer) -> Bool {
    guard case .new = state else { return false }
    state = .connecting(link, caller, timer)
    return true
  }

  /// The server has accepted the connection. Returns the caller to resume and the timer to cancel; nil unless it was connecting.
  mutating func connected() -> (Caller, Timer)? {
    guard case .connecting(let link, let caller, let timer) = state else { return nil }
    state = .open(link, Session())
    return (caller, timer)
  }

  /// Ends the connection. Returns the state that ended, whose caller and timer are left to the shell; nil if it was closed already, and
  /// then the first error stays.
  mutating func close(_ error: PostgresError) -> State? {
    if case .closed = state { return nil }
    let ended = state
    state = .closed(error)
    return ended
  }

  // MARK: Work

  /// A script is about to be sent. Refused when nothing may be sent.
  mutating func scriptBegan() -> Bool {
    guard maySend else { return false }
    return update { session in
      session.work = .script
      return true
    }
  }

  /// A request has ended. Returns whether it was a script, after which the pipeline has to be entered again.
  mutating func workEnded() -> Bool {
    guard case .script? = session?.work else { return false }
    return update { session in
      session.work = .pipeline
      return true
    }
  }

  /// The request that opens a transaction is about to be sent. Refused while another transaction is open.
  mutating func transactionBegan(_ transaction: UInt64) -> Bool {
    update { session in
      guard session.transaction == nil else { return false }
      session.transaction = transaction
      return true
    }
  }

  /// A transaction was closed, or could not be opened. Returns false if it is not the open one.
  @discardableResult
  mutating func transactionEnded(_ transaction: UInt64) -> Bool {
    update { session in
      guard session.transaction == transaction else { return false }
      session.transaction = nil
      return true
    }
  }

  /// Something on the connection became unusable: it serves the current user, and is then replaced.
  mutating func wear() {
    _ = update { session in
      session.isWorn = true
      return true
    }
  }

  // MARK: Cancelling

  /// Everything in flight is to be stopped. Returns whether the server has to be asked now; false while it is being asked already.
  /// - Parameter grace: starts the timer of the grace time; called only when none is running.
  mutating func cancel(grace: () -> Timer) -> Bool {
    update { session in
      switch session.cancellation {
      case .none: session.cancellation = .asking(grace: grace())
      case .asked(let running): session.cancellation = .asking(grace: running)
      case .asking, .overtaken: return false
      }
      return true
    }
  }

  /// The thread has asked the server. Ignored unless it was asking.
  mutating func cancelSent() {
    _ = update { session in
      switch session.cancellation {
      case .asking(let grace): session.cancellation = .asked(grace: grace)
      case .overtaken: session.cancellation = .none
      case .none, .asked: return false
      }
      return true
    }
  }

  /// No stopped request is in flight any more. Returns the timer to cancel; nil if none was running.
  mutating func stoppedRequestsEnded() -> Timer? {
    var ended: Timer?
    _ = update { session in
      switch session.cancellation {
      case .asking(let grace):
        ended = grace
        session.cancellation = .overtaken
      case .asked(let grace):
        ended = grace
        session.cancellation = .none
      case .none, .overtaken: return false
      }
      return true
    }
    return ended
  }
}

extension ConnectionMachine.State {
  /// The timer that runs in this state.
  var timer: Timer? {
    switch self {
    case .connecting(_, _, let timer): timer
    case .open(_, let session):
      switch session.cancellation {
      case .asking(let grace), .asked(let grace): grace
      case .none, .overtaken: nil
      }
    case .new, .closed: nil
    }
  }
}
