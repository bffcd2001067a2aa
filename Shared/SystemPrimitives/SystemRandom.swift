/// Cryptographically secure random numbers from the kernel. All values, and copies of them, draw from one source that gives out each
/// number once; it asks the kernel for many at a time (`RandomPage`), because a call for each number is a third of the system calls of an
/// accepted message.
///
/// Replaces Swift's `SystemRandomNumberGenerator`, which has no stored state: the address passed for an empty value is arbitrary,
/// and ThreadSanitizer takes it for memory shared by two tasks, or reads it and crashes (Swift 6.3.1).
public struct SystemRandom: RandomNumberGenerator, Sendable {
  private static let source = PthreadMutex(RandomPage())

  /// Only so that a value has an address of its own; never holds anything.
  private var place: UInt64 = 0

  public init() {}

  public mutating func next() -> UInt64 {
    Self.source.withLock { $0.next() }
  }
}
