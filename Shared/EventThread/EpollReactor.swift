import CLinux
import Glibc
import Synchronization

/// A reactor over `epoll`, level-triggered, with timers and an event descriptor for wake-ups.
///
/// `@unchecked Sendable`: the mutable state is touched only on the thread that runs the reactor, which every entry point checks; `wake()`
/// uses immutable state only.
public final class EpollReactor: Reactor, @unchecked Sendable {
  /// The events to wait for on a descriptor. Errors and hang-ups are always reported.
  public struct Interest: OptionSet, Sendable {
    /// The raw bits.
    public let rawValue: UInt8
    /// Creates a set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// There is something to read.
    public static let read = Interest(rawValue: 1)
    /// There is room to write.
    public static let write = Interest(rawValue: 2)
  }

  /// What a descriptor is ready for.
  public struct Readiness: OptionSet, Sendable {
    /// The raw bits.
    public let rawValue: UInt8
    /// Creates a set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Reading does not block.
    public static let readable = Readiness(rawValue: 1)
    /// Writing does not block.
    public static let writable = Readiness(rawValue: 2)
    /// The peer is gone or the descriptor is in error; reading or writing shows which.
    public static let closed = Readiness(rawValue: 4)
  }

  /// Called on the event thread; an actor on that thread enters itself with `assumeIsolated`.
  public typealias Handler = @Sendable (Readiness) -> Void

  private struct Registration {
    let generation: UInt32
    let handler: Handler
  }

  private let epoll: Int32
  private let wakeDescriptor: Int32
  private let owner = Atomic<UInt>(0)
  private var registrations: [Int32: Registration] = [:]
  private var timers = TimerQueue()
  private var nextGeneration: UInt32 = 1
  private var events = [epoll_event](repeating: epoll_event(), count: EventThreadBounds.readyDescriptorsPerTurn)

  /// Creates a reactor without descriptors.
  public init() {
    epoll = linux_epoll_make()
    wakeDescriptor = linux_eventfd_make()
    precondition(epoll >= 0 && wakeDescriptor >= 0, "creating a reactor's descriptors failed: errno \(errno)")
    control(EPOLL_CTL_ADD, wakeDescriptor, EPOLLIN.rawValue, tag: Self.tag(wakeDescriptor, generation: 0))
  }

  deinit {
    close(wakeDescriptor)
    close(epoll)
  }

  // MARK: Descriptors

  /// Calls `handler` whenever the descriptor is ready for `interest`. The caller keeps ownership of the descriptor and must remove it
  /// before closing it.
  public func register(_ descriptor: Int32, interest: Interest, handler: @escaping Handler) {
    checkThread()
    precondition(registrations[descriptor] == nil, "descriptor \(descriptor) is already registered")
    let generation = nextGeneration
    nextGeneration = generation == .max ? 1 : generation + 1
    registrations[descriptor] = Registration(generation: generation, handler: handler)
    control(EPOLL_CTL_ADD, descriptor, interest.mask, tag: Self.tag(descriptor, generation: generation))
  }

  /// Changes the events waited for on a registered descriptor.
  public func modify(_ descriptor: Int32, interest: Interest) {
    checkThread()
    guard let registration = registrations[descriptor] else {
      preconditionFailure("descriptor \(descriptor) is not registered")
    }
    control(EPOLL_CTL_MOD, descriptor, interest.mask, tag: Self.tag(descriptor, generation: registration.generation))
  }

  /// Removes a descriptor; its handler is no longer called, not even for readiness found in the current turn.
  public func remove(_ descriptor: Int32) {
    checkThread()
    guard registrations.removeValue(forKey: descriptor) != nil else { return }
    control(EPOLL_CTL_DEL, descriptor, 0, tag: 0)
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

  /// Waits in `epoll_wait`, then serves ready descriptors and due timers.
  public func turn(waitingAtMost timeout: Duration?) {
    owner.store(UInt(pthread_self()), ordering: .relaxed)
    let wait = timers.wait(from: .now, atMost: timeout)
    let count = epoll_wait(epoll, &events, Int32(events.count), wait?.millisecondsRoundedUp ?? -1)
    // Interrupted by a signal: the next turn checks again.
    for index in 0..<max(0, Int(count)) { serve(events[index]) }
    let now = ContinuousClock.now
    for _ in 0..<EventThreadBounds.timersPerTurn {
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

  private func serve(_ event: epoll_event) {
    let tag = event.data.u64
    let generation = UInt32(truncatingIfNeeded: tag >> 32)
    guard generation != 0 else { return linux_eventfd_clear(wakeDescriptor) }
    // A handler before this one may have removed the descriptor, or closed it and registered a new one of the same
    // number: the generation tells them apart.
    let descriptor = Int32(bitPattern: UInt32(truncatingIfNeeded: tag))
    guard let registration = registrations[descriptor], registration.generation == generation else { return }
    registration.handler(Readiness(events: event.events))
  }

  // MARK: Internals

  /// Registration before the first turn is allowed: the thread does not access the state yet.
  private func checkThread() {
    let owner = owner.load(ordering: .relaxed)
    precondition(owner == 0 || owner == UInt(pthread_self()), "a reactor may be used only on its event thread")
  }

  private func control(_ operation: Int32, _ descriptor: Int32, _ mask: UInt32, tag: UInt64) {
    var event = epoll_event(events: mask, data: epoll_data_t(u64: tag))
    let status = epoll_ctl(epoll, operation, descriptor, &event)
    precondition(status == 0, "epoll_ctl(\(operation)) on descriptor \(descriptor) failed: errno \(errno)")
  }

  private static func tag(_ descriptor: Int32, generation: UInt32) -> UInt64 {
    UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
  }
}

extension EpollReactor.Interest {
  fileprivate var mask: UInt32 {
    (contains(.read) ? EPOLLIN.rawValue | EPOLLRDHUP.rawValue : 0) | (contains(.write) ? EPOLLOUT.rawValue : 0)
  }
}

extension EpollReactor.Readiness {
  fileprivate init(events: UInt32) {
    self = []
    if events & EPOLLIN.rawValue != 0 { insert(.readable) }
    if events & EPOLLOUT.rawValue != 0 { insert(.writable) }
    if events & (EPOLLERR.rawValue | EPOLLHUP.rawValue | EPOLLRDHUP.rawValue) != 0 { insert(.closed) }
  }
}
