import Crypto
import DeskCore
import HTTPService
import HTTPTypes
import Hummingbird
import Observability
import PostgreSQL
import ServiceHealth
import ServiceProcess
import TestKit
import TestService
import Testing
import UseCases
import ZeroMQ

@testable import Intake
@testable import Store

@Suite("TokenBucket")
struct TokenBucketTests {
  @Test("a burst passes, then only the refill rate")
  func allowsABurstThenTheRefillRate() {
    let start = ContinuousClock.now
    var bucket = TokenBucket(perSecond: 10, burst: 20, now: start)
    #expect(bucket.take(20, now: start) == nil)
    #expect(bucket.take(1, now: start) == .milliseconds(100))
    #expect(bucket.take(5, now: start + .milliseconds(500)) == nil)
    #expect(bucket.take(1, now: start + .milliseconds(500)) == .milliseconds(100))
  }

  @Test("a request larger than the burst passes when the bucket is full, and is paid for afterwards")
  func largeRequestsPassWhenTheBucketIsFull() {
    let start = ContinuousClock.now
    var bucket = TokenBucket(perSecond: 8, burst: 20, now: start)
    #expect(bucket.take(100, now: start) == nil)
    #expect(bucket.take(1, now: start) == .milliseconds(10_125))
  }

  @Test("each key has its own bucket; 0 means unlimited")
  func keysHaveSeparateBuckets() {
    let now = ContinuousClock.now
    let limiter = RateLimiter<String>(perSecond: 1, burst: 1)
    #expect(limiter.take(1, for: "a", now: now) == nil)
    #expect(limiter.take(1, for: "a", now: now) == .seconds(1))
    #expect(limiter.take(1, for: "b", now: now) == nil)
    let open = RateLimiter<String>(perSecond: 0, burst: 1)
    #expect((0..<1000).allSatisfy { _ in open.take(1000, for: "a", now: now) == nil })
  }
}

@Suite struct ChannelKeyGuardTests {
  private static let secret = "a-channel-key-of-some-length"

  private func status(
    _ authorization: String?, role: Role = .channel, access: KeyAccess = .full, for asked: KeyAccess = .full
  ) async throws -> Int? {
    let digest = Array(SHA256.hash(data: Array(Self.secret.utf8)))
    let keys = ChannelKeyGuard { asked in
      guard asked.contains(digest) else { return [:] }
      let key = APIKey(
        id: Identifier(high: 1, low: 1), role: role, channel: role == .channel ? "web" : nil, agent: nil, label: "test",
        createdAt: Instant(seconds: 0), expiresAt: nil, revokedAt: nil, access: access)
      return [digest: key]
    }
    do {
      #expect(try await keys.bearer(authorization: authorization, for: asked).channel == "web")
      return nil
    } catch let problem as HTTPProblem {
      #expect(!"\(problem)".contains("some-length"))
      return problem.status.code
    }
  }

  @Test("accepts only a known channel's bearer key")
  func acceptsOnlyKnownChannelKeys() async throws {
    #expect(try await status("Bearer \(Self.secret)") == nil)
    #expect(try await status("bearer \(Self.secret)") == nil)
    #expect(try await status(nil) == 401)
    #expect(try await status("") == 401)
    #expect(try await status("Basic \(Self.secret)") == 401)
    #expect(try await status("Bearer") == 401)
    #expect(try await status("Bearer short") == 401)
    #expect(try await status("Bearer \(Self.secret)x") == 401)
    #expect(try await status("Bearer \(Self.secret) \(Self.secret)") == 401)
    #expect(try await status("Bearer \(String(repeating: "x", count: 5000))") == 401)
    #expect(try await status("Bearer \(Self.secret)", role: .operator) == 403)
  }
}

extension ChannelKeyGuardTests {
  @Test("rejects submissions with a read-only key")
  func rejectsReadOnlyKeys() async throws {
    #expect(try await status("Bearer \(Self.secret)", access: .read) == 403)
    #expect(try await status("Bearer \(Self.secret)", access: .read, for: .read) == nil)
    #expect(try await status("Bearer \(Self.secret)", for: .read) == nil)
  }
}

@Suite("ChannelKeys")
struct ChannelKeysTests {
  private struct Away: Error {}

  @Test("a connection is refused while keys cannot be looked up, and the failure is reported")
  func reportsFailedLookUps() async throws {
    let keys = ChannelKeys(logger: .silent) { _ in throw Away() }
    let key = try CurveKeyPair.generate().publicKey
    for _ in 0..<TaskBounds.failuresBeforeWarning {
      await #expect(throws: Away.self) { try await keys.channel(of: key) }
    }
    #expect(keys.task.problem?.task == "channel_keys" && keys.task.problem?.kind == "Away")
  }
}

@Suite("MessageRoutes")
struct MessageRoutesTests {
  /// Commits nothing.
  private struct NoTarget: CommitTarget {
    func accept(_ messages: [IncomingMessage], isCareful: Bool) async throws -> CommitReceipt {
      throw CancellationError()
    }
    func handOver(_ messages: [AcceptedMessage], owner: InstanceID?) async {}
  }

