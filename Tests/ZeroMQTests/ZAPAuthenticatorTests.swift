import Testing

@testable import ZeroMQ

@Suite struct ZAPAuthenticatorTests {
  private struct Server {
    let owner: ZeroMQThread
    let router: RouterEndpoint
    let endpoint: String
    let keys: CurveKeyPair

    init() async throws {
      owner = ZeroMQThread(context: try ZeroMQContext())
      keys = try CurveKeyPair.generate()
      let security = SocketOptions.Security.curveServer(secretKey: keys.secretKey, domain: "test")
      router = try RouterEndpoint(on: owner, options: SocketOptions(security: security))
      endpoint = try await router.bind(to: "tcp://127.0.0.1:*")
    }

    func client(_ keys: CurveKeyPair) async throws -> TestPeer {
      let security = SocketOptions.Security.curveClient(keys: keys, server: self.keys.publicKey)
      let peer = try TestPeer(.dealer, options: SocketOptions(security: security))
      try await peer.connect(to: endpoint)
      return peer
    }

    func stop(_ peers: [TestPeer]) async {
      for peer in peers {
        await peer.close()
        await peer.owner.stop()
      }
      await router.close()
      await owner.stop()
    }
  }

  @Test func aKnownKeyCarriesItsUserID() async throws {
    let keys = try CurveKeyPair.generate()
    let server = try await Server()
    let authenticator = try await ZAPAuthenticator(on: server.owner) { request in
      request.publicKey == keys.publicKey && request.domain == "test" ? UserID("worker-1") : nil
    }
    let client = try await server.client(keys)
    for number in 0..<50 { try await client.send([[UInt8(number)]]) }
    var messages: [PeerMessage] = []
    for await batch in server.router.messages {
      messages += batch
      if messages.count == 50 { break }
    }
    #expect(messages.allSatisfy { $0.userID?.name == "worker-1" })
    #expect(await authenticator.refusedCount == 0)
    await authenticator.close()
    await server.stop([client])
  }

  @Test func unknownKeysAreRefusedWhileKnownKeysAreServed() async throws {
    let known = try CurveKeyPair.generate()
    let asked = AsyncStream<Bool>.makeStream()
    let server = try await Server()
    let authenticator = try await ZAPAuthenticator(on: server.owner) { request in
      asked.continuation.yield(request.publicKey == known.publicKey)
      return request.publicKey == known.publicKey ? UserID("known") : nil
    }
    let stranger = try await server.client(CurveKeyPair.generate())
    var decisions = asked.stream.makeAsyncIterator()
    #expect(await decisions.next() == false)
    let client = try await server.client(known)
    try await client.send([[1]])
    var iterator = server.router.messages.makeAsyncIterator()
    #expect(await iterator.next()?.map(\.frames) == [[[1]]])
    #expect(try await !stranger.trySend([[2]]))
    #expect(await authenticator.refusedCount >= 1)
    await authenticator.close()
    await server.stop([client, stranger])
  }

  @Test func withoutAHandlerAllConnectionsAreRefused() async throws {
    let server = try await Server()
    let client = try await server.client(CurveKeyPair.generate())
    let open = try await Server()
    let authenticator = try await ZAPAuthenticator(on: open.owner) { _ in UserID("anyone") }
    let other = try await open.client(CurveKeyPair.generate())
    // The connection with a handler is complete; the one without has had the same time, and is not.
    try await other.send([[1]])
    var iterator = open.router.messages.makeAsyncIterator()
    #expect(await iterator.next() != nil)
    #expect(try await !client.trySend([[1]]))
    #expect(server.router.messages.count == 0)
    await authenticator.close()
    await server.stop([client])
    await open.stop([other])
  }

  @Test func decisionsMayCompleteOutOfOrder() async throws {
    let slow = try CurveKeyPair.generate()
    let quick = try CurveKeyPair.generate()
    let gate = AsyncStream<Void>.makeStream()
    let server = try await Server()
    let authenticator = try await ZAPAuthenticator(on: server.owner) { request in
      guard request.publicKey == slow.publicKey else { return UserID("quick") }
      for await _ in gate.stream { break }
      return UserID("slow")
    }
    let slowClient = try await server.client(slow)
    let quickClient = try await server.client(quick)
    try await quickClient.send([[1]])
    var iterator = server.router.messages.makeAsyncIterator()
    #expect(await iterator.next()?.first?.userID?.name == "quick")
    gate.continuation.finish()
    try await slowClient.send([[2]])
    #expect(await iterator.next()?.first?.userID?.name == "slow")
    await authenticator.close()
    await server.stop([slowClient, quickClient])
  }

  @Test func aContextHasOneHandler() async throws {
    let owner = ZeroMQThread(context: try ZeroMQContext())
    let first = try await ZAPAuthenticator(on: owner) { _ in nil }
    await #expect(throws: ZeroMQError.self) { try await ZAPAuthenticator(on: owner) { _ in nil } }
    await first.close()
    await owner.stop()
  }
}
