/// The frames around every message of a link: `version | type | batch id | traceparent | body`.
public struct Envelope: Equatable, Sendable {
  /// The type of a message. The raw values are the contract.
  public enum Kind: UInt8, Sendable, CaseIterable {
    /// First message of each side.
    case hello = 1
    /// The worker accepts that many more items.
    case credit = 2
    /// Items for the worker.
    case work = 3
    /// Finished items.
    case done = 4
    /// Items handed back.
    case nack = 5
    /// A keepalive.
    case heartbeat = 6
    /// The worker's unused credit is void; the other side echoes it once that has taken effect.
    case drain = 7
    /// The sender leaves, or does not know the other side and asks it to start over.
    case bye = 8

    /// The maximum number of bytes in a body of this kind.
    public var bodyBytesMaximum: Int {
      switch self {
      case .work: WireBounds.workBodyBytes
      case .done, .nack: WireBounds.completionBodyBytes
      case .hello, .credit, .heartbeat, .drain, .bye: WireBounds.smallBodyBytes
      }
    }
  }

  /// The type of the message.
  public let kind: Kind

  /// Numbers the messages of a sender, for logs and traces.
  public let batchID: UInt64

  /// W3C trace context of the batch: empty or 55 bytes.
  public let traceparent: String

  /// A protobuf message of the type given by `kind`.
  public let body: [UInt8]

  /// Creates an envelope; a malformed trace context is left out.
  public init(_ kind: Kind, batchID: UInt64, traceparent: String = "", body: [UInt8]) {
    self.kind = kind
    self.batchID = batchID
    self.traceparent = Self.isTraceparent(Array(traceparent.utf8)) ? traceparent : ""
    self.body = body
  }

  /// The five frames.
  public var frames: [[UInt8]] {
    [
      [WireBounds.protocolVersion], [kind.rawValue],
      withUnsafeBytes(of: batchID.bigEndian) { Array($0) }, Array(traceparent.utf8), body,
    ]
  }

  /// Parses frames from an untrusted sender.
  public init(frames: [[UInt8]]) throws(EnvelopeError) {
    guard frames.count == WireBounds.envelopeFrames else { throw .frameCount(frames.count) }
    guard frames[0] == [WireBounds.protocolVersion] else {
      throw .version(frames[0].count == 1 ? frames[0][0] : nil)
    }
    guard frames[1].count == 1 else { throw .type(nil) }
    guard let kind = Kind(rawValue: frames[1][0]) else { throw .type(frames[1][0]) }
    guard frames[2].count == 8 else { throw .batchID(byteCount: frames[2].count) }
    guard frames[3].isEmpty || Self.isTraceparent(frames[3]) else { throw .traceparent }
    guard frames[4].count <= kind.bodyBytesMaximum else {
      throw .bodyTooLarge(byteCount: frames[4].count, limit: kind.bodyBytesMaximum)
    }
    self.kind = kind
    batchID = frames[2].reduce(0) { $0 << 8 | UInt64($1) }
    traceparent = String(decoding: frames[3], as: UTF8.self)
    body = frames[4]
  }

  /// Whether the bytes have the form `00-<32 hex>-<16 hex>-<2 hex>` in lower case.
  static func isTraceparent(_ bytes: [UInt8]) -> Bool {
    guard bytes.count == WireBounds.traceparentBytes, bytes[0] == 0x30, bytes[1] == 0x30 else { return false }
    return bytes.enumerated().allSatisfy { position, byte in
      switch position {
      case 2, 35, 52: byte == 0x2D
      default: (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
      }
    }
  }
}
