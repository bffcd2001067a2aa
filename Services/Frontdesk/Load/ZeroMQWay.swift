import DeskCore
import Foundation
import SwiftProtobuf
import Wire
import ZeroMQ

/// Hands messages in over ZeroMQ, with each channel's own CURVE keys, in protobuf or JSON.
actor ZeroMQWay: MessageWay {
  /// The form of the bodies.
  enum Form: String, Sendable, CaseIterable {
    case protobuf, json

    var contentType: String { self == .protobuf ? "application/x-protobuf" : "application/json" }
  }

  private let endpoint: String
  private let server: CurvePublicKey
  private let keys: KeyFiles
  private let form: Form
  private let thread: ZeroMQThread
  private var sockets: [ChannelID: ChannelSocket] = [:]

  /// - Throws: `CommandFailure` for a server key that cannot be read; `ZeroMQError`.
  init(endpoint: String, serverKey: String, keys: KeyFiles, form: Form) throws {
    guard let server = CurvePublicKey(z85: serverKey) else {
      throw CommandFailure("the desk's description names no CURVE key of intake", remedy: "start the desk again")
    }
    self.endpoint = endpoint
    self.server = server
    self.keys = keys
    self.form = form
    thread = ZeroMQThread(name: "send-zeromq", context: try ZeroMQContext())
  }

  func send(_ messages: [OutgoingMessage], on channel: ChannelID) async throws -> [MessageFate] {
    let socket = try await socket(of: channel)
    do {
      let answer = try await socket.request(
        contentType: form.contentType, body: try body(messages), timeout: LoadBounds.requestTimeout)
      return ChannelAnswerReader.fates(answer, count: messages.count)
    } catch let failure as ChannelSocket.Failure {
      // libzmq gives a connection up for good when it was refused once, as it is while intake cannot look keys up.
      await renew(channel, instead: socket)
      return Array(repeating: .later(reason: "zeromq: \(failure)"), count: messages.count)
    }
  }

  func close() async {
    for socket in sockets.values { await socket.close() }
    sockets = [:]
    await thread.stop()
  }

  private func socket(of channel: ChannelID) async throws -> ChannelSocket {
    if let socket = sockets[channel] { return socket }
    let pair = try keys.channelCurveKeys(channel)
    let fresh = try await ChannelSocket(on: thread, endpoint: endpoint, server: server, keys: pair)
    // Another request may have made one meanwhile.
    if let socket = sockets[channel] {
      await fresh.close()
      return socket
    }
    sockets[channel] = fresh
    return fresh
  }

  private func renew(_ channel: ChannelID, instead old: ChannelSocket) async {
    if sockets[channel] === old { sockets[channel] = nil }
    await old.close()
  }

  private func body(_ messages: [OutgoingMessage]) throws -> [UInt8] {
    let batch = WireChannelBatch.with { batch in
      batch.messages = messages.map { message in
        .with {
          $0.id = message.id
          $0.customer = message.customer
          $0.text = message.text
          $0.subject = message.subject ?? ""
        }
      }
    }
    switch form {
    case .protobuf: return try batch.serializedBytes()
    case .json: return Array("[\(try batch.messages.map { try $0.jsonString() }.joined(separator: ","))]".utf8)
    }
  }
}

/// What intake's answer over ZeroMQ says of each message.
enum ChannelAnswerReader {
  private struct Answer: Decodable {
    struct Outcome: Decodable {
      var status: String
      var messageId: String?
      var ticketId: String?
      var problemType: String?
    }

    var outcomes: [Outcome]
  }

  private struct Problem: Decodable {
    var type: String
  }

  /// The problems that pass by themselves, as the last part of their type.
  static let passing: Set = ["unavailable", "overloaded", "draining", "rate-limited", "too-many-in-flight"]

  /// Reads an answer; one that is not understood leaves all messages for later.
  static func fates(_ answer: ChannelSocket.Answer, count: Int) -> [MessageFate] {
    let fates: [MessageFate]
    switch answer.contentType {
    case "application/x-protobuf":
      fates = (try? WireChannelAnswer(serializedBytes: answer.body)).map { $0.outcomes.map(fate) } ?? []
    case "application/json":
      let read = try? JSONDecoder().decode(Answer.self, from: Data(answer.body))
      fates = read.map { $0.outcomes.map(fate) } ?? []
    default:
      let problem = try? JSONDecoder().decode(Problem.self, from: Data(answer.body))
      return Array(repeating: refusal(problem?.type ?? "an answer of an unknown type"), count: count)
    }
    guard fates.count == count else {
      return Array(repeating: .later(reason: "zeromq: an answer that cannot be read"), count: count)
    }
    return fates
  }

  private static func fate(_ outcome: WireOutcome) -> MessageFate {
    switch outcome.status {
    case .accepted, .duplicate:
      .acknowledged(message: outcome.messageID, ticket: outcome.ticketID, isDuplicate: outcome.status == .duplicate)
    default: refusal(outcome.problemType)
    }
  }

  private static func fate(_ outcome: Answer.Outcome) -> MessageFate {
    if let message = outcome.messageId, let ticket = outcome.ticketId, outcome.status != "rejected" {
      return .acknowledged(message: message, ticket: ticket, isDuplicate: outcome.status == "duplicate")
    }
    return refusal(outcome.problemType ?? "rejected without a reason")
  }

  private static func refusal(_ type: String) -> MessageFate {
    let name = type.split(separator: ":").last.map(String.init) ?? type
    return passing.contains(name) ? .later(reason: "zeromq: \(type)") : .refused(reason: "zeromq: \(type)")
  }
}
