internal import Glibc

/// Cryptographically secure random numbers from the kernel. Each number is a separate kernel call, so that a copy repeats none.
///
/// Replaces Swift's `SystemRandomNumberGenerator`, which has no stored state: the address passed for an empty value is arbitrary,
/// and ThreadSanitizer takes it for memory shared by two tasks, or reads it and crashes (Swift 6.3.1).
public struct SystemRandom: RandomNumberGenerator, Sendable {
  /// The buffer that the kernel writes to.
  private var word: UInt64 = 0

  public init() {}

  public mutating func next() -> UInt64 {
    let status = withUnsafeMutableBytes(of: &word) { bytes -> Int32 in
      guard let start = bytes.baseAddress else { return -1 }
      return getentropy(start, bytes.count)
    }
    // Cannot fail for so few bytes, except in a sandbox that forbids the call.
    precondition(status == 0, "the kernel returned no random bytes: errno \(errno)")
    defer { word = 0 }
    return word
  }
}
