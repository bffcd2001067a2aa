import Testing

@testable import LoadTesting

@Suite("Arrival schedule")
struct ArrivalScheduleTests {
  @Test("With a rate the n-th message is due after n divided by the rate, without drift")
  func steadyRate() {
    let schedule = ArrivalSchedule(messagesPerSecond: 3)
    #expect(schedule.due(after: 0) == .zero)
    #expect(schedule.due(after: 3) == .seconds(1))
    #expect(schedule.due(after: 3_000_000) == .seconds(1_000_000))
    #expect(schedule.due(after: 1) == .nanoseconds(333_333_333))
  }

  @Test("Without a rate messages are due at once")
  func noRate() {
    #expect(ArrivalSchedule(messagesPerSecond: nil).due(after: 1000) == nil)
  }

  @Test("Latency counts from the due time of a late request, and from the send time without a due time")
  func coordinatedOmission() {
    let schedule = ArrivalSchedule(messagesPerSecond: 1)
    #expect(schedule.start(due: .seconds(1), sent: .seconds(4)) == .seconds(1))
    #expect(schedule.start(due: nil, sent: .seconds(4)) == .seconds(4))
  }
}
