import Crypto
import DeskCore
import HTTPService
import Store

/// An `Idempotency-Key`, and the identifier of a message written under it.
///
/// The last 62 bits of the identifier are derived from the key, its time is not: so a repetition finds the message of the first request by
/// its tail, while messages stay in the order in which they were written.
struct RequestKey: Sendable, Hashable {
  let text: String
  private let digest: [UInt8]

  /// - Parameter scope: what the key is unique in: the agent and the ticket.
  init(_ key: IdempotencyKey, scope: [String]) {
    text = key.text
    digest = Array(SHA256.hash(data: Array((scope + [text]).joined(separator: "\n").utf8)))
  }

  /// The identifier of a message written now.
  func message(at now: Instant, from identifiers: IdentifierSource = .process) -> MessageID {
    identifiers.next(at: now, tail: derivedBits)
  }

  /// The last 8 bytes of every message written under this key; they do not depend on the time.
  var tail: [UInt8] { Array(MessageID(place: 0, tail: derivedBits).bytes.suffix(8)) }

  /// Whether a message was written under this key.
  func wrote(_ id: MessageID) -> Bool {
    id.bytes.suffix(8) == tail[...]
  }

  /// The digest's second word, as in every build before.
  private var derivedBits: UInt64 { digest[8..<16].reduce(0) { $0 << 8 | UInt64($1) } }
}
