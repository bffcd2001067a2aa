import Foundation
import SwiftProtobuf

/// One link message, validated and ready to act on.
public enum LinkFrame: Equatable, Sendable {
  /// The sender's identity.
  case hello(WireHello)
  /// That many more items, 1 or more.
  case credit(Int)
  /// Items, each with an id of 16 bytes; never empty.
  case work([WireWorkItem])
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
      case .work(let items): return try WireWorkBatch.with { $0.items = items }.serializedBytes()
      case .done(let ids): return try WireCompletion.with { $0.ids = ids.map(\.data) }.serializedBytes()
      case .nack(let ids, let reason):
        return try WireRefusal.with {
          $0.ids = ids.map(\.data)
          $0.reason = reason
        }.serializedBytes()
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
      let items = try Self.decode(WireWorkBatch.self, envelope).items
      guard (1...WireBounds.itemsPerWork).contains(items.count) else { throw .invalidField(kind, name: "items") }
      guard items.allSatisfy({ $0.itemID != nil }) else { throw .invalidField(kind, name: "message_id") }
      guard items.allSatisfy({ WireBounds.receivedAtMicroseconds.contains($0.receivedAtUs) }) else {
        throw .invalidField(kind, name: "received_at_us")
      }
      guard items.allSatisfy(\.hasFiniteLabels) else { throw .invalidField(kind, name: "labels") }
      self = .work(items)
    case .done:
      self = .done(try Self.identifiers(Self.decode(WireCompletion.self, envelope).ids, kind))
    case .nack:
      let refusal = try Self.decode(WireRefusal.self, envelope)
      self = .nack(try Self.identifiers(refusal.ids, kind), reason: refusal.reason)
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

  private static func identifiers(_ fields: [Data], _ kind: Envelope.Kind) throws(EnvelopeError) -> [ItemID] {
    guard (1...WireBounds.identifiersPerFrame).contains(fields.count) else { throw .invalidField(kind, name: "ids") }
    let identifiers = fields.compactMap { ItemID(bytes: $0) }
    guard identifiers.count == fields.count else { throw .invalidField(kind, name: "ids") }
    return identifiers
  }
}

extension WireWorkItem {
  /// Whether every share and probability of its labels is a finite number; they are compared and rounded later.
  fileprivate var hasFiniteLabels: Bool {
    guard hasLabels else { return true }
    return labels.confidence.isFinite && labels.guesses.allSatisfy(\.probability.isFinite)
      && labels.articleCoverages.allSatisfy(\.isFinite)
  }
}
