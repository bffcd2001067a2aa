import EventThread
import NIOCore
import NIOPosix

/// Stands between those who connect and a server, passes every byte on, and can be told to be a bad line: to refuse and cut
/// connections, or to be slow.
///
/// Call `end()` before letting it go.
final class GoBetween: Sendable {
  /// Where a socket is.
  enum Place: Sendable {
    case loopback(port: Int)
    case file(String)
  }

  /// What is done with connections.
  enum Line: Sendable, Equatable {
    case good
    /// Those that are there were cut; new ones are closed at once.
    case dead
    /// Every piece of data waits so long, in both directions.
    case slow(Duration)
  }

  private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

  private struct State {
    var line = Line.good
    var channels: [ObjectIdentifier: any Channel] = [:]
  }

  /// Where it listens: the port of 127.0.0.1; 0 for a file.
  let port: Int
  private let target: @Sendable () -> Place?
  private let state: PthreadMutex<State>
  private let listener: any Channel
  private let serving: Task<Void, Never>

  /// Begins to listen.
  /// - Parameters:
  ///   - place: where; port 0 takes a free one.
  ///   - target: asked for each connection; nil while nobody is there.
  init(at place: Place, to target: @escaping @Sendable () -> Place?) async throws {
    let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
    let server: NIOAsyncChannel<Connection, Never>
    switch place {
    case .loopback(let port):
      server = try await bootstrap.bind(host: "127.0.0.1", port: port, childChannelInitializer: GoBetween.wrap)
    case .file(let path):
      server = try await bootstrap.bind(
        unixDomainSocketPath: path, cleanupExistingSocketFile: true, childChannelInitializer: GoBetween.wrap)
    }
    let state = PthreadMutex(State())
    port = server.channel.localAddress?.port ?? 0
    self.target = target
    self.state = state
    listener = server.channel
    serving = Task { await GoBetween.serve(server, state, target) }
  }

  /// Changes the line; a dead one also cuts all connections that are there.
  func setLine(_ line: Line) {
    let cut = state.withLock { state in
      state.line = line
      return line == .dead ? Array(state.channels.values) : []
    }
    for channel in cut { channel.close(mode: .all, promise: nil) }
  }

  /// Cuts everything and stops to listen.
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
    // Nothing here is an error of ours: either end may leave at any time.
    try? await client.executeThenClose { fromClient, toClient in
      guard admit(client.channel, state), let place = target() else { return }
      defer { dismiss(client.channel, state) }
      let upstream = try await connect(to: place)
      try await upstream.executeThenClose { fromServer, toServer in
        guard admit(upstream.channel, state) else { return }
        defer { dismiss(upstream.channel, state) }
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await pass(fromClient, to: toServer, state) }
          group.addTask { try await pass(fromServer, to: toClient, state) }
          // One that fails ends the other; one that has come to its end lets the other finish what it has to say.
          while try await group.next() != nil {}
        }
      }
    }
  }

  private static func pass(
    _ from: NIOAsyncChannelInboundStream<ByteBuffer>, to: NIOAsyncChannelOutboundWriter<ByteBuffer>,
    _ state: PthreadMutex<State>
  ) async throws {
    for try await bytes in from {
      if case .slow(let time) = state.withLock({ $0.line }) { try await Task.sleep(for: time) }
      try await to.write(bytes)
    }
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
