import Curl
import DeskCore
import Foundation

/// Hands messages in over HTTP, with each channel's own key.
final class HTTPWay: MessageWay {
  private let client: HTTPClient
  private let url: String
  private let keys: KeyFiles

  init(url: String, keys: KeyFiles, connections: Int) throws {
    var configuration = HTTPClient.Configuration()
    configuration.userAgent = "frontdesk-send"
    configuration.maximumConnectionsPerHost = connections
    client = try HTTPClient(configuration: configuration)
    self.url = url + "/v1/messages"
    self.keys = keys
  }

  func send(_ messages: [OutgoingMessage], on channel: ChannelID) async throws -> [MessageFate] {
    let key = try keys.channelKey(channel)
    let body = try JSONEncoder().encode(messages.map(HTTPMessage.init))
    let request = HTTPClient.Request(
      method: "POST", url: url,
      headers: ["Authorization": "Bearer \(key)", "Content-Type": "application/json"],
      body: Array(body), timeout: LoadBounds.requestTimeout, maximumResponseBytes: LoadBounds.answerBytes)
    do {
      return HTTPAnswer.fates(try await client.send(request), count: messages.count)
    } catch let error as HTTPClientError {
      return Array(repeating: .later(reason: "http: \(error.code)"), count: messages.count)
    }
  }

  func close() async {
    await client.shutDown()
  }
}

/// A message as intake reads it; the key says which channel it is.
private struct HTTPMessage: Encodable {
  let id: String
  let customer: String
  let text: String
  let subject: String?

  init(_ message: OutgoingMessage) {
    id = message.id
    customer = message.customer
    text = message.text
    subject = message.subject
  }
}

/// What intake's answer says of each message.
enum HTTPAnswer {
  private struct Result: Decodable {
    struct Problem: Decodable {
      var type: String?
      var status: Int?
      var detail: String?
    }

    var status: String?
    var messageID: String?
    var ticketID: String?
    var problem: Problem?

    enum CodingKeys: String, CodingKey {
      case status, problem
      case messageID = "message_id"
      case ticketID = "ticket_id"
    }

    var fate: MessageFate {
      if let messageID, let ticketID, status == "accepted" || status == "duplicate" {
        return .acknowledged(message: messageID, ticket: ticketID, isDuplicate: status == "duplicate")
      }
      let reason = "http: " + (problem?.type ?? "an answer without an id")
      return HTTPAnswer.mayBeRepeated(problem?.status ?? 500) ? .later(reason: reason) : .refused(reason: reason)
    }
  }

  private struct Results: Decodable {
    var results: [Result]
  }

  /// Reads an answer to a list of messages; one that is not understood leaves all of them for later.
  static func fates(_ response: HTTPClient.Response, count: Int) -> [MessageFate] {
    if let results = try? JSONDecoder().decode(Results.self, from: Data(response.body)).results, results.count == count
    {
      return results.map(\.fate)
    }
    let reason = "http: status \(response.status)"
    return Array(
      repeating: mayBeRepeated(response.status) ? .later(reason: reason) : .refused(reason: reason), count: count)
  }

  /// Whether the same request can meet another answer later.
  static func mayBeRepeated(_ status: Int) -> Bool {
    status == 408 || status == 425 || status == 429 || status >= 500 || status < 400
  }
}
