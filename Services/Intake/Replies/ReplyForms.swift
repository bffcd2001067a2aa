import DeskCore
import HTTPService

/// The bodies of requests about replies, over HTTP and ZeroMQ.
enum ReplyForms {
  /// Reads reports: `{"receipts": [{"reply_id", "state", "at", "reason"}]}`.
  /// - Throws: `HTTPProblem` 400 or 422 with everything that is wrong.
  static func receipts(_ bytes: [UInt8]) throws(HTTPProblem) -> [ReplyReceipt] {
    var body = try JSONBody(bytes: bytes)
    let receipts = body.list("receipts", most: IntakeBounds.receiptsPerRequest) { fields -> ReplyReceipt? in
      let reply: MessageID? = fields.identifier("reply_id")
      if reply == nil, fields.isMissing("reply_id") {
        fields.refuse("reply_id", "The field is missing.", remedy: "Send the `reply_id` of a reply.")
      }
      let state = fields.choice(
        "state", among: ReplyState.reportable.map { (name: $0.rawValue, value: Optional($0)) }, other: nil)
      let at = fields.timestamp("at")
      let reason = fields.wordsIfAny("reason", longest: IntakeBounds.failureReasonCharacters)
      if let state, reason != nil, state != .failed {
        fields.refuse("reason", "Only a failure has a reason.", remedy: "Leave it out, or send the state failed.")
      }
      guard let reply, let state else { return nil }
      return ReplyReceipt(reply: reply, state: state, at: at, reason: reason)
    }
    try body.finish()
    return receipts
  }

  /// Reads a subscription: `{"window"}`.
  /// - Returns: the number of replies that may be sent and not acknowledged.
  /// - Throws: `HTTPProblem` 400 or 422 with everything that is wrong.
  static func subscription(_ bytes: [UInt8]) throws(HTTPProblem) -> Int {
    var body = try JSONBody(bytes: bytes)
    let window = body.integerIfAny("window", in: 1...IntakeBounds.replyWindowMost)
    try body.finish()
    return window ?? IntakeBounds.replyWindow
  }
}
