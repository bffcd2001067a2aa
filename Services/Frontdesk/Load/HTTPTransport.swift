import Curl
import DeskCore

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
    let request = HTTPClient.Request(
      method: "POST", url: url,
      headers: ["Authorization": "Bearer \(key)", "Content-Type": "application/json"],
      body: try MessageBody.json(messages), timeout: LoadBounds.requestTimeout,
      maximumResponseBytes: LoadBounds.answerBytes)
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

/// What intake's answer over HTTP says of each message.
enum HTTPAnswer {
  /// Reads an answer to a list of messages; one that is not understood leaves all of them for later.
  static func fates(_ response: HTTPClient.Response, count: Int) -> [MessageFate] {
    IntakeAnswer.fates(response.body, count: count, by: "http")
      ?? Array(
        repeating: IntakeAnswer.refusal("status \(response.status)", response.status, by: "http"), count: count)
  }
}
