import Foundation
import Wire

/// A message in intake's JSON format, the same over HTTP and ZeroMQ; the key identifies the channel.
struct MessageBody: Encodable {
  let id: String
  let customer: String
  let text: String
  let subject: String?
  // exact-keys: names that we choose.
  let attributes: [String: String]?

  init(_ message: SentMessage) {
    id = message.id
    customer = message.customer
    text = message.text
    subject = message.subject
    attributes = message.attributes.isEmpty ? nil : message.attributes
  }

  /// Returns the body of a request with these messages.
  static func json(_ messages: [SentMessage]) throws -> [UInt8] {
    Array(try JSONEncoder().encode(messages.map(MessageBody.init)))
  }
}

/// Intake's answer for each message: the same object over HTTP and ZeroMQ.
struct IntakeAnswer: Decodable {
  struct Result: Decodable {
    struct Problem: Decodable {
      var type: String
      var status: Int
    }

    var status: String
    var messageID: String?
    var ticketID: String?
    var problem: Problem?

    enum CodingKeys: String, CodingKey {
      case status, problem
      case messageID = "message_id"
      case ticketID = "ticket_id"
    }

    /// - Parameter way: the transport's name, used in reasons.
    func fate(by way: String) -> MessageFate {
      if let messageID, let ticketID, status == "accepted" || status == "duplicate" {
        return .acknowledged(message: messageID, ticket: ticketID, isDuplicate: status == "duplicate")
      }
      return IntakeAnswer.refusal(problem?.type ?? "an answer without an id", problem?.status ?? 500, by: way)
    }
  }

  var results: [Result]

  /// Returns the fates of a request's messages; nil for a body with another number of results.
  static func fates(_ body: [UInt8], count: Int, by way: String) -> [MessageFate]? {
    guard let answer = try? JSONDecoder().decode(IntakeAnswer.self, from: Data(body)), answer.results.count == count
    else { return nil }
    return answer.results.map { $0.fate(by: way) }
  }

  /// Returns the fate of a message or request refused for a reason of this type.
  static func refusal(_ type: String, _ status: Int, by way: String) -> MessageFate {
    let reason = "\(way): \(type)"
    return mayBeRepeated(status) ? .later(reason: reason) : .refused(reason: reason)
  }

  /// Returns whether the same request may get another answer later.
  static func mayBeRepeated(_ status: Int) -> Bool {
    status == 408 || status == 425 || status == 429 || status >= 500 || status < 400
  }
}

extension WireResult {
  /// - Parameter way: the transport's name, used in reasons.
  func fate(by way: String) -> MessageFate {
    switch status {
    case .accepted, .duplicate:
      .acknowledged(message: messageID, ticket: ticketID, isDuplicate: status == .duplicate)
    default: IntakeAnswer.refusal(problem.type, Int(problem.status), by: way)
    }
  }
}
