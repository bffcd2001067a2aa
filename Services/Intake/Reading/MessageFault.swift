import UntrustedInput

/// Why a message is not accepted: where, what, and what to send instead. It quotes names and settings, never customers' texts.
struct MessageFault: Error, Equatable, Sendable {
  /// A JSON pointer into the message, such as `/attachments/2/url`; empty for the message as a whole.
  var field: String
  /// The offending value; left out if it is customer data.
  var value: String?
  /// What is wrong, as a sentence.
  var detail: String
  /// What to send instead.
  var remedy: String
  /// The kind of problem.
  var rejection: IntakeMetrics.Rejection

  init(
    _ field: String, value: String? = nil, _ detail: String, remedy: String,
    rejection: IntakeMetrics.Rejection = .invalid
  ) {
    self.field = field
    self.value = value
    self.detail = detail
    self.remedy = remedy
    self.rejection = rejection
  }
}

/// Why a body as a whole is not accepted.
struct BodyFault: Error, Equatable, Sendable {
  enum Reason: Equatable, Sendable {
    /// It cannot be read at all.
    case malformed
    /// It can be read but is not what was requested.
    case wrongShape
    /// It contains more messages than a request may.
    case tooManyMessages
  }

  let reason: Reason
  let detail: String
  let remedy: String

  /// The same as a fault of the request.
  var fault: MessageFault {
    let rejection: IntakeMetrics.Rejection =
      switch reason {
      case .malformed: .malformed
      case .wrongShape: .invalid
      case .tooManyMessages: .tooLarge
      }
    return MessageFault("", detail, remedy: remedy, rejection: rejection)
  }

  /// Returns the fault of a body that is not JSON; without an error the body was empty.
  static func unreadable(_ error: JSONError?) -> BodyFault {
    let error = error ?? JSONError(reason: .empty, offset: 0)
    return BodyFault(reason: .malformed, detail: error.detail, remedy: error.remedy)
  }

  static func tooMany(_ count: Int) -> BodyFault {
    BodyFault(
      reason: .tooManyMessages,
      detail: "The request contains \(count) messages; at most \(IntakeBounds.messagesPerRequest) are allowed.",
      remedy: "Send them in several requests.")
  }

  static let incomplete = BodyFault(
    reason: .malformed, detail: "The body ended early or its framing is invalid.",
    remedy: "Send as many bytes as Content-Length states, or well-formed chunks.")

  static let empty = BodyFault(
    reason: .wrongShape, detail: "The request contains no message.", remedy: "Send at least one message.")
}
