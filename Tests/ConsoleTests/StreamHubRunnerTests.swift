import Logging
import Messaging
import Observability
import ServiceHealth
import Store
import SystemPrimitives
import TestService
import Testing
import ZeroMQ

@testable import Console
@testable import DeskCore

/// The loops that feed the streams.
@Suite(.timeLimit(.minutes(3))) struct StreamHubRunnerTests {
  private struct Away: Error {}

  /// A database that does not respond.
  private struct AwaySource: StreamSource {
    func ticketsOffered(to agents: [AgentID]) async throws -> [Ticket] { throw Away() }
    func heldVersions(of agents: [AgentID]) async throws -> [HeldVersion] { throw Away() }
    func tickets(_ ids: [TicketID]) async throws -> [TicketID: Ticket] { throw Away() }
    func messagesForOffer(of ticket: TicketID) async throws -> [StoredMessage] { throw Away() }
    func newestNotices(for readers: [NoticeReader]) async throws -> [NoticeReader: [StaffNotice]] { throw Away() }
    func consults(of agents: [AgentID]) async throws -> [AgentID: [StoredConsult]] { throw Away() }
    func validKeys(among ids: [Identifier<APIKey>]) async throws -> Set<Identifier<APIKey>> { throw Away() }
    func touch(_ agents: [AgentID]) async throws { throw Away() }
  }

  /// A database without tickets that records the polls for offers.
  private final class PollRecorder: StreamSource {
    struct State {
      var running = 0
      var mostAtOnce = 0
    }

    let state = PthreadMutex(State())
    /// The agents of each poll.
    let polls: AsyncStream<[AgentID]>
    private let poll: AsyncStream<[AgentID]>.Continuation

    init() { (polls, poll) = AsyncStream.makeStream() }

    func ticketsOffered(to agents: [AgentID]) async throws -> [Ticket] {
      state.withLock { state in
        state.running += 1
        state.mostAtOnce = max(state.mostAtOnce, state.running)
      }
      for _ in 0..<20 { await Task.yield() }
      state.withLock { $0.running -= 1 }
      poll.yield(agents)
      return []
    }

    func heldVersions(of agents: [AgentID]) async throws -> [HeldVersion] { [] }
    func tickets(_ ids: [TicketID]) async throws -> [TicketID: Ticket] { [:] }
    func messagesForOffer(of ticket: TicketID) async throws -> [StoredMessage] { [] }
    func newestNotices(for readers: [NoticeReader]) async throws -> [NoticeReader: [StaffNotice]] { [:] }
    func consults(of agents: [AgentID]) async throws -> [AgentID: [StoredConsult]] { [:] }
    func validKeys(among ids: [Identifier<APIKey>]) async throws -> Set<Identifier<APIKey>> { Set(ids) }
    func touch(_ agents: [AgentID]) async throws {}
  }

  private func names(_ subscription: StreamHub.Subscription) async -> [String] {
    var names: [String] = []
    for await event in subscription.events { names.append(String(event.text.prefix { $0 != "\n" })) }
    return names
  }

  @Test func persistentFailuresAreReportedAndStreamsStayOpen() async throws {
    let owner = ZeroMQThread(context: try ZeroMQContext())
    let metrics = MetricsRegistry()
    let log = LogRecorder()
    let logger = log.logger
    let hub = StreamHub(store: AwaySource(), capacity: 8, metrics: metrics, logger: logger)
    let ann = try #require(await hub.join("ann", with: StreamKey.of("ann")))
    let runner = StreamHubRunner(
      hub: hub, hintSubscriber: HintSubscriber(on: owner, topics: [], keys: nil),
      pauses: .init(offers: .milliseconds(1), keys: .milliseconds(1), pings: .milliseconds(1)), logger: logger)
    let board = TaskBoard(metrics: metrics)
    board.watch([runner])
    let running = Task { try await runner.run() }
    let expected: Set = [
      "stream_consults", "stream_keys", "stream_notices", "stream_offers", "stream_presence", "stream_steps",
    ]
    try await log.waitForWarnings(of: expected)
    #expect(Set(board.problems.map(\.task)) == expected)
    running.cancel()
    try await running.value
    // Between the keep-alives it may say that the database does not answer.
    let sent = await names(ann)
    #expect(sent.first == "retry: 1000" && sent.count { $0 == ": ping" } >= 3, "\(sent.prefix(9))")
    await owner.stop()
  }

  /// Polls that overlap could announce an offer again that has ended.
  @Test func pollsRunOneAtATimeAndEachJoinIsFollowedByOne() async throws {
    let owner = ZeroMQThread(context: try ZeroMQContext())
    let source = PollRecorder()
    let logger = Logger.silent
    let hub = StreamHub(store: source, capacity: 1000, metrics: MetricsRegistry(), logger: logger)
    let never: Duration = .seconds(3600)
    let runner = StreamHubRunner(
      hub: hub, hintSubscriber: HintSubscriber(on: owner, topics: [], keys: nil),
      pauses: .init(offers: never, keys: never, pings: never), logger: logger)
    let running = Task { try await runner.run() }
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<200 {
        group.addTask {
          let agent = AgentID("agent-\(number)")
          #expect(await hub.join(agent, with: StreamKey.of(agent)) != nil)
        }
      }
    }
    // Hangs when a join was not followed by a poll.
    for await agents in source.polls where agents.count == 200 { break }
    #expect(source.state.withLock { $0.mostAtOnce } == 1)
    running.cancel()
    try await running.value
    await owner.stop()
  }
}
