import Glibc

/// A lock around a value. A pthread mutex rather than `Synchronization.Mutex`, because ThreadSanitizer does not know the latter and
/// reports false races (Swift 6.3). It is in this module because the thin layers over C libraries need it and import no other of ours.
///
/// `@unchecked Sendable`: the value and the mutex are at fixed heap addresses, and the value is accessed only through `withLock`, which
/// holds the mutex.
public final class PthreadMutex<Value>: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private var value: Value

  /// Creates an unlocked mutex around the value.
  public init(_ value: sending Value) {
    self.value = value
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    let status = pthread_mutex_init(mutex, nil)
    precondition(status == 0, "pthread_mutex_init failed with \(status)")
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Runs the body with the mutex held; the body must not lock it again.
  public func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body(&value)
  }
}
