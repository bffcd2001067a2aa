import CommandLineTool
import DeskCore
import Foundation
import SwiftProtobuf
import Wire
import ZeroMQ

/// Sends messages over ZeroMQ, with each channel's own CURVE keys, in protobuf or JSON.
actor ZeroMQTransport: MessageTransport {
  /// The encoding of the bodies.
  enum Form: String, Sendable, CaseIterable {
    case protobuf, json

    var contentType: String { self == .protobuf ? "application/x-protobuf" : "application/json" }
  }

  private let endpoint: String
  private let server: CurvePublicKey
  private let keys: KeyFiles
  private let form: Form
  nonisolated var taskExecutor: (any TaskExecutor)? { thread.tasks }
  private let thread: ZeroMQThread
  private var sockets: [ChannelID: ChannelSocket] = [:]

  /// - Throws: `CommandFailure` for a server key that cannot be read; `ZeroMQError`.
  init(endpoint: String, serverKey: String, keys: KeyFiles, form: Form) throws {
    guard let server = CurvePublicKey(z85: serverKey) else {
      throw CommandFailure("the desk's description has no CURVE key for intake", remedy: "restart the desk")
    }
    self.endpoint = endpoint
    self.server = server
    self.keys = keys
    self.form = form
    thread = ZeroMQThread(name: "send-zeromq", context: try ZeroMQContext())
  }

  func send(_ messages: [SentMessage], on channel: ChannelID) async throws -> [MessageFate] {
    let socket = try await socket(of: channel)
    do {
      let answer = try await socket.request(
        contentType: form.contentType, body: try body(messages), timeout: LoadBounds.requestTimeout)
      return ChannelAnswerReader.fates(answer, count: messages.count)
    } catch let failure as ChannelSocket.Failure {
      // libzmq never retries a connection that was refused once, as it is while intake cannot look up keys.
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
    // Another request may have created one meanwhile.
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

  private func body(_ messages: [SentMessage]) throws -> [UInt8] {
    switch form {
    case .json: return try MessageBody.json(messages)
    case .protobuf:
      let batch = WireChannelBatch.with { batch in
        batch.messages = messages.map { message in
          .with {
            $0.id = message.id
            $0.customer = message.customer
            $0.text = message.text
            $0.subject = message.subject ?? ""
            $0.attributes = message.attributes.sorted { $0.key < $1.key }.map { name, value in
              .with {
                $0.name = name
                $0.value = value
              }
            }
          }
        }
      }
      return try batch.serializedBytes()
    }
  }
}

/// Reads the fate of each message from intake's ZeroMQ answer.
enum ChannelAnswerReader {
  private struct Problem: Decodable {
    var type: String
    var status: Int
  }

  private static let way = "zeromq"

  /// Reads an answer; an unreadable one leaves all messages for a retry.
  static func fates(_ answer: ChannelSocket.Answer, count: Int) -> [MessageFate] {
    let fates: [MessageFate]?
    switch answer.contentType {
    case "application/x-protobuf":
      let read = try? WireChannelAnswer(serializedBytes: answer.body)
      fates = read.map { $0.results.map { $0.fate(by: way) } }
    case "application/json": fates = IntakeAnswer.fates(answer.body, count: count, by: way)
    default:
      fates = (try? JSONDecoder().decode(Problem.self, from: Data(answer.body))).map { problem in
        Array(repeating: IntakeAnswer.refusal(problem.type, problem.status, by: way), count: count)
      }
    }
    guard let fates, fates.count == count else {
      return Array(repeating: .later(reason: "\(way): unreadable answer"), count: count)
    }
    return fates
  }
}
