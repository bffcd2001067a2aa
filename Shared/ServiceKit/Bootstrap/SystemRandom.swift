internal import Glibc

/// Random numbers from the kernel, good for secrets. It is asked for each number, so that a copy repeats none.
///
/// It takes the place of Swift's `SystemRandomNumberGenerator`, which holds nothing: what is passed as the address of an empty value is
/// any address, and ThreadSanitizer takes it for memory that two tasks share, or reads it and dies (Swift 6.3.1).
public struct SystemRandom: RandomNumberGenerator, Sendable {
  /// Where the kernel writes.
  private var word: UInt64 = 0

  public init() {}

  public mutating func next() -> UInt64 {
    let status = withUnsafeMutableBytes(of: &word) { bytes -> Int32 in
      guard let start = bytes.baseAddress else { return -1 }
      return getentropy(start, bytes.count)
    }
    // It cannot fail for so few bytes, save in a sandbox that forbids it.
    precondition(status == 0, "the kernel gives no random bytes: errno \(errno)")
    defer { word = 0 }
    return word
  }
}
