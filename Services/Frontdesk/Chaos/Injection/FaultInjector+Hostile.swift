import DeskCore
import Foundation
import NIOCore
import ZeroMQ

/// Hostile clients, from the same address as all others, directly at the services' ports. What they may not have is refused; what they
/// do have must cost no one else anything.
extension FaultInjector {
  private func channel() throws -> ChannelID {
    guard let channel = desk.local.keys.channels().first else { throw CommandFailure("the desk has no channel") }
    return channel
  }

  /// Lets connections be open for the fault's length.
  private func holding(
    _ connections: RudeConnections, for length: Duration, _ open: (RudeConnections) async -> Void
  ) async throws -> Aftermath {
    await open(connections)
    do {
      try await Task.sleep(for: length)
    } catch {
      await connections.end()
      throw error
    }
    await connections.end()
    return Aftermath()
  }

  func sendWithoutReading(_ fault: Fault) async throws -> Aftermath {
    try await holding(RudeConnections(port: desk.local.ports.intake), for: fault.length) {
      await $0.open(ChaosBounds.deafConnections, sending: HostileTraffic.unreadRequests(ChaosBounds.deafRequests))
    }
  }

  func floodConnections(_ fault: Fault) async throws -> Aftermath {
    try await holding(RudeConnections(port: desk.local.ports.intake), for: fault.length) {
      await $0.open(ChaosBounds.floodConnections)
    }
  }

  func leaveUnfinished(_ fault: Fault) async throws -> Aftermath {
    let key = try desk.local.keys.channelKey(try channel())
    return try await holding(RudeConnections(port: desk.local.ports.intake), for: fault.length) {
      await $0.open(
        ChaosBounds.unfinishedRequests,
        sending: HostileTraffic.unfinishedRequest(key: key, bodyBytes: ChaosBounds.unfinishedBytes))
    }
  }

  func openStreams(_ fault: Fault) async throws -> Aftermath {
    let keys = try desk.local.keys.agents().suffix(ChaosBounds.stalledStreams).map { try desk.local.keys.agentKey($0) }
    return try await holding(RudeConnections(port: desk.local.ports.console), for: fault.length) { connections in
      for key in keys { await connections.open(1, sending: HostileTraffic.stream(key: key)) }
    }
  }

  func sendManyFrames() async throws -> Aftermath {
    guard let server = CurvePublicKey(z85: desk.local.channelServerKey) else {
      throw CommandFailure("the desk's description holds no CURVE key")
    }
    let keys = try desk.local.keys.channelCurveKeys(try channel())
    try await ManyFrames.with(endpoint: desk.local.channelEndpoint, server: server, keys: keys) { frames in
      // A server that ends the connection takes no more of them.
      await within(ChaosBounds.framesPatience) {
        try await frames.flood(
          ChaosBounds.framedMessages, frames: ChaosBounds.framesOfOne, ofBytes: ChaosBounds.frameBytes)
      }
    }
    return Aftermath()
  }

  func tryWrongKeys(_ fault: Fault) async throws -> Aftermath {
    let url = desk.local.intakeURL
    await within(fault.length) {
      try await HostileTraffic.wrongKeys(at: url, perSecond: ChaosBounds.wrongKeysPerSecond)
    }
    try Task.checkCancellation()
    return Aftermath()
  }

  func floodKey(_ fault: Fault) async throws -> Aftermath {
    let (url, seed) = (desk.local.intakeURL, desk.clients.seed)
    let key = try desk.local.keys.channelKey(try channel())
    await within(fault.length) {
      try await HostileTraffic.messages(
        at: url, key: key, connections: ChaosBounds.floodingRequests, prefix: "chaos-\(seed)-flood-\(fault.number)-")
    }
    try Task.checkCancellation()
    return Aftermath()
  }

  /// Runs something that ends only when it is cancelled; what it throws then is that.
  private func within(_ length: Duration, _ body: @escaping @Sendable () async throws -> Void) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await body() }
      group.addTask { try? await Task.sleep(for: length) }
      await group.next()
      group.cancelAll()
    }
  }
}
