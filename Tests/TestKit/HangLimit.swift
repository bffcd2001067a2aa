/// How long a test waits for something that happens unless the tested code hangs. Long enough for a machine whose processors are busy with
/// other tests, so that reaching it always means a hang. No test may expect anything to happen sooner, and a suite's time limit must be
/// longer.
public enum HangLimit {
  public static let duration: Duration = .seconds(120)
  /// The same for poll(2) and libzmq.
  public static let milliseconds: Int32 = 120_000
  /// The same for `SO_RCVTIMEO`.
  public static let seconds = 120
}

/// The condition of a wait did not become true within `HangLimit`.
public struct HangError: Error, CustomStringConvertible {
  public let description: String

  public init(_ what: String) { description = "\(what) did not happen within \(HangLimit.seconds) s" }
}

/// Waits until a condition becomes true that can only be observed from outside: in another process, in a database row, in the kernel. For
/// anything in this process that can report what it does, use a `TestSignal`.
/// - Parameters:
///   - what: names the condition in the error of a hang.
///   - interval: the pause between two checks; it only limits the load of checking.
/// - Throws: `HangError`; `CancellationError`; what the condition throws.
public func eventually(
  _ what: String = "the awaited condition", every interval: Duration = .milliseconds(5),
  _ condition: () async throws -> Bool
) async throws {
  let clock = ContinuousClock()
  let end = clock.now + HangLimit.duration
  while try await !condition() {
    guard clock.now < end else { throw HangError(what) }
    try await Task.sleep(for: interval)
  }
}
