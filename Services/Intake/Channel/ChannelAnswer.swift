import DeskCore
import HTTPService
import SwiftProtobuf
import Wire

/// The response bodies for channels.
enum ChannelAnswer {
  /// Returns a result for each message, in the format of the request.
  static func frames(_ results: [MessageResult], to request: ChannelRequest) -> [[UInt8]] {
    let body: [UInt8]
    switch request.contentType {
    case .protobuf:
      let answer = WireChannelAnswer.with { $0.results = results.map { WireResult($0) } }
      // Serialisation fails only for missing required fields, which proto3 does not have.
      body = (try? answer.serializedBytes()) ?? []
    case .json:
      body = Array(JSONValue.object([MessageResult.member(results)]).json.utf8)
    }
    return request.envelope.frames(request.contentType.rawValue, body)
  }

  /// Returns a problem for a request of which nothing was accepted: the same object as over HTTP.
  static func problem(_ fault: MessageFault, to envelope: ChannelEnvelope) -> [[UInt8]] {
    // Encoding fails only for numbers that JSON cannot represent, and there are none.
    envelope.frames("application/problem+json", (try? fault.httpProblem.body()) ?? [])
  }
}
