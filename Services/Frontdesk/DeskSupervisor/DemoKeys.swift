package import CommandLineTool
package import DeskCore
import Foundation
package import Store
import ZeroMQ

/// Creates the demo keys of a local desk, once each.
package struct DemoKeys {
  package let files: KeyFiles
  package let store: DeskStore

  package init(files: KeyFiles, store: DeskStore) {
    self.files = files
    self.store = store
  }

  private static let label = "made by frontdesk up"

  /// Creates the keys that the policy needs and the folder lacks.
  /// - Returns: the number created.
  package func makeMissing(for policy: Policy) async throws -> Int {
    try PrivateFile.makeFolder(files.folder)
    var made = 0
    made += try await makeKey(files.operatorPath, role: .operator)
    made += try await makeKey(files.auditorPath, role: .auditor)
    for channel in policy.channels.keys.sorted() {
      made += try await makeKey(files.channelPath(channel), role: .channel, channel: channel)
      made += try await makeCurveKey(channel)
    }
    let leads = Set(policy.teams.values.compactMap(\.lead))
    for agent in policy.agents.keys.sorted() {
      made += try await makeKey(files.agentPath(agent), role: leads.contains(agent) ? .lead : .agent, agent: agent)
    }
    return made
  }

  /// Writes the file last: after an interruption in between, the next run creates another key, and this one remains unused.
  private func makeKey(
    _ path: String, role: Role, channel: ChannelID? = nil, agent: AgentID? = nil
  ) async throws -> Int {
    guard try PrivateFile.secret(path: path) == nil else { return 0 }
    let secret = KeySecret.random()
    _ = try await store.add(secret, role: role, channel: channel, agent: agent, label: DemoKeys.label)
    try PrivateFile.write(Data((secret.text + "\n").utf8), path: path)
    return 1
  }

  private func makeCurveKey(_ channel: ChannelID) async throws -> Int {
    let path = files.channelCurvePath(channel)
    guard try PrivateFile.secret(path: path) == nil else { return 0 }
    let pair = try CurveKeyPair.generate()
    try await store.access.addCurveKey(pair.publicKey.bytes, channel: channel, label: DemoKeys.label)
    try PrivateFile.write(Data((pair.secretKey.z85 + "\n").utf8), path: path)
    return 1
  }

  /// Returns the keys of intake's socket for channels, created at the first call, so that the key known to channels stays valid.
  static func intakeCurveKeys(_ files: KeyFiles) throws -> CurveKeyPair {
    if FileManager.default.fileExists(atPath: files.intakeCurvePath) {
      return try CurveKeyFile.read(files.intakeCurvePath)
    }
    try PrivateFile.makeFolder(files.folder)
    return try CurveKeyFile.make(files.intakeCurvePath)
  }
}
