import CommandLineTool
import DeskCore
import Foundation
import NIOCore
import ZeroMQ

/// Hostile clients, from the same address as all others, directly at the services' ports. What exceeds their limits is refused; what
/// they are granted must not affect any other client.
extension FaultInjector {
  private func channel() throws -> ChannelID {
    guard let channel = desk.local.keys.channels().first else { throw CommandFailure("the desk has no channel") }
    return channel
  }

  /// Keeps connections open for the fault's duration.
  private func holding(
    _ connections: RudeConnections, for length: Duration, _ open: (RudeConnections) async -> Void
  ) async throws -> FaultConsequences {
    await open(connections)
    do {
      try await Task.sleep(for: length)
    } catch {
      await connections.end()
      throw error
    }
    await connections.end()
    return FaultConsequences()
  }

  func sendWithoutReading(_ fault: Fault) async throws -> FaultConsequences {
    try await holding(RudeConnections(port: desk.local.ports.intake), for: fault.length) {
      await $0.open(ChaosBounds.deafConnections, sending: HostileTraffic.unreadRequests(ChaosBounds.deafRequests))
    }
  }

  func floodConnections(_ fault: Fault) async throws -> FaultConsequences {
    try await holding(RudeConnections(port: desk.local.ports.intake), for: fault.length) {
      await $0.open(ChaosBounds.floodConnections)
    }
  }

  func leaveUnfinished(_ fault: Fault) async throws -> FaultConsequences {
    let key = try desk.local.keys.channelKey(try channel())
    return try await holding(RudeConnections(port: desk.local.ports.intake), for: fault.length) {
      await $0.open(
        ChaosBounds.unfinishedRequests,
        sending: HostileTraffic.unfinishedRequest(key: key, bodyBytes: ChaosBounds.unfinishedBytes))
    }
  }

  func openStreams(_ fault: Fault) async throws -> FaultConsequences {
    let keys = try desk.local.keys.agents().suffix(ChaosBounds.stalledStreams).map { try desk.local.keys.agentKey($0) }
    return try await holding(RudeConnections(port: desk.local.ports.console), for: fault.length) { connections in
      for key in keys { await connections.open(1, sending: HostileTraffic.stream(key: key)) }
    }
  }

  func sendManyFrames() async throws -> FaultConsequences {
    guard let server = CurvePublicKey(z85: desk.local.channelServerKey) else {
      throw CommandFailure("the desk's description has no CURVE key")
    }
    let keys = try desk.local.keys.channelCurveKeys(try channel())
    try await ManyFrames.with(endpoint: desk.local.channelEndpoint, server: server, keys: keys) { frames in
      // A server that closes the connection accepts no more of them.
      await within(ChaosBounds.framesPatience) {
        try await frames.flood(
          ChaosBounds.framedMessages, frames: ChaosBounds.framesOfOne, ofBytes: ChaosBounds.frameBytes)
      }
    }
    return FaultConsequences()
  }

  func tryWrongKeys(_ fault: Fault) async throws -> FaultConsequences {
    let url = desk.local.intakeURL
    await within(fault.length) {
      try await HostileTraffic.wrongKeys(at: url, perSecond: ChaosBounds.wrongKeysPerSecond)
    }
    try Task.checkCancellation()
    return FaultConsequences()
  }

  func floodKey(_ fault: Fault) async throws -> FaultConsequences {
    let (url, seed) = (desk.local.intakeURL, desk.clients.seed)
    let key = try desk.local.keys.channelKey(try channel())
    await within(fault.length) {
      try await HostileTraffic.messages(
        at: url, key: key, connections: ChaosBounds.floodingRequests, prefix: "chaos-\(seed)-flood-\(fault.number)-")
    }
    try Task.checkCancellation()
    return FaultConsequences()
  }

  /// Runs a body that ends only when cancelled, and ignores the resulting cancellation error.
  private func within(_ length: Duration, _ body: @escaping @Sendable () async throws -> Void) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await body() }
      group.addTask { try? await Task.sleep(for: length) }
      await group.next()
      group.cancelAll()
    }
  }
}
