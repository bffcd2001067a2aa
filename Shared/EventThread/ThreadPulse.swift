import Synchronization
import SystemPrimitives

/// Shows whether an event thread still makes progress: one that hangs in a job, or was stopped, does not.
public final class ThreadPulse: Sendable {
  /// The thread's name.
  public let name: String

  private let turns = Atomic<UInt64>(0)
  private let reactor: any Reactor

  private static let living = PthreadMutex<[ObjectIdentifier: ThreadPulse]>([:])

  init(name: String, reactor: any Reactor) {
    self.name = name
    self.reactor = reactor
  }

  /// The pulses of all event threads of this process that have not ended.
  public static var all: [ThreadPulse] {
    living.withLock { Array($0.values) }
  }

  /// The number of turns the thread has taken. It rises while the thread works, and after `prod()`.
  public var count: UInt64 { turns.load(ordering: .relaxed) }

  /// Ends the thread's wait, so that it takes a turn at once unless it hangs. May be called from any thread.
  public func prod() { reactor.wake() }

  func beat() { turns.wrappingAdd(1, ordering: .relaxed) }

  func begin() { Self.living.withLock { $0[ObjectIdentifier(self)] = self } }

  func end() { _ = Self.living.withLock { $0.removeValue(forKey: ObjectIdentifier(self)) } }
}
