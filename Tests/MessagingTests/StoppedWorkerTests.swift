import Glibc
import TestKit
import Testing
import Wire
import ZeroMQ

@testable import Messaging

/// A worker in a separate real process that the system stops in the middle of its work.
@Suite(.timeLimit(.minutes(3))) struct StoppedWorkerTests {
  private static let window = 20

  @Test func stoppedProcessesHoldOnlyTheirCreditWhileOthersContinue() async throws {
    let process = try TestProcess()
    let source = try WorkSource(on: process.owner, identity: identity("up"), security: .none, options: .mourning)
    let endpoint = try await source.bind(to: "tcp://127.0.0.1:*")
    let outcomes = Collector<WorkOutcome>()
    let consumer = Task { for await batch in source.outcomes { await outcomes.add(batch) } }
    let child = Task {
      await #expect(processExitsWith: .signal(SIGKILL)) { [endpoint = endpoint as String] in
        try await Self.serveUntilKilled(endpoint)
      }
    }
    try await eventually { await source.snapshot().credit == Self.window }
    let name = await source.snapshot().workers.first?.instanceID ?? ""
    let identifier = try #require(pid_t(name))
    #expect(identifier != getpid() && kill(identifier, SIGSTOP) == 0)

    let other = WorkSink(on: process.owner, identity: identity("other"), keys: nil, silenceLimit: .patience)
    let service = Task { for await batch in other.batches { await other.done(batch.map(\.id)) } }
    await other.update(peers: [LinkPeer(instanceID: "up", endpoint: endpoint, serverPublicKey: nil)])
    try await eventually { await source.snapshot().workers.count == 2 }
    let offered = 2000
    #expect(await source.offer(items(0..<offered)) == offered)
    // Everything but the stopped worker's credit is done while it is stopped, the rest once its silence has been detected.
    await outcomes.wait(for: offered - Self.window)
    let held = await source.snapshot().workers.first { $0.instanceID == name }?.heldCount ?? 0
    #expect(held <= Self.window)
    await outcomes.wait(for: offered)
    #expect(Set(await outcomes.values.done) == Set(ids(0..<offered)))
    #expect(await source.snapshot().lostWorkersTotal == 1)

    #expect(kill(identifier, SIGKILL) == 0)
    _ = await child.value
    await other.close()
    await service.value
    await source.close()
    await consumer.value
    await process.owner.stop()
  }

  /// The child's part: finishes every item. Its instance is named by its process id, so that it can be found.
  private static func serveUntilKilled(_ endpoint: String) async throws {
    let owner = ZeroMQThread(context: try ZeroMQContext())
    let sink = WorkSink(
      on: owner, identity: identity("\(getpid())"), keys: nil, creditWindow: window,
      silenceLimit: .patience)
    await sink.update(peers: [LinkPeer(instanceID: "up", endpoint: endpoint, serverPublicKey: nil)])
    for await batch in sink.batches { await sink.done(batch.map(\.id)) }
  }
}
