import CLinux
import CZeroMQ
public import EventThread
import Glibc
import Synchronization

/// A reactor over `zmq_poll`: sockets, timers, and an event descriptor for wake-ups.
///
/// It does not use a socket's own descriptor (`ZMQ_FD`), which is edge-triggered and loses events when it is read in the wrong order;
/// `zmq_poll` asks each socket for its state and is always correct.
///
/// `@unchecked Sendable`: the mutable state is touched only on the thread that runs the reactor, which every entry point checks; `wake()`
/// uses immutable state only.
public final class ZeroMQReactor: Reactor, @unchecked Sendable {
  /// Names a registered socket.
  public struct SocketID: Hashable, Sendable {
    fileprivate let number: UInt64
  }

  /// Called on the event thread; an actor on that thread enters itself with `assumeIsolated`.
  public typealias Handler = @Sendable (Socket.Events) -> Void

  private struct Registration {
    let id: SocketID
    let handler: Handler
  }

  private let wakeDescriptor: Int32
  private let owner = Atomic<UInt>(0)
  private var timers = TimerQueue()
  private var nextNumber: UInt64 = 0

  /// Item 0 is the event descriptor; item n belongs to registration n - 1.
  private var items: [zmq_pollitem_t]
  private var registrations: [Registration] = []

  /// Where the next turn starts serving, so that the first sockets have no advantage over the last.
  private var firstServed = 0

  /// Creates a reactor without sockets.
  public init() {
    wakeDescriptor = linux_eventfd_make()
    precondition(wakeDescriptor >= 0, "creating a reactor's descriptor failed: errno \(errno)")
    items = [zmq_pollitem_t(socket: nil, fd: wakeDescriptor, events: Int16(ZMQ_POLLIN), revents: 0)]
  }

  deinit { close(wakeDescriptor) }

  // MARK: Sockets

  /// Calls `handler` whenever the socket is ready for `interest`, once per turn. The handler should read or write up to a limit; the rest
  /// is found again in the next turn. Remove the socket before releasing it.
  public func register(_ socket: borrowing Socket, interest: Socket.Events, handler: @escaping Handler) -> SocketID {
    checkThread()
    let id = SocketID(number: nextNumber)
    nextNumber += 1
    items.append(zmq_pollitem_t(socket: socket.handle, fd: 0, events: interest.mask, revents: 0))
    registrations.append(Registration(id: id, handler: handler))
    return id
  }

  /// Changes the events waited for; an empty interest pauses the socket, and its peers see back-pressure.
  public func setInterest(_ interest: Socket.Events, for id: SocketID) {
    checkThread()
    guard let index = registrations.firstIndex(where: { $0.id == id }) else { return }
    items[index + 1].events = interest.mask
  }

  /// Removes a socket; its handler is no longer called.
  public func remove(_ id: SocketID) {
    checkThread()
    guard let index = registrations.firstIndex(where: { $0.id == id }) else { return }
    registrations.remove(at: index)
    items.remove(at: index + 1)
  }

  // MARK: Timers

  /// Calls `handler` once after `delay`, never earlier.
  @discardableResult
  public func after(_ delay: Duration, _ handler: @escaping @Sendable () -> Void) -> TimerID {
    checkThread()
    return timers.add(at: .now + delay, handler)
  }

  /// Cancels a timer; one that has fired is ignored.
  public func cancel(_ timer: TimerID) {
    checkThread()
    timers.cancel(timer)
  }

  // MARK: Reactor

  /// Waits in `zmq_poll`, then serves ready sockets and due timers.
  public func turn(waitingAtMost timeout: Duration?) {
    owner.store(UInt(pthread_self()), ordering: .relaxed)
    let wait = timers.wait(from: .now, atMost: timeout)
    let readyCount = zmq_poll(&items, Int32(items.count), wait.map { Int($0.millisecondsRoundedUp) } ?? -1)
    // Below zero: interrupted by a signal; the next turn checks again.
    if readyCount > 0 { serveReady() }
    let now = ContinuousClock.now
    for _ in 0..<ZeroMQBounds.timersPerTurn {
      guard let handler = timers.takeDue(at: now) else { break }
      handler()
    }
  }

  /// Lets the calling thread take the place of the event thread, which has ended.
  public func passOn() {
    owner.store(UInt(pthread_self()), ordering: .relaxed)
  }

  /// Ends the wait; may be called from any thread.
  public func wake() {
    linux_eventfd_signal(wakeDescriptor)
  }

  private func serveReady() {
    if items[0].revents != 0 { linux_eventfd_clear(wakeDescriptor) }
    guard !registrations.isEmpty else { return }
    // Handlers may register and remove sockets, so the ready ones are collected first.
    var ready: [(id: SocketID, events: Socket.Events, handler: Handler)] = []
    for offset in 0..<registrations.count {
      let index = (firstServed + offset) % registrations.count
      let events = Socket.Events(mask: items[index + 1].revents)
      if !events.isEmpty { ready.append((registrations[index].id, events, registrations[index].handler)) }
    }
    firstServed = (firstServed + 1) % registrations.count
    for (id, events, handler) in ready where registrations.contains(where: { $0.id == id }) { handler(events) }
  }

  /// Registration before the first turn is allowed: the thread does not access the state yet.
  private func checkThread() {
    let owner = owner.load(ordering: .relaxed)
    precondition(owner == 0 || owner == UInt(pthread_self()), "a reactor may be used only on its event thread")
  }
}

extension Socket.Events {
  fileprivate var mask: Int16 {
    Int16((contains(.readable) ? ZMQ_POLLIN : 0) | (contains(.writable) ? ZMQ_POLLOUT : 0))
  }

  fileprivate init(mask: Int16) {
    self = []
    if Int32(mask) & ZMQ_POLLIN != 0 { insert(.readable) }
    if Int32(mask) & ZMQ_POLLOUT != 0 { insert(.writable) }
  }
}
