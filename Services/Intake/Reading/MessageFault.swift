import ServiceKit

/// Why one message is not taken: where, what, and what to send instead. It quotes names and settings, never the customer's words.
struct MessageFault: Error, Equatable, Sendable {
  /// A JSON pointer inside the message, such as `/attachments/2/url`; empty for the message as a whole.
  var field: String
  /// The offending value, where it is the channel's own and no customer's.
  var value: String?
  /// What is wrong, as a sentence.
  var detail: String
  /// What to send instead.
  var remedy: String

  init(_ field: String, value: String? = nil, _ detail: String, remedy: String) {
    self.field = field
    self.value = value
    self.detail = detail
    self.remedy = remedy
  }

  /// The same fault, seen from a request that holds the message at a position.
  func inside(position: Int) -> MessageFault {
    var fault = self
    fault.field = "/\(position)" + field
    return fault
  }
}

/// Why a body as a whole is not taken.
struct BodyFault: Error, Equatable, Sendable {
  enum Reason: Equatable, Sendable {
    /// It cannot be read at all.
    case malformed
    /// It can be read and is not what is asked for.
    case wrongShape
    /// It holds more messages than a request may.
    case tooManyMessages
  }

  let reason: Reason
  let detail: String
  let remedy: String

  static func malformed(_ error: JSONError) -> BodyFault {
    BodyFault(reason: .malformed, detail: error.detail, remedy: error.remedy)
  }

  static func tooMany(_ count: Int) -> BodyFault {
    BodyFault(
      reason: .tooManyMessages,
      detail: "The request holds \(count) messages; at most \(IntakeBounds.messagesPerRequest) are taken.",
      remedy: "Send them in several requests.")
  }

  static let incomplete = BodyFault(
    reason: .malformed, detail: "The body ended, or broke its framing, before it was whole.",
    remedy: "Send as many bytes as Content-Length says, or well-formed chunks.")

  static let empty = BodyFault(
    reason: .wrongShape, detail: "The request holds no message.", remedy: "Send at least one message.")
}
