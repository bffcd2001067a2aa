import DeskCore
import Testing

@testable import LoadTesting

@Suite("Message line")
struct MessageLineTests {
  private static func line(_ channels: [ChannelID], batchLimit: Int, rate: Double? = nil) -> MessageLine {
    MessageLine(count: channels.count, batchLimit: batchLimit, schedule: ArrivalSchedule(messagesPerSecond: rate)) {
      SentMessage(channel: channels[$0], id: "\($0)", customer: "c", text: "t", subject: nil)
    }
  }

  private static func all(_ line: MessageLine) async throws -> [OutgoingBatch] {
    var batches: [OutgoingBatch] = []
    while let batch = try await line.next() { batches.append(batch) }
    return batches
  }

  @Test("A request has one channel's messages in order, and every message is sent once")
  func oneChannelEach() async throws {
    let batches = try await Self.all(Self.line(["a", "b", "a", "b", "a"], batchLimit: 2))
    #expect(batches.map(\.channel) == ["a", "b", "a"])
    #expect(batches.map { $0.messages.map(\.id) } == [["0", "2"], ["1", "3"], ["4"]])
    #expect(batches.map(\.number) == [0, 1, 2])
  }

  @Test("A request is due after the messages before it")
  func dueTimes() async throws {
    let batches = try await Self.all(Self.line(["a", "a", "a", "a"], batchLimit: 2, rate: 2))
    #expect(batches.map(\.due) == [.zero, .seconds(1)])
  }

  @Test("An empty line produces no requests")
  func empty() async throws {
    #expect(try await Self.all(Self.line([], batchLimit: 2)).isEmpty)
  }
}
