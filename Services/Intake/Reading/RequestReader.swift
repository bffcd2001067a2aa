import DeskCore
import Foundation
import SwiftProtobuf
import UntrustedInput
import Wire

/// A message of a request: acceptable, or faulty.
struct ReadMessage: Sendable {
  /// The id as received or derived; nil if it is unknown.
  let id: String?
  /// The result of reading it.
  var result: Result<MessageDraft, MessageFault>
}

/// A request that could be read.
struct ReadRequest: Sendable {
  /// Whether the body was one object rather than a list; the response then is one, too.
  let isSingle: Bool
  /// In the order of the request, never empty.
  let messages: [ReadMessage]
}

/// Reads bodies of all formats into messages.
enum RequestReader {
  /// Reads one object, or an array of up to 1,000, in which a message with a malformed string is rejected individually.
  ///
  /// - Parameter requestKey: the request's idempotency key, from which messages without an id derive theirs: `key` for the only message of
  ///   a single body, `key#position` in a list.
  static func json(
    _ body: UnsafeBufferPointer<UInt8>, channel: ChannelID, requestKey: String? = nil
  ) throws(BodyFault) -> ReadRequest {
    let reading = JSONScanner.read(buffer: body)
    guard let document = reading.document else { throw .unreadable(reading.error) }
    switch document {
    case .object:
      if let error = reading.error { throw .unreadable(error) }
      return ReadRequest(isSingle: true, messages: [message(document, channel: channel, fallbackID: requestKey)])
    case .list(let elements):
      try checkCount(elements.count)
      let messages = elements.enumerated().map { position, element in
        message(element, channel: channel, fallbackID: derivedID(requestKey, position))
      }
      return ReadRequest(isSingle: false, messages: messages)
    case .damaged(let error): throw .unreadable(error)
    default:
      throw BodyFault(
        reason: .wrongShape, detail: "The body is \(document.kind) instead of an object or an array.",
        remedy: "Send one message as an object, or several as an array of objects.")
    }
  }

  /// Reads one object per line; empty lines are skipped. An unreadable line is rejected individually, by its id if that can be read.
  static func lines(
    _ body: UnsafeBufferPointer<UInt8>, channel: ChannelID, requestKey: String? = nil
  ) throws(BodyFault) -> ReadRequest {
    // The scanner skips the mark as well; here a first line that is otherwise empty must not count.
    let hasMark = body.starts(with: UTF8Check.byteOrderMark)
    let lines = body.dropFirst(hasMark ? UTF8Check.byteOrderMark.count : 0).split(separator: UInt8(ascii: "\n"))
      .filter { line in line.contains { $0 != 0x20 && $0 != 0x0D && $0 != 0x09 } }
    try checkCount(lines.count)
    let messages = lines.enumerated().map { position, line in
      let reading = JSONScanner.read(buffer: UnsafeBufferPointer(rebasing: line))
      if let document = reading.document {
        return message(document, channel: channel, fallbackID: derivedID(requestKey, position))
      }
      return ReadMessage(
        id: MessageForm.id(of: .object(reading.salvaged)), result: .failure(BodyFault.unreadable(reading.error).fault))
    }
    return ReadRequest(isSingle: false, messages: messages)
  }

  /// Reads a `ChannelBatch`.
  static func protobuf(_ body: [UInt8], channel: ChannelID) throws(BodyFault) -> ReadRequest {
    if let batch = try? WireChannelBatch(serializedBytes: body) {
      try checkCount(batch.messages.count)
      return ReadRequest(isSingle: false, messages: batch.messages.map { message($0, channel: channel) })
    }
    // One message whose strings are not UTF-8 does not affect the others.
    guard let parts = try? WireChannelBatchParts(serializedBytes: body) else {
      throw BodyFault(
        reason: .malformed, detail: "The body is not a protobuf message `frontdesk.v1.ChannelBatch`.",
        remedy: protobufRemedy)
    }
    try checkCount(parts.messages.count)
    let messages = parts.messages.map { part in
      if let whole = try? WireChannelMessage(serializedBytes: part) { return message(whole, channel: channel) }
      let name = try? WireChannelMessageName(serializedBytes: part)
      let fault = MessageFault(
        "", "The message is not a `frontdesk.v1.ChannelMessage`: it is truncated, or a string in it is not UTF-8.",
        remedy: protobufRemedy, rejection: .malformed)
      return ReadMessage(id: name.flatMap { known($0.id) }, result: .failure(fault))
    }
    return ReadRequest(isSingle: false, messages: messages)
  }

  private static let protobufRemedy = "Encode it from channel.proto; strings must be UTF-8."

  private static func message(_ message: WireChannelMessage, channel: ChannelID) -> ReadMessage {
    ReadMessage(
      id: message.id.isEmpty ? nil : message.id,
      result: Result { () throws(MessageFault) in
        try MessageRules.draft(try MessageFields(message, channel: channel))
      })
  }

  /// Returns an id that can be shown; nil for bytes that are not a valid id.
  private static func known(_ bytes: Data) -> String? {
    String(validating: bytes, as: UTF8.self).flatMap {
      MessageForm.id(of: .object([.init(name: "id", value: .text($0))]))
    }
  }

  private static func message(
    _ value: JSONDocument, channel: ChannelID, fallbackID: String?
  ) -> ReadMessage {
    ReadMessage(
      id: MessageForm.id(of: value) ?? fallbackID,
      result: Result { () throws(MessageFault) in
        try MessageRules.draft(try MessageForm.fields(value, channel: channel), fallbackID: fallbackID)
      })
  }

  private static func derivedID(_ requestKey: String?, _ position: Int) -> String? {
    requestKey.map { "\($0)#\(position)" }
  }

  private static func checkCount(_ count: Int) throws(BodyFault) {
    guard count > 0 else { throw .empty }
    guard count <= IntakeBounds.messagesPerRequest else { throw .tooMany(count) }
  }
}
