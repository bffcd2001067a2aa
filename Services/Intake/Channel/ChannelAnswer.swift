import DeskCore
import HTTPService
import SwiftProtobuf
import Wire

/// The response bodies for channels.
enum ChannelAnswer {
  /// What a request that was not accepted should do.
  static let again = "Send the same messages again in a second."

  /// Returns a result for each message, in the format of the request.
  static func frames(
    _ results: [MessageResult], as contentType: ChannelRequest.ContentType, to envelope: ChannelEnvelope
  ) -> [[UInt8]] {
    let body: [UInt8]
    switch contentType {
    case .protobuf:
      let answer = WireChannelAnswer.with { $0.results = results.map { WireResult($0) } }
      // Serialisation fails only for missing required fields, which proto3 does not have.
      body = (try? answer.serializedBytes()) ?? []
    case .json, .replySubscription, .replyReceipts:
      body = Array(JSONValue.object([MessageResult.member(results)]).json.utf8)
    }
    return envelope.frames(contentType.rawValue, body)
  }

  /// Returns the same rejection for each message of a request.
  static func rejection(
    of ids: [String?], _ rejection: IntakeMetrics.Rejection, _ detail: String,
    as contentType: ChannelRequest.ContentType, to envelope: ChannelEnvelope
  ) -> [[UInt8]] {
    let fault = MessageFault("", detail, remedy: again, rejection: rejection)
    return frames(ids.map { .rejected($0, fault) }, as: contentType, to: envelope)
  }

  /// Returns a problem that HTTP would answer with.
  static func problem(_ problem: HTTPProblem, to envelope: ChannelEnvelope) -> [[UInt8]] {
    // Encoding fails only for numbers that JSON cannot represent, and there are none.
    envelope.frames("application/problem+json", (try? problem.body()) ?? [])
  }

  /// Returns a problem for a request of which nothing was accepted: the same object as over HTTP.
  static func problem(_ fault: MessageFault, to envelope: ChannelEnvelope) -> [[UInt8]] {
    problem(fault.httpProblem, to: envelope)
  }
}
