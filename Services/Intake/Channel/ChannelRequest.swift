/// A request of a channel: the frames after the routing id, as `Wire`'s README.md describes them.
struct ChannelRequest: Equatable, Sendable {
  enum ContentType: String, Sendable {
    case json = "application/json"
    case protobuf = "application/x-protobuf"
    case replySubscription = "application/vnd.frontdesk.reply-subscription+json"
    case replyReceipts = "application/vnd.frontdesk.reply-receipts+json"
  }

  /// Where the answer goes.
  let envelope: ChannelEnvelope
  let contentType: ContentType
  let body: [UInt8]

  /// Reads the frames, or returns what is wrong with them.
  static func read(_ frames: [[UInt8]], isTruncated: Bool) -> Result<ChannelRequest, ChannelFrameFault> {
    let envelope = ChannelEnvelope(frames)
    let rest = frames.dropFirst(envelope.hasDelimiter ? 1 : 0)
    func fault(
      _ field: String, value: String? = nil, _ detail: String, _ remedy: String
    ) -> Result<ChannelRequest, ChannelFrameFault> {
      let fault = MessageFault(field, value: value, detail, remedy: remedy, rejection: .badFrames)
      return .failure(ChannelFrameFault(envelope: envelope, fault: fault))
    }
    guard !isTruncated, rest.count == 3 else {
      return fault(
        "", "A request has three frames, or four of which the first is empty; this one had \(frames.count).",
        "Send request id, content type and body, optionally after an empty delimiter.")
    }
    let id = rest[rest.startIndex]
    guard id.count <= IntakeBounds.requestIDBytes else {
      return fault(
        "request id", "The request id has \(id.count) bytes; at most \(IntakeBounds.requestIDBytes) are allowed.",
        "Send a shorter id, such as the 16 bytes of a UUID.")
    }
    let type = String(decoding: rest[rest.startIndex + 1], as: UTF8.self)
    guard let contentType = ContentType(rawValue: type) else {
      return fault(
        "content type", value: MessageRules.shortened(type), "The content type is not supported.",
        "Send application/json or application/x-protobuf, or one of the types for replies.")
    }
    let body = rest[rest.startIndex + 2]
    guard body.count <= IntakeBounds.bodyBytes else {
      return fault(
        "body", "The body has \(body.count) bytes; at most \(IntakeBounds.bodyBytes) are allowed.",
        "Send the messages in several requests.")
    }
    return .success(ChannelRequest(envelope: envelope, contentType: contentType, body: body))
  }
}

/// The frames of a request that its answer repeats.
struct ChannelEnvelope: Equatable, Sendable {
  let hasDelimiter: Bool
  let requestID: [UInt8]

  /// Takes from any frames what an answer needs. Four frames that begin with an empty one have the delimiter; so does any other number
  /// except three.
  init(_ frames: [[UInt8]]) {
    hasDelimiter = frames.count != 3 && frames.count > 1 && frames[0].isEmpty
    let position = hasDelimiter ? 1 : 0
    let id = position < frames.count ? frames[position] : []
    requestID = id.count <= IntakeBounds.requestIDBytes ? id : []
  }

  /// Returns the frames of an answer.
  func frames(_ contentType: String, _ body: [UInt8]) -> [[UInt8]] {
    (hasDelimiter ? [[]] : []) + [requestID, Array(contentType.utf8), body]
  }
}

/// Frames that are not a request.
struct ChannelFrameFault: Error, Equatable, Sendable {
  let envelope: ChannelEnvelope
  /// The field is the frame's name.
  let fault: MessageFault
}
