import DequeModule
import NIOCore
import NIOPosix
import SystemPrimitives

/// A proxy between clients and a server that forwards every byte, and can simulate a bad connection: refuse and cut
/// connections, or delay them.
///
/// Call `end()` before releasing it.
final class FaultProxy: Sendable {
  /// The address of a socket.
  enum Place: Sendable {
    case loopback(port: Int)
    case file(String)
  }

  /// The treatment of connections.
  enum Line: Sendable, Equatable {
    case good
    /// Existing connections are cut; new ones are closed at once.
    case dead
    /// Every piece of data arrives this much later, in both directions, like over a long line: it does not hold up the next one.
    case slow(Duration)
  }

  private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

  private struct State {
    var line = Line.good
    var channels: [ObjectIdentifier: any Channel] = [:]
  }

  /// The port on 127.0.0.1 where it listens; 0 for a file.
  let port: Int
  private let target: @Sendable () -> Place?
  private let state: PthreadMutex<State>
  private let listener: any Channel
  private let serving: Task<Void, Never>

  /// Starts listening.
  /// - Parameters:
  ///   - place: the address; port 0 means any free one.
  ///   - target: called for each connection; nil while there is no target.
  init(at place: Place, to target: @escaping @Sendable () -> Place?) async throws {
    let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
    let server: NIOAsyncChannel<Connection, Never>
    switch place {
    case .loopback(let port):
      server = try await bootstrap.bind(host: "127.0.0.1", port: port, childChannelInitializer: FaultProxy.wrap)
    case .file(let path):
      server = try await bootstrap.bind(
        unixDomainSocketPath: path, cleanupExistingSocketFile: true, childChannelInitializer: FaultProxy.wrap)
    }
    let state = PthreadMutex(State())
    port = server.channel.localAddress?.port ?? 0
    self.target = target
    self.state = state
    listener = server.channel
    serving = Task { await FaultProxy.serve(server, state, target) }
  }

  /// Changes the line; a dead one also cuts all existing connections.
  func setLine(_ line: Line) {
    let cut = state.withLock { state in
      state.line = line
      return line == .dead ? Array(state.channels.values) : []
    }
    for channel in cut { channel.close(mode: .all, promise: nil) }
  }

  /// Cuts everything and stops listening.
  func end() async {
    setLine(.dead)
    serving.cancel()
    try? await listener.close(mode: .all)
    await serving.value
  }

  // MARK: Connections

  private static let wrap: @Sendable (any Channel) -> EventLoopFuture<Connection> = { channel in
    channel.eventLoop.makeCompletedFuture {
      try Connection(
        wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
    }
  }

  private static func serve(
    _ server: NIOAsyncChannel<Connection, Never>, _ state: PthreadMutex<State>,
    _ target: @escaping @Sendable () -> Place?
  ) async {
    await withDiscardingTaskGroup { group in
      try? await server.executeThenClose { clients in
        for try await client in clients {
          group.addTask { await relay(client, state, target) }
        }
      }
      group.cancelAll()
    }
  }

  private static func relay(
    _ client: Connection, _ state: PthreadMutex<State>, _ target: @escaping @Sendable () -> Place?
  ) async {
    // Failures here are not errors: either end may disconnect at any time.
    try? await client.executeThenClose { fromClient, toClient in
      guard admit(client.channel, state), let place = target() else { return }
      defer { dismiss(client.channel, state) }
      let upstream = try await connect(to: place)
      try await upstream.executeThenClose { fromServer, toServer in
        guard admit(upstream.channel, state) else { return }
        defer { dismiss(upstream.channel, state) }
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await pass(fromClient, to: toServer, of: upstream.channel, state) }
          group.addTask { try await pass(fromServer, to: toClient, of: client.channel, state) }
          // A failed direction ends the other; one that has reached its end lets the other finish.
          while try await group.next() != nil {}
        }
      }
    }
  }

  private static func pass(
    _ from: NIOAsyncChannelInboundStream<ByteBuffer>, to: NIOAsyncChannelOutboundWriter<ByteBuffer>,
    of channel: any Channel, _ state: PthreadMutex<State>
  ) async throws {
    // What is on the way on a slow line, in order.
    var underWay: Deque<EventLoopFuture<Void>> = []
    for try await bytes in from {
      if case .slow(let time) = state.withLock({ $0.line }) {
        if underWay.count >= ChaosBounds.piecesUnderWay { try await underWay.popFirst()?.get() }
        let write = channel.eventLoop.flatScheduleTask(in: TimeAmount(time)) {
          channel.writeAndFlush(bytes)
        }
        underWay.append(write.futureResult)
      } else {
        while let next = underWay.popFirst() { try await next.get() }
        try await to.write(bytes)
      }
    }
    while let next = underWay.popFirst() { try await next.get() }
    to.finish()
  }

  private static func connect(to place: Place) async throws -> Connection {
    let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
    switch place {
    case .loopback(let port):
      return try await bootstrap.connect(host: "127.0.0.1", port: port, channelInitializer: wrap)
    case .file(let path):
      return try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: wrap)
    }
  }

  private static func admit(_ channel: any Channel, _ state: PthreadMutex<State>) -> Bool {
    state.withLock { state in
      guard state.line != .dead, state.channels.count < ChaosBounds.relayedConnections * 2 else { return false }
      state.channels[ObjectIdentifier(channel)] = channel
      return true
    }
  }

  private static func dismiss(_ channel: any Channel, _ state: PthreadMutex<State>) {
    state.withLock { $0.channels[ObjectIdentifier(channel)] = nil }
  }
}
