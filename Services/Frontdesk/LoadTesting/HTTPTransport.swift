import CommandLineTool
import Curl
import DeskCore

/// Sends messages over HTTP, with each channel's own key.
final class HTTPTransport: MessageTransport {
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

  func send(_ messages: [SentMessage], on channel: ChannelID) async throws -> [MessageFate] {
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

/// Reads the fate of each message from intake's HTTP answer.
enum HTTPAnswer {
  /// Reads an answer to a list of messages; an unreadable one leaves all of them for a retry.
  static func fates(_ response: HTTPClient.Response, count: Int) -> [MessageFate] {
    IntakeAnswer.fates(response.body, count: count, by: "http")
      ?? Array(
        repeating: IntakeAnswer.refusal("status \(response.status)", response.status, by: "http"), count: count)
  }
}
