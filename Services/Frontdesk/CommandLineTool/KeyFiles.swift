package import DeskCore
import Foundation
package import ZeroMQ

/// The demo keys of a local desk, one file each, readable by their owner only.
///
///     operator              the API key of an operator
///     auditor               the API key of an auditor
///     channel.web           the API key of the channel `web`
///     channel.web.curve     that channel's CURVE secret key, Z85
///     agent.agent-001       the API key of the agent `agent-001`
///     intake.curve          the CURVE secret key of intake's socket for channels, Z85
///
/// The set depends on the policy: `up` and `apply` create missing ones.
package struct KeyFiles: Sendable {
  package let folder: String

  package init(folder: String) {
    self.folder = folder
  }

  /// The file of an operator's API key.
  package var operatorPath: String { "\(folder)/operator" }
  /// The file of an auditor's API key.
  package var auditorPath: String { "\(folder)/auditor" }
  /// The file of the CURVE secret key of intake's socket for channels.
  package var intakeCurvePath: String { "\(folder)/intake.curve" }
  /// The file of a channel's API key.
  package func channelPath(_ channel: ChannelID) -> String { "\(folder)/channel.\(channel)" }
  /// The file of a channel's CURVE secret key.
  package func channelCurvePath(_ channel: ChannelID) -> String { "\(folder)/channel.\(channel).curve" }
  /// The file of an agent's API key.
  package func agentPath(_ agent: AgentID) -> String { "\(folder)/agent.\(agent)" }
}

extension KeyFiles {
  /// Reads a channel's API key. Throws `CommandFailure` where there is none, as do all methods below.
  package func channelKey(_ channel: ChannelID) throws -> String { try key(channelPath(channel)) }
  /// An agent's API key.
  package func agentKey(_ agent: AgentID) throws -> String { try key(agentPath(agent)) }
  /// A channel's CURVE keys.
  package func channelCurveKeys(_ channel: ChannelID) throws -> CurveKeyPair { try curve(channelCurvePath(channel)) }

  /// Returns the channels that have an API key here, in order.
  package func channels() -> [ChannelID] {
    names(after: "channel.").filter { !$0.hasSuffix(".curve") }.map { ChannelID($0) }
  }

  /// Returns the agents that have an API key here, in order.
  package func agents() -> [AgentID] {
    names(after: "agent.").map { AgentID($0) }
  }

  private func names(after prefix: String) -> [String] {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return all.filter { $0.hasPrefix(prefix) && !$0.hasSuffix(".new") }.map { String($0.dropFirst(prefix.count)) }
      .sorted()
  }

  private func key(_ path: String) throws -> String {
    guard let text = try PrivateFile.secret(path: path), !text.isEmpty else {
      throw CommandFailure(
        "there is no key in \(path)",
        remedy: "apply a policy that contains its bearer: `frontdesk apply FILE` creates the keys")
    }
    return text
  }

  private func curve(_ path: String) throws -> CurveKeyPair {
    guard let secret = CurveSecretKey(z85: try key(path)) else {
      throw CommandFailure("\(path) holds no CURVE key", remedy: "remove it and run `frontdesk apply FILE` again")
    }
    return try CurveKeyPair(secretKey: secret)
  }
}
