import DeskCore
import SwiftProtobuf
import Wire

/// The bodies of answers to channels.
enum ChannelAnswer {
  /// An outcome for each message, in the form that the request had.
  static func frames(_ results: [MessageResult], to request: ChannelRequest) -> [[UInt8]] {
    switch request.contentType {
    case .protobuf:
      let answer = WireChannelAnswer.with { $0.outcomes = results.map(outcome) }
      // Serialising fails for missing required fields only, which proto3 does not have.
      let bytes: [UInt8] = (try? answer.serializedBytes()) ?? []
      return request.envelope.frames(request.contentType.rawValue, bytes)
    case .json:
      let body = Detail.object([.init("outcomes", .list(results.map(detail)))])
      return request.envelope.frames(request.contentType.rawValue, Array(body.json.utf8))
    }
  }

  /// A problem after RFC 9457, for a request of which nothing could be read.
  static func problem(
    _ rejection: IntakeMetrics.Rejection, _ detail: String, remedy: String, to envelope: ChannelEnvelope
  ) -> [[UInt8]] {
    let fields: [Detail.Field] = [
      .init("type", .text(rejection.problemType)), .init("title", .text("The request was not taken")),
      .init("detail", .text(detail)), .init("remedy", .text(remedy)),
    ]
    return envelope.frames("application/problem+json", Array(Detail.object(fields).json.utf8))
  }

  private static func outcome(_ result: MessageResult) -> WireOutcome {
    .with {
      $0.id = result.id ?? ""
      $0.status =
        switch result.status {
        case .accepted: .accepted
        case .duplicate: .duplicate
        case .rejected: .rejected
        }
      $0.messageID = result.message?.description ?? ""
      $0.ticketID = result.ticket?.description ?? ""
      guard let problem = result.problem else { return }
      $0.problemType = problem.rejection.problemType
      $0.field = problem.fault.field
      $0.detail = sentence(problem.fault)
    }
  }

  /// The same fields in the proto3 JSON mapping, the status as a word.
  private static func detail(_ result: MessageResult) -> Detail {
    var fields: [Detail.Field] = []
    if let id = result.id { fields.append(.init("id", .text(id))) }
    fields.append(.init("status", .text(result.status.rawValue)))
    if let message = result.message { fields.append(.init("messageId", .text(message.description))) }
    if let ticket = result.ticket { fields.append(.init("ticketId", .text(ticket.description))) }
    if let problem = result.problem {
      fields.append(.init("problemType", .text(problem.rejection.problemType)))
      fields.append(.init("field", .text(problem.fault.field)))
      fields.append(.init("detail", .text(sentence(problem.fault))))
    }
    return .object(fields)
  }

  private static func sentence(_ fault: MessageFault) -> String {
    let value = fault.value.map { " (`\($0)`)" } ?? ""
    return "\(fault.detail)\(value) \(fault.remedy)"
  }
}