  @Test("every served route is in the OpenAPI description")
  func everyRouteIsInTheOpenAPIDescription() async throws {
    // Never connected: the routes are only listed.
    let pool = PostgresPool(
      try PostgresConfiguration("host=/nowhere"),
      limits: PostgresPoolLimits(connectionsMinimum: 0, connectionsMaximum: 1))
    let store = DeskStore(pool: pool)
    let metrics = IntakeMetrics(registry: MetricsRegistry())
    let committer = GroupCommitter(target: NoTarget(), timer: laterOnDispatch, metrics: metrics, logger: .silent)
    let routes = MessageRoutes(
      desk: MessageDesk(committer: committer, metrics: metrics, now: { Instant(seconds: 0) }), store: store,
      keys: ChannelKeyGuard { _ in [:] }, limiter: RateLimiter(perSecond: 0, burst: 1), metrics: metrics,
      gateway: ChannelGateway.Address(endpoint: "", publicKey: try CurveKeyPair.generate().publicKey),
      feedback: FeedbackRoute(
        stepper: TicketStepper(
          store: store, clock: DatabaseClock(Instant(seconds: 0)),
          policy: PolicyFollower(store: store, logger: .silent)
        ) { _ in }, metrics: metrics, masksPersonalData: { _ in false }))
    let served = routes.router(metrics: MetricsRegistry()).described
    let check = try #require(OpenAPICheck(IntakeOpenAPI.document.json))
    #expect(served == check.operations)
    #expect(served == Set(IntakeOpenAPI.document.operations.map(\.route)))
    await pool.shutdown()
  }
}

@Suite("ChannelRequest")
struct ChannelRequestTests {
  private static let json = Array("application/json".utf8)

  @Test("three frames are a request, four with the delimiter; the answer repeats delimiter and id")
  func readsThreeOrFourFrames() throws {
    let plain = try ChannelRequest.read([[1], Self.json, [2]], isTruncated: false).get()
    #expect(plain.envelope.frames("x", [3]) == [[1], [0x78], [3]])
    let delimited = try ChannelRequest.read([[], [], Self.json, []], isTruncated: false).get()
    #expect(delimited.envelope.frames("x", [3]) == [[], [], [0x78], [3]])
    let emptyID = try ChannelRequest.read([[], Self.json, [2]], isTruncated: false).get()
    #expect(emptyID.envelope.frames("x", [3]) == [[], [0x78], [3]])
  }

  @Test(
    "other frames get a problem under their id, if it can be read",
    arguments: [
      ([[1]], false, [1], false), ([[1], []], false, [1], false), ([[], [1]], false, [1], true),
      ([[1], [2], [3], [4]], false, [1], false), ([[], [1], [2], [3], [4]], false, [1], true),
      ([[1], [0x78], [3]], false, [1], false), ([Array(repeating: 7, count: 65), json, [1]], false, [], false),
      ([[1], json, [2]], true, [1], false),
    ] as [([[UInt8]], Bool, [UInt8], Bool)])
  func answersOtherFramesWithAProblem(frames: [[UInt8]], isTruncated: Bool, id: [UInt8], hasDelimiter: Bool) {
    guard case .failure(let fault) = ChannelRequest.read(frames, isTruncated: isTruncated) else {
      Issue.record("the frames were accepted")
      return
    }
    #expect(fault.envelope.requestID == id)
    #expect(fault.envelope.hasDelimiter == hasDelimiter)
  }

  @Test("the peer survives a round trip through the user id")
  func peerSurvivesTheUserIDRoundTrip() throws {
    let key = try CurveKeyPair.generate().publicKey
    let user = ChannelUser(channel: "partner.cn", key: key)
    #expect(try ChannelUser(#require(user.userID)) == user)
    #expect(ChannelUser(try #require(UserID("partner.cn"))) == nil)
  }

  @Test("requests in progress are counted per peer and in total")
  func limitsRequestsPerPeerAndInTotal() {
    let limits = PeerLimits(perPeer: .init(requests: 2, bytes: 10), inAll: .init(requests: 3, bytes: 12))
    #expect(limits.enter([1], bytes: 1) == .admitted)
    #expect(limits.enter([1], bytes: 1) == .admitted)
    #expect(limits.enter([1], bytes: 1) == .peerIsFull)
    #expect(limits.enter([2], bytes: 1) == .admitted)
    #expect(limits.enter([3], bytes: 1) == .allAreFull)
    limits.leave([1], bytes: 1)
    #expect(limits.enter([3], bytes: 1) == .admitted)
    limits.leave([9], bytes: 1)
    #expect(limits.enter([1], bytes: 1) == .allAreFull)
  }

  @Test("bytes in progress are counted per peer and in total; one request is always accepted")
  func limitsBytesPerPeerAndInTotal() {
    let limits = PeerLimits(perPeer: .init(requests: 9, bytes: 10), inAll: .init(requests: 9, bytes: 12))
    #expect(limits.enter([1], bytes: 8) == .admitted)
    #expect(limits.enter([1], bytes: 3) == .peerIsFull)
    #expect(limits.enter([2], bytes: 5) == .allAreFull)
    #expect(limits.enter([2], bytes: 4) == .admitted)
    limits.leave([1], bytes: 8)
    limits.leave([2], bytes: 4)
    #expect(limits.enter([1], bytes: 100) == .admitted)
    #expect(limits.enter([2], bytes: 1) == .allAreFull)
  }
}
