import Foundation
import SwiftProtobuf
import Wire

/// The frames of a refused channel request, and the expected answer.
struct BadFrames: Sendable {
  enum Refusal: Sendable {
    /// The request as a whole is answered by a problem of this kind.
    case problem(String)
    /// The message is rejected for this field.
    case rejected(field: String)
  }

  let name: String
  let frames: [[UInt8]]
  let refusal: Refusal

  init(_ name: String, _ frames: [[UInt8]], _ refusal: Refusal) {
    (self.name, self.frames, self.refusal) = (name, frames, refusal)
  }

  private static let id = Array("7".utf8)
  private static let json = Array("application/json".utf8)
  private static let protobuf = Array("application/x-protobuf".utf8)
  private static let marker = BadRequest.marker
  private static let good = Array(#"{"id":"bad","customer":"c","text":"\#(marker)"}"#.utf8)

  /// The table of invalid frames. Each row is valid except for the one thing that its name describes.
  static let all: [BadFrames] =
    [
      BadFrames("one frame", [good], .problem("bad-frames")),
      BadFrames("one empty frame", [[]], .problem("bad-frames")),
      BadFrames("two frames", [id, good], .problem("bad-frames")),
      BadFrames("five frames", [id, json, good, good, good], .problem("bad-frames")),
      BadFrames("forty frames", Array(repeating: good, count: 40), .problem("bad-frames")),
      BadFrames("a delimiter that is not empty", [[0], id, json, good], .problem("bad-frames")),
      BadFrames("a long request id", [[UInt8](repeating: 1, count: 65), json, good], .problem("bad-frames")),
      BadFrames("another content type", [id, Array("text/plain".utf8), good], .problem("bad-frames")),
      BadFrames("a content type that is not text", [id, [0xFF, 0, 0xFE], good], .problem("bad-frames")),
      BadFrames("a large body", [id, json, [UInt8](repeating: 0x20, count: 5 << 20)], .problem("bad-frames")),
      body("an empty body", [], "malformed-body"),
      body("NUL bytes", [0, 0, 0], "malformed-body"),
      body("a truncated object", good.dropLast(), "malformed-body"),
      body("an invalid byte", Array("{\"text\":\"\(marker)".utf8) + [0xFF, 0x22, 0x7D], "malformed-body"),
      body("arrays ten thousand deep", [UInt8](repeating: 0x5B, count: 10_000), "malformed-body"),
      body("no message", Array("[]".utf8), "invalid-message"),
      body(
        "a thousand and one messages", Array("[\(Array(repeating: "{}", count: 1001).joined(separator: ","))]".utf8),
        "too-large"),
      body("protobuf as JSON", [10, 3, 10, 1, 97], "malformed-body"),
      message("no customer", #"{"id":"bad","text":"\#(marker)"}"#, "/customer"),
      message("a number as text", #"{"id":"bad","customer":"\#(marker)","text":1}"#, "/text"),
      message("an unknown field", #"{"id":"bad","customer":"c","text":"\#(marker)","priority":1}"#, ""),
      message("a timestamp in milliseconds", #"{"id":"bad","customer":"c","text":"\#(marker)","sentAtMs":1}"#, ""),
      message("a word as timestamp", #"{"id":"bad","customer":"c","text":"\#(marker)","sent_at":"now"}"#, "/sent_at"),
      BadFrames("JSON as protobuf", [id, protobuf, good], .problem("malformed-body")),
      BadFrames("an empty batch", [id, protobuf, []], .problem("invalid-message")),
      BadFrames("a truncated batch", [id, protobuf, [10, 100, 10]], .problem("malformed-body")),
      BadFrames("bad UTF-8 in protobuf", [id, protobuf, [10, 6, 10, 1, 97, 18, 1, 0xFF]], .rejected(field: "")),
      BadFrames(
        "a message without text", [id, protobuf, batch { $0.text = "" }], .rejected(field: "/text")),
      BadFrames(
        "a NUL in protobuf", [id, protobuf, batch { $0.text = "\(marker)\0" }], .rejected(field: "/text")),
    ]

  private static func body(_ name: String, _ bytes: some Sequence<UInt8>, _ kind: String) -> BadFrames {
    BadFrames(name, [id, json, Array(bytes)], .problem(kind))
  }

  private static func message(_ name: String, _ text: String, _ field: String) -> BadFrames {
    BadFrames(name, [id, json, Array(text.utf8)], .rejected(field: field))
  }

  private static func batch(_ change: (inout WireChannelMessage) -> Void) -> [UInt8] {
    var message = WireChannelMessage.with {
      $0.id = "bad"
      $0.customer = marker
      $0.text = marker
    }
    change(&message)
    let batch = WireChannelBatch.with { $0.messages = [message] }
    // Fails only for missing required fields, which proto3 does not have.
    return (try? batch.serializedBytes()) ?? []
  }
}

/// The first result in an answer to a channel, in either encoding.
struct FirstResult {
  let isRejected: Bool
  let field: String
  let detail: String

  init?(_ contentType: String, _ body: [UInt8]) {
    if contentType == "application/x-protobuf" {
      guard let result = try? WireChannelAnswer(serializedBytes: body).results.first else { return nil }
      (isRejected, field, detail) = (result.status == .rejected, result.problem.field, result.problem.detail)
      return
    }
    guard let answer = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any],
      let result = (answer["results"] as? [[String: Any]])?.first, let problem = result["problem"] as? [String: Any],
      let field = problem["field"] as? String, let detail = problem["detail"] as? String
    else { return nil }
    (isRejected, self.field, self.detail) = (result["status"] as? String == "rejected", field, detail)
  }
}
