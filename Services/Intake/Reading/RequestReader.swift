import DeskCore
import ServiceKit
import SwiftProtobuf
import Wire

/// A message of a request: fit to be committed, or not.
struct ReadMessage: Sendable {
  /// The id as it came, or as it was derived; nil when none can be told.
  let id: String?
  /// What came of reading it.
  var result: Result<MessageDraft, MessageFault>
}

/// A request that could be read.
struct ReadRequest: Sendable {
  /// Whether the body was one object rather than a list, so that the answer is one as well.
  let isSingle: Bool
  /// In the order of the request, never empty.
  let messages: [ReadMessage]
}

/// Reads bodies of all forms into messages.
enum RequestReader {
  /// One object, or an array of up to 1,000.
  ///
  /// - Parameter requestKey: the request's idempotency key, from which messages without an id derive theirs: `key` for the only
  ///   message of a single body, `key#position` in a list.
  static func json(
    _ body: UnsafeBufferPointer<UInt8>, form: MessageForm, channel: ChannelID, requestKey: String? = nil
  ) throws(BodyFault) -> ReadRequest {
    let document: JSONValue
    do throws(JSONError) {
      document = try JSONScanner.scan(buffer: body)
    } catch {
      throw .malformed(error)
    }
    switch document {
    case .object:
      return ReadRequest(
        isSingle: true, messages: [message(document, form: form, channel: channel, fallbackID: requestKey)])
    case .list(let elements):
      try checkCount(elements.count)
      let messages = elements.enumerated().map { position, element in
        message(element, form: form, channel: channel, fallbackID: derivedID(requestKey, position))
      }
      return ReadRequest(isSingle: false, messages: messages)
    default:
      throw BodyFault(
        reason: .wrongShape, detail: "The body is \(document.kind) instead of an object or an array.",
        remedy: "Send one message as an object, or several as an array of objects.")
    }
  }

  /// One object a line; empty lines are passed over. A line that cannot be read is rejected alone.
  static func lines(
    _ body: UnsafeBufferPointer<UInt8>, channel: ChannelID, requestKey: String? = nil
  ) throws(BodyFault) -> ReadRequest {
    let lines = body.split(separator: UInt8(ascii: "\n")).filter { line in
      line.contains { $0 != 0x20 && $0 != 0x0D && $0 != 0x09 }
    }
    try checkCount(lines.count)
    let messages = lines.enumerated().map { position, line in
      do throws(JSONError) {
        let value = try JSONScanner.scan(buffer: UnsafeBufferPointer(rebasing: line))
        return message(value, form: .web, channel: channel, fallbackID: derivedID(requestKey, position))
      } catch {
        return ReadMessage(id: nil, result: .failure(MessageFault("", error.detail, remedy: error.remedy)))
      }
    }
    return ReadRequest(isSingle: false, messages: messages)
  }

  /// A `ChannelBatch`.
  static func protobuf(_ body: [UInt8]) throws(BodyFault) -> ReadRequest {
    guard let batch = try? WireChannelBatch(serializedBytes: body) else {
      throw BodyFault(
        reason: .malformed, detail: "The body is no protobuf message `frontdesk.v1.ChannelBatch`.",
        remedy: "Encode it from channel.proto; strings must be UTF-8.")
    }
    try checkCount(batch.messages.count)
    let messages = batch.messages.map { message in
      ReadMessage(
        id: message.id.isEmpty ? nil : message.id,
        result: Result { () throws(MessageFault) in try MessageRules.draft(try MessageFields(message)) })
    }
    return ReadRequest(isSingle: false, messages: messages)
  }

  private static func message(
    _ value: JSONValue, form: MessageForm, channel: ChannelID, fallbackID: String?
  ) -> ReadMessage {
    ReadMessage(
      id: MessageForm.id(of: value) ?? fallbackID,
      result: Result { () throws(MessageFault) in
        try MessageRules.draft(try form.fields(value, channel: channel), fallbackID: fallbackID)
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
