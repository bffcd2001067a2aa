import Testing

@testable import ZeroMQ

@Suite struct RouterEndpointTests {
  private func makeEndpoint(
    options: SocketOptions = SocketOptions(), waitingLimit: Int = 4096
  ) async throws -> (RouterEndpoint, ZeroMQThread, String) {
    let owner = ZeroMQThread(context: try ZeroMQContext())
    let router = try RouterEndpoint(on: owner, options: options, waitingLimit: waitingLimit)
    return (router, owner, try await router.bind(to: "tcp://127.0.0.1:*"))
  }

  @Test func bindReportsTheActualPort() async throws {
    let (router, owner, endpoint) = try await makeEndpoint()
    #expect(endpoint.hasPrefix("tcp://127.0.0.1:"))
    #expect(Int(endpoint.split(separator: ":").last ?? "") ?? 0 > 0)
    await router.close()
    await owner.stop()
  }

  @Test func answersReturnToTheRequester() async throws {
    let (router, owner, endpoint) = try await makeEndpoint()
    let first = try TestPeer(.dealer)
    let second = try TestPeer(.dealer)
    try await first.connect(to: endpoint)
    try await second.connect(to: endpoint)
    try await first.send([[1], [10]])
    try await second.send([[2], [20]])
    var answered = 0
    for await batch in router.messages {
      await router.send(batch.map { PeerMessage(peer: $0.peer, frames: $0.frames.reversed()) })
      answered += batch.count
      if answered == 2 { break }
    }
    #expect(await first.next()?.frames == [[10], [1]])
    #expect(await second.next()?.frames == [[20], [2]])
    #expect(await router.undeliverableCount == 0)
    for peer in [first, second] { await peer.close(); await peer.owner.stop() }
    await router.close()
    await owner.stop()
  }

  @Test func requestSocketsAreServed() async throws {
    let (router, owner, endpoint) = try await makeEndpoint()
    let client = try TestPeer(.request)
    try await client.connect(to: endpoint)
    try await client.send([[5]])
    var iterator = router.messages.makeAsyncIterator()
    let batch = try #require(await iterator.next())
    #expect(batch[0].frames == [[], [5]])
    await router.send([PeerMessage(peer: batch[0].peer, frames: [[], [6]])])
    #expect(await client.next()?.frames == [[6]])
    await client.close()
    await client.owner.stop()
    await router.close()
    await owner.stop()
  }

  @Test func sendsToUnknownPeersAreCountedNotFatal() async throws {
    let (router, owner, _) = try await makeEndpoint()
    await router.send([PeerMessage(peer: [1, 2, 3], frames: [[1]])])
    #expect(await router.undeliverableCount == 1)
    await router.close()
    await owner.stop()
  }

  @Test func tooManyFramesAreMarked() async throws {
    let (router, owner, endpoint) = try await makeEndpoint()
    let client = try TestPeer(.dealer)
    try await client.connect(to: endpoint)
    try await client.send((0..<100).map { [UInt8($0)] })
    try await client.send([[1]])
    var messages: [PeerMessage] = []
    for await batch in router.messages {
      messages += batch
      if messages.count == 2 { break }
    }
    #expect(messages[0].isTruncated)
    #expect(messages[0].frames.count == ZeroMQBounds.framesPerMessage - 1)
    #expect(!messages[1].isTruncated && messages[1].frames == [[1]])
    await client.close()
    await client.owner.stop()
    await router.close()
    await owner.stop()
  }

  @Test func aSlowConsumerSlowsTheSender() async throws {
    var options = SocketOptions()
    options.receiveHighWaterMark = 10
    options.sendHighWaterMark = 10
    let (router, owner, endpoint) = try await makeEndpoint(options: options, waitingLimit: 10)
    let client = try TestPeer(.dealer, options: options)
    try await client.connect(to: endpoint)
    let payload = [UInt8](repeating: 7, count: 100_000)
    // There is no consumer: sending must stop by itself, with far less accepted than was offered.
    try await client.send([[0], payload])
    var sent = 1
    var refusals = 0
    while refusals < 3000 && sent < 5000 {
      if try await client.trySend([[0], payload]) { (sent, refusals) = (sent + 1, 0) } else { refusals += 1 }
    }
    #expect(sent < 2000)
    var taken = 0
    for await batch in router.messages {
      taken += batch.count
      if taken == sent { break }
    }
    #expect(taken == sent)
    await client.close()
    await client.owner.stop()
    await router.close()
    await owner.stop()
  }
}
