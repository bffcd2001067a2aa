import DeskCore
import SystemPrimitives
import Testing

@testable import LoadTesting

/// A scripted transport: one list of fates for each request.
private final class ScriptedWay: MessageTransport {
  private let script: PthreadMutex<[[MessageFate]]>
  private let requests = PthreadMutex<[[String]]>([])

  init(_ script: [[MessageFate]]) { self.script = PthreadMutex(script) }

  var seen: [[String]] { requests.withLock { $0 } }

  func send(_ messages: [SentMessage], on channel: ChannelID) async throws -> [MessageFate] {
    requests.withLock { $0.append(messages.map(\.id)) }
    return script.withLock { $0.isEmpty ? messages.map { _ in .later(reason: "away") } : $0.removeFirst() }
  }

  func close() async {}
}

@Suite("Sending")
struct SendRunTests {
  private static let safe = MessageFate.acknowledged(message: "m", ticket: "t", isDuplicate: false)

  private static func run(_ way: ScriptedWay, count: Int, giveUpAfter: Duration) async throws -> SendTally.Counts {
    let tally = SendTally()
    let schedule = ArrivalSchedule(messagesPerSecond: nil)
    let line = MessageLine(count: count, batchLimit: count, schedule: schedule) {
      SentMessage(channel: "web", id: "\($0)", customer: "c", text: "t", subject: nil)
    }
    try await SendRun(
      line: line, schedule: schedule, choice: .http, http: way, zeroMQ: nil, connections: 2, giveUpAfter: giveUpAfter,
      log: nil, tally: tally
    ).run()
    return tally.counts
  }

  @Test("Only messages without a final answer are sent again, under the same id")
  func repeats() async throws {
    let way = ScriptedWay([[Self.safe, .later(reason: "busy"), .refused(reason: "wrong")], [Self.safe]])
    let counts = try await Self.run(way, count: 3, giveUpAfter: .seconds(60))
    #expect(way.seen == [["0", "1", "2"], ["1"]])
    #expect(counts.acknowledged == 2)
    #expect(counts.refused == 1)
    #expect(counts.repetitions == 1)
    #expect(counts.unacknowledged == 1)
  }

  @Test("Messages that are never accepted are abandoned after the timeout")
  func givesUp() async throws {
    let way = ScriptedWay([])
    let counts = try await Self.run(way, count: 2, giveUpAfter: .zero)
    #expect(counts.abandoned == 2)
    #expect(counts.acknowledged == 0)
    #expect(counts.leadingReasons.first?.reason == "away")
  }
}
