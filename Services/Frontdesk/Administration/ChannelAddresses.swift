import ArgumentParser
import CommandLineTool
import Foundation
import ZeroMQ

/// Where a channel reaches a desk.
struct ChannelAddresses: Equatable {
  /// Intake's address over ZeroMQ, and the public key that authenticates it, 40 characters of Z85.
  struct ZeroMQAddress: Equatable {
    var endpoint: String
    var serverKey: String
  }

  /// Intake's HTTP interface.
  var intakeURL: String
  /// Nil where the channel does not use ZeroMQ.
  var zeroMQ: ZeroMQAddress?
  var consoleURL: String?

  /// What a client needs, as NAME=VALUE lines.
  /// - Parameters:
  ///   - key: the channel's API key.
  ///   - curve: its CURVE keys; nil without ZeroMQ.
  func environment(key: String, curve: CurveKeyPair?) -> [String] {
    var lines = ["FRONTDESK_URL=\(intakeURL)", "FRONTDESK_KEY=\(key)"]
    if let zeroMQ, let curve {
      lines += [
        "FRONTDESK_CHANNEL_ENDPOINT=\(zeroMQ.endpoint)", "FRONTDESK_SERVER_KEY=\(zeroMQ.serverKey)",
        "FRONTDESK_PUBLIC_KEY=\(curve.publicKey.z85)", "FRONTDESK_SECRET_KEY=\(curve.secretKey.z85)",
      ]
    }
    if let consoleURL { lines.append("FRONTDESK_CONSOLE_URL=\(consoleURL)") }
    return lines
  }
}

/// Names the addresses of a desk that no `up` describes, such as one on several hosts.
struct ChannelAddressOptions: ParsableArguments {
  @Option(help: "URL of intake as the channel reaches it, such as https://intake.example.com.")
  var url: String?

  @Option(
    help:
      "ZeroMQ address of intake as the channel reaches it, such as tcp://intake.example.com:7200; needs --server-key.")
  var channelEndpoint: String?

  @Option(help: "Intake's public CURVE key, 40 characters of Z85, as `frontdesk keys curve FILE --public` shows it.")
  var serverKey: String?

  @Option(help: "URL of the pages, such as https://desk.example.com.")
  var consoleURL: String?

  init() {}

  /// - Throws: `ValidationError` for an address that cannot be one, or an option that has no use.
  func check(isEnvironment: Bool) throws {
    let given = [
      ("--url", url), ("--channel-endpoint", channelEndpoint), ("--server-key", serverKey),
      ("--console-url", consoleURL),
    ].filter { $0.1 != nil }.map(\.0)
    if !isEnvironment, let first = given.first { throw ValidationError("\(first) is only for --environment") }
    if let first = given.first, url == nil {
      throw ValidationError("\(first) needs intake's address too: add --url URL")
    }
    if let url { try OptionRules.checkURL("--url", url) }
    if let consoleURL { try OptionRules.checkURL("--console-url", consoleURL) }
    guard (channelEndpoint == nil) == (serverKey == nil) else {
      throw ValidationError("--channel-endpoint and --server-key belong together")
    }
    if let channelEndpoint {
      guard let parts = URLComponents(string: channelEndpoint), parts.scheme == "tcp", parts.host?.isEmpty == false,
        parts.port != nil
      else { throw ValidationError("--channel-endpoint must be like tcp://intake.example.com:7200") }
    }
    if let serverKey, CurvePublicKey(z85: serverKey) == nil {
      throw ValidationError("--server-key needs 40 characters of Z85")
    }
  }

  /// Returns the named addresses, or else those of the desk in the folder.
  /// - Throws: `CommandFailure` where neither is known.
  func resolved(for desk: DeskOptions) throws -> ChannelAddresses {
    if let url {
      var zeroMQ: ChannelAddresses.ZeroMQAddress?
      if let channelEndpoint, let serverKey { zeroMQ = .init(endpoint: channelEndpoint, serverKey: serverKey) }
      return ChannelAddresses(intakeURL: url, zeroMQ: zeroMQ, consoleURL: consoleURL)
    }
    let local = try desk.localDesk(
      elsewhere: "name its addresses: --url, and for ZeroMQ --channel-endpoint and --server-key")
    return ChannelAddresses(
      intakeURL: local.intakeURL, zeroMQ: .init(endpoint: local.channelEndpoint, serverKey: local.channelServerKey),
      consoleURL: local.consoleURL)
  }
}
