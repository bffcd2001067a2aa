import SwiftProtobuf

/// One link message, validated and ready to act on.
public enum LinkFrame: Equatable, Sendable {
  /// The sender's identity.
  case hello(WireHello)
  /// That many more items, 1 or more.
  case credit(Int)
  /// Items; never empty.
  case work([LinkItem])
  /// Finished items; never empty.
  case done([ItemID])
  /// Items handed back with a short code; never empty.
  case nack([ItemID], reason: String)
  /// A keepalive, with the number of items that the sender holds.
  case heartbeat(held: Int)
  /// Unused credit is void.
  case drain
  /// The sender leaves, or asks the other side to start over.
  case bye(reason: String)

  /// The kind of its envelope.
  public var kind: Envelope.Kind {
    switch self {
    case .hello: .hello
    case .credit: .credit
    case .work: .work
    case .done: .done
    case .nack: .nack
    case .heartbeat: .heartbeat
    case .drain: .drain
    case .bye: .bye
    }
  }
}

// MARK: - Writing

extension LinkFrame {
  /// The envelope around this message. A WORK envelope carries the trace context of its first item.
  public func envelope(batchID: UInt64) throws(EnvelopeError) -> Envelope {
    let body = try encodedBody()
    guard body.count <= kind.bodyBytesMaximum else {
      throw .bodyTooLarge(byteCount: body.count, limit: kind.bodyBytesMaximum)
    }
    guard case .work(let items) = self else { return Envelope(kind, batchID: batchID, body: body) }
    return Envelope(kind, batchID: batchID, traceparent: items.first?.traceparent ?? "", body: body)
  }

  private func encodedBody() throws(EnvelopeError) -> [UInt8] {
    do {
      switch self {
      case .hello(let hello): return try hello.serializedBytes()
      case .credit(let items): return try WireCredit.with { $0.items = UInt32(clamping: items) }.serializedBytes()
      case .work(let items): return LinkItem.encoded(items)
      case .done(let ids): return Self.encoded(ids)
      case .nack(let ids, let reason): return Self.encoded(ids, reason: reason)
      case .heartbeat(let held):
        return try WireHeartbeat.with { $0.held = UInt32(clamping: held) }.serializedBytes()
      case .drain: return []
      case .bye(let reason): return try WireBye.with { $0.reason = reason }.serializedBytes()
      }
    } catch {
      throw .malformedBody(kind)
    }
  }
}

// MARK: - Reading

extension LinkFrame {
  /// Parses the body of an envelope from an untrusted sender.
  public init(_ envelope: Envelope) throws(EnvelopeError) {
    let kind = envelope.kind
    switch kind {
    case .hello:
      let hello = try Self.decode(WireHello.self, envelope)
      guard !hello.instanceID.isEmpty else { throw .invalidField(kind, name: "instance_id") }
      self = .hello(hello)
    case .credit:
      let items = try Self.decode(WireCredit.self, envelope).items
      guard items > 0 else { throw .invalidField(kind, name: "items") }
      self = .credit(Int(items))
    case .work:
      self = .work(try LinkItem.items(of: envelope.body))
    case .done:
      self = .done(try Self.completion(envelope).ids)
    case .nack:
      let (ids, reason) = try Self.completion(envelope)
      self = .nack(ids, reason: reason)
    case .heartbeat:
      self = .heartbeat(held: Int(try Self.decode(WireHeartbeat.self, envelope).held))
    case .drain:
      _ = try Self.decode(WireDrain.self, envelope)
      self = .drain
    case .bye:
      self = .bye(reason: try Self.decode(WireBye.self, envelope).reason)
    }
  }

  /// Parses whole frames from an untrusted sender.
  public init(frames: [[UInt8]]) throws(EnvelopeError) {
    try self.init(Envelope(frames: frames))
  }

  private static func decode<Body: SwiftProtobuf.Message>(
    _ type: Body.Type, _ envelope: Envelope
  ) throws(EnvelopeError) -> Body {
    do {
      return try Body(serializedBytes: envelope.body)
    } catch {
      throw .malformedBody(envelope.kind)
    }
  }

}

// MARK: - Identifiers

extension LinkFrame {
  /// The numbers of the fields of `Completion` and `Refusal`.
  private enum Field {
    static let ids: UInt32 = 1
    static let reason: UInt32 = 2
  }

  private static func encoded(_ ids: [ItemID], reason: String = "") -> [UInt8] {
    var writer = ProtobufWriter(capacity: ids.count * WireBounds.identifierBytes + reason.utf8.count + 4)
    for id in ids { writer.always(Field.ids, id) }
    writer.add(Field.reason, reason)
    return writer.bytes
  }

  /// Reads a `Completion` or `Refusal`, which differ in the reason only.
  private static func completion(_ envelope: Envelope) throws(EnvelopeError) -> (ids: [ItemID], reason: String) {
    let isRefusal = envelope.kind == .nack
    var ids: [ItemID] = []
    var areIdentifiers = true
    var reason = ""
    do {
      try envelope.body.withUnsafeBufferPointer { buffer in
        ids.reserveCapacity(buffer.count / WireBounds.identifierBytes)
        var reader = ProtobufReader(buffer)
        while let tag = try reader.next() {
          switch tag {
          case .bytes(Field.ids):
            let id = ItemID(bytes: buffer[try reader.bytes()])
            if let id { ids.append(id) } else { areIdentifiers = false }
          case .bytes(Field.reason) where isRefusal: reason = buffer.string(try reader.text())
          default: try reader.skip(tag)
          }
        }
      }
    } catch {
      throw .malformedBody(envelope.kind)
    }
    guard areIdentifiers, (1...WireBounds.identifiersPerFrame).contains(ids.count) else {
      throw .invalidField(envelope.kind, name: "ids")
    }
    return (ids, reason)
  }
}
