import TestKit
import Testing
import Wire
import ZeroMQ

@testable import Messaging

/// Messages that no legitimate worker would send: each is tolerated, and other workers are still served.
@Suite(.timeLimit(.minutes(3))) struct HostileMessageTests {
  @Test func malformedMessagesAreCountedWithoutAffectingOthers() async throws {
    let process = try TestProcess()
    let source = try WorkSource(on: process.owner, identity: identity("up"), security: .none, options: .patient)
    let endpoint = try await source.bind(to: "tcp://127.0.0.1:*")
    let hostile = try HostileWorker(to: endpoint)
    let id8 = [UInt8](repeating: 0, count: 8)
    let garbage: [[[UInt8]]] = [
      [[]], [[1]], [[1], [1], id8, [], []], [[1], [9], id8, [], []], [[2], [1], id8, [], []],
      [[1], [3], id8, [], [0xFF]], [[1], [4], id8, [], [0x0A, 0x02, 1, 2]], (0..<100).map { [UInt8($0)] },
      [[1], [2], id8, [UInt8](repeating: 65, count: 55), []], [[1], [1], id8, [], [UInt8](repeating: 7, count: 5000)],
    ]
    for frames in garbage { try await hostile.send(frames) }
    try await eventually { await source.snapshot().malformedTotal == garbage.count }
    // Work sent to a source, and enormous credit, by a peer that has sent HELLO.
    try await hostile.send(try LinkFrame.hello(hello("bad")).envelope(batchID: 1).frames)
    try await hostile.send(try LinkFrame.credit(Int(UInt32.max)).envelope(batchID: 1).frames)
    try await eventually { await source.snapshot().credit == MessagingBounds.creditPerWorker }
    try await hostile.send(try LinkFrame.work(items(0..<1)).envelope(batchID: 1).frames)
    try await eventually { await source.snapshot().workers.isEmpty }
    let owner = ZeroMQThread(context: try ZeroMQContext())
    let sink = WorkSink(on: owner, identity: identity("good"), keys: nil, silenceLimit: .patience)
    await sink.update(peers: [LinkPeer(instanceID: "up", endpoint: endpoint, serverPublicKey: nil)])
    #expect(await source.offer(items(0..<10)) == 10)
    var received = 0
    for await batch in sink.batches {
      received += batch.count
      if received == 10 { break }
    }
    await sink.close()
    await hostile.stop()
    await source.close()
    for owner in [process.owner, owner] { await owner.stop() }
  }
}

/// A DEALER that sends the given frames unchanged.
private actor HostileWorker {
  private let owner: ZeroMQThread
  private let socket: Socket
  nonisolated var unownedExecutor: UnownedSerialExecutor { owner.thread.asUnownedSerialExecutor() }

  init(to endpoint: String) throws {
    owner = ZeroMQThread(context: try ZeroMQContext())
    socket = try Socket(.dealer, context: owner.context)
    try socket.connect(to: endpoint)
  }

  func send(_ frames: [[UInt8]]) async throws {
    try await eventually("room for a message") { try socket.send(frames) }
  }

  func stop() async { await owner.stop() }
}
