import Crypto
import DeskCore
import ServiceKit

/// An `Idempotency-Key`, and the identifier of a message written under it.
///
/// The random bits of the identifier are derived from the key, its time is not: so a repetition finds the message of the first request by
/// its tail, while messages stay in time order.
struct RequestKey: Sendable, Hashable {
  let text: String
  private let digest: [UInt8]

  /// - Parameter scope: what the key is unique in: the agent and the ticket.
  init(_ key: IdempotencyKey, scope: [String]) {
    text = key.text
    digest = Array(SHA256.hash(data: Array((scope + [text]).joined(separator: "\n").utf8)))
  }

  /// The identifier of a message written now.
  func message(at now: Instant) -> MessageID {
    var bytes = RequestKeyBytes(digest: digest)
    return MessageID(at: now, using: &bytes)
  }

  /// The last 8 bytes of every message written under this key; they do not depend on the time.
  var tail: [UInt8] { Array(message(at: Instant(microseconds: 0)).bytes.suffix(8)) }

  /// Whether a message was written under this key.
  func wrote(_ id: MessageID) -> Bool {
    message(at: id.instant) == id
  }
}

/// Returns the words of a digest instead of random ones.
private struct RequestKeyBytes: RandomNumberGenerator {
  let digest: [UInt8]
  var position = 0

  mutating func next() -> UInt64 {
    let word = (0..<8).reduce(UInt64(0)) { $0 << 8 | UInt64(digest[(position + $1) % digest.count]) }
    position += 8
    return word
  }
}
