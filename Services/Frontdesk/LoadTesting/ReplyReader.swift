import CommandLineTool
import Curl
import DeskCore
import Foundation
import SystemPrimitives

/// Reads one channel's replies from intake.
struct ReplyReader: Sendable {
  let client: HTTPClient
  let url: String
  let key: String
  /// The channel's name, which is added to its replies; nil if only the key is known.
  let channel: ChannelID?

  /// Reads all replies behind a cursor.
  /// - Throws: `CommandFailure` if intake refuses the request, or `HTTPClientError`.
  func list(after cursor: String?, _ body: (JSONValue) -> Void) async throws {
    var cursor = cursor
    while true {
      var request = request("/v1/replies", after: cursor, adding: ["limit=\(LoadBounds.repliesPerPage)"])
      request.timeout = LoadBounds.requestTimeout
      request.maximumResponseBytes = LoadBounds.replyPageBytes
      let response = try await client.send(request)
      guard response.status == 200, let page = JSONValue(json: String(decoding: response.body, as: UTF8.self)),
        let replies = page["replies"]?.list, let next = page["next"]?.text
      else { throw refusal(response.status) }
      for reply in replies { body(named(reply)) }
      guard !replies.isEmpty else { return }
      cursor = next
    }
  }

  /// Reads the stream of replies from a cursor on until it is cancelled, and reopens it where it ended.
  /// - Throws: `CommandFailure` if intake refuses the request for good.
  func follow(after cursor: String?, _ body: (JSONValue) -> Void) async throws {
    var cursor = cursor
    var pauses = LoadBounds.reconnectPause
    var random = SystemRandom()
    while !Task.isCancelled {
      do {
        var request = request("/v1/replies/stream", after: cursor)
        request.idleTimeout = LoadBounds.replySilence
        let response = try await client.stream(request)
        guard response.status == 200 else {
          guard IntakeAnswer.mayBeRepeated(response.status) else { throw refusal(response.status) }
          try await Task.sleep(for: pauses.next(using: &random))
          continue
        }
        pauses.reset()
        for try await event in response.events(maximumEventBytes: LoadBounds.answerBytes) {
          guard let reply = JSONValue(json: event.data) else { continue }
          body(named(reply))
          cursor = event.lastEventID
        }
      } catch is HTTPClientError {
        // Intake restarts, or the connection was lost.
      } catch is CancellationError {
        return
      }
      try? await Task.sleep(for: pauses.next(using: &random))
    }
  }

  private func request(_ path: String, after cursor: String?, adding parameters: [String] = []) -> HTTPClient.Request {
    let query =
      (cursor.map { ["after=" + ($0.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")] } ?? [])
      + parameters
    return HTTPClient.Request(
      method: "GET", url: url + path + (query.isEmpty ? "" : "?" + query.joined(separator: "&")),
      headers: ["Authorization": "Bearer \(key)"], body: [])
  }

  private func named(_ reply: JSONValue) -> JSONValue {
    guard let channel, case .object(let fields) = reply else { return reply }
    return .object([.init("channel", .text(channel.rawValue))] + fields)
  }

  private func refusal(_ status: Int) -> CommandFailure {
    let whose = channel.map { " of the channel \($0)" } ?? ""
    return CommandFailure(
      "intake answers the request for replies\(whose) with \(status)",
      remedy: status == 401 || status == 403
        ? "check that the key is a channel's, and not revoked" : status == 422 ? "check the cursor" : "try again later")
  }
}
