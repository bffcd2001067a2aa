import Foundation
import Testing
import ZeroMQ

/// The data that clients of a running desk need: its addresses, and the demo keys created by `apply`.
struct ClientKeys {
  let intakePort: Int
  let consolePort: Int
  let channelPort: Int
  let channelEndpoint: String
  /// The key of the gateway.
  let server: CurvePublicKey
  /// The bearer key and the CURVE keys of the channel `web`.
  let channel: String
  let curve: CurveKeyPair
  /// The bearer keys of the console's users.
  let agent: String
  let auditor: String

  init(_ desk: RunningDesk) throws {
    let description = try desk.description()
    let ports = try #require(description["ports"] as? [String: Int])
    intakePort = try #require(ports["intake"])
    consolePort = try #require(ports["console"])
    channelPort = try #require(ports["channel"])
    channelEndpoint = try #require(description["channel_endpoint"] as? String)
    let serverKey = try #require(description["channel_server_key"] as? String)
    server = try #require(CurvePublicKey(z85: serverKey))
    func read(_ name: String) throws -> String {
      try String(contentsOfFile: "\(desk.folder)/keys/\(name)", encoding: .utf8)
        .trimmingCharacters(in: .whitespacesAndNewlines)
    }
    channel = try read("channel.web")
    let secretKey = try read("channel.web.curve")
    curve = try CurveKeyPair(secretKey: #require(CurveSecretKey(z85: secretKey)))
    agent = try read("agent.agent-001")
    auditor = try read("auditor")
  }

  /// The security settings of a client with valid keys.
  var security: SocketOptions.Security { .curveClient(keys: curve, server: server) }
}
