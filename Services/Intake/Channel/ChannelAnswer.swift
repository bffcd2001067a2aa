import DeskCore
import ServiceKit
import SwiftProtobuf
import Wire

/// The bodies of answers to channels.
enum ChannelAnswer {
  /// A result for each message, in the form that the request had.
  static func frames(_ results: [MessageResult], to request: ChannelRequest) -> [[UInt8]] {
    let body: [UInt8]
    switch request.contentType {
    case .protobuf:
      let answer = WireChannelAnswer.with { $0.results = results.map { WireResult($0) } }
      // Serialising fails for missing required fields only, which proto3 does not have.
      body = (try? answer.serializedBytes()) ?? []
    case .json:
      body = Array(Detail.object([MessageResult.member(results)]).json.utf8)
    }
    return request.envelope.frames(request.contentType.rawValue, body)
  }

  /// A problem, for a request of which nothing was taken: the same object as over HTTP.
  static func problem(_ fault: MessageFault, to envelope: ChannelEnvelope) -> [[UInt8]] {
    // Encoding fails for numbers that JSON does not have, and there are none.
    envelope.frames("application/problem+json", (try? fault.httpProblem.body()) ?? [])
  }
}
