import HTTPTypes
import Testing

@testable import HTTPService

/// The limits of a connection, as transcripts of events and their results.
@Suite struct ConnectionTimesTests {
  private static let start = ContinuousClock.now
  private static let limits = ConnectionTimes.Limits(
    answerTimeout: .seconds(30), writeWindow: .seconds(20), bytesPerWriteWindow: 1000, unansweredRequests: 3,
    closingTime: .seconds(2), readsBodiesOnDemand: true)

  private static func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

  private func due(_ times: ConnectionTimes) -> Double? {
    times.deadline.map { Self.start.duration(to: $0) / .seconds(1) }
  }

  private func request(_ times: inout ConnectionTimes, _ seconds: Double) {
    for event: ConnectionTimes.Event in [.received, .requestBegan, .requestEnded] {
      #expect(times.handle(event, now: Self.at(seconds)) == nil)
    }
  }

  private func answer(_ times: inout ConnectionTimes, _ seconds: Double) {
    for event: ConnectionTimes.Event in [.answerBegan, .answerEnded] {
      #expect(times.handle(event, now: Self.at(seconds)) == nil)
    }
  }

  @Test func aSlowRequestIsTimedFromItsFirstByte() {
    var times = ConnectionTimes(Self.limits)
    for second in 0..<30 { #expect(times.handle(.received, now: Self.at(Double(second))) == nil) }
    #expect(due(times) == 30)
    #expect(times.handle(.timePassed, now: Self.at(29.9)) == nil)
    #expect(times.handle(.timePassed, now: Self.at(30)) == .close(.requestTooSlow))
  }

  @Test func onlyItsOwnAnswerStopsARequestsTimer() {
    var times = ConnectionTimes(Self.limits)
    request(&times, 0)
    request(&times, 1)
    answer(&times, 10)
    // Writing the first answer does not clear the second request's timer.
    #expect(times.handle(.queued(bytes: 10), now: Self.at(10)) == nil)
    #expect(times.handle(.taken(bytes: 10), now: Self.at(25)) == nil)
    #expect(due(times) == 40)
    #expect(times.handle(.timePassed, now: Self.at(40)) == .close(.requestTooSlow))
  }

  @Test func anAnswerBeingWrittenIsNotTimedAsARequest() {
    var times = ConnectionTimes(Self.limits)
    request(&times, 0)
    #expect(times.handle(.answerBegan, now: Self.at(1)) == nil)
    request(&times, 2)
    #expect(due(times) == nil, "a stream may last, and requests waiting behind it are not their sender's fault")
    #expect(times.handle(.answerEnded, now: Self.at(1000)) == nil)
    #expect(due(times) == 1030)
  }

  @Test func aPeerThatReadsTooSlowlyIsDisconnected() {
    var times = ConnectionTimes(Self.limits)
    request(&times, 0)
    #expect(times.handle(.answerBegan, now: Self.at(0)) == nil)
    #expect(times.handle(.queued(bytes: 10_000), now: Self.at(0)) == nil)
    #expect(due(times) == 20)
    // A few bytes now and then are not enough.
    for second in 1..<20 { #expect(times.handle(.taken(bytes: 50), now: Self.at(Double(second))) == nil) }
    #expect(times.handle(.timePassed, now: Self.at(20)) == .close(.peerDoesNotRead))
    // Only once: events caused by the close itself are ignored.
    #expect(due(times) == nil)
    #expect(times.handle(.timePassed, now: Self.at(40)) == nil)
  }

  @Test func aPeerThatReadsEnoughStaysConnected() {
    var times = ConnectionTimes(Self.limits)
    request(&times, 0)
    #expect(times.handle(.answerBegan, now: Self.at(0)) == nil)
    #expect(times.handle(.queued(bytes: 2500), now: Self.at(0)) == nil)
    #expect(times.handle(.taken(bytes: 1000), now: Self.at(19)) == nil)
    #expect(due(times) == 39)
    #expect(times.handle(.taken(bytes: 1000), now: Self.at(38)) == nil)
    #expect(due(times) == 58)
    #expect(times.handle(.taken(bytes: 500), now: Self.at(57)) == nil)
    #expect(due(times) == nil, "everything was read")
  }

  @Test func readingStopsWhileTooManyRequestsArePending() {
    var times = ConnectionTimes(Self.limits)
    for number in 0..<3 {
      #expect(times.mayRead && times.mayDecode)
      request(&times, Double(number))
    }
    #expect(!times.mayRead && !times.mayDecode)
    answer(&times, 4)
    #expect(times.mayRead && times.mayDecode)
  }

  @Test func aBodyIsReadOnDemand() {
    var times = ConnectionTimes(Self.limits)
    _ = times.handle(.received, now: Self.at(0))
    _ = times.handle(.requestBegan, now: Self.at(0))
    #expect(!times.mayRead, "the key is not verified yet")
    _ = times.handle(.bodyWanted, now: Self.at(1))
    #expect(times.mayRead)
    _ = times.handle(.received, now: Self.at(2))
    #expect(!times.mayRead, "one piece at a time")
    #expect(due(times) == 30, "partial input does not clear the timer")
    var unlimited = Self.limits
    unlimited.readsBodiesOnDemand = false
    var others = ConnectionTimes(unlimited)
    _ = others.handle(.received, now: Self.at(0))
    _ = others.handle(.requestBegan, now: Self.at(0))
    #expect(others.mayRead)
  }

  @Test func anEarlyAnswerEndsTheConnection() {
    var times = ConnectionTimes(Self.limits)
    _ = times.handle(.received, now: Self.at(0))
    _ = times.handle(.requestBegan, now: Self.at(0))
    #expect(times.endsWithThisAnswer)
    #expect(times.handle(.answerBegan, now: Self.at(1)) == nil)
    #expect(times.handle(.queued(bytes: 300), now: Self.at(1)) == nil)
    #expect(times.handle(.answerEnded, now: Self.at(1)) == nil)
    #expect(times.isDiscarding && times.mayRead, "further input is discarded, so that the answer gets through")
    #expect(times.handle(.taken(bytes: 300), now: Self.at(1.5)) == .closeOutput)
    #expect(due(times) == 3.5)
    #expect(times.handle(.timePassed, now: Self.at(3.5)) == .close(.bodyUnread))
  }

  /// The ends of answers are reported later than their bytes are written; it used to leave the rest of the body unread until the deadline.
  @Test func anEarlyAnswerRightAfterAnotherEndsTheConnection() {
    var times = ConnectionTimes(Self.limits)
    request(&times, 0)
    for event: ConnectionTimes.Event in [.received, .requestBegan, .answerBegan] {
      #expect(times.handle(event, now: Self.at(0)) == nil)
    }
    #expect(times.endsWithThisAnswer)
    #expect(times.handle(.answerBegan, now: Self.at(1)) == nil)
    #expect(times.handle(.queued(bytes: 10), now: Self.at(1)) == nil)
    #expect(times.handle(.answerEnded, now: Self.at(1)) == nil)
    #expect(!times.isDiscarding, "the last answer is still being written")
    #expect(times.handle(.answerEnded, now: Self.at(1)) == nil)
    #expect(times.isDiscarding)
    #expect(times.handle(.taken(bytes: 10), now: Self.at(2)) == .closeOutput)
  }

  @Test func anAnswerAfterTheWholeRequestDoesNotEndTheConnection() {
    var times = ConnectionTimes(Self.limits)
    request(&times, 0)
    #expect(!times.endsWithThisAnswer)
    answer(&times, 1)
    #expect(!times.isDiscarding)
    #expect(due(times) == nil)
  }

  @Test func budgetsAreSharedAndReturned() throws {
    let budget = BodyBudget(bytes: 100, perOwner: 40)
    let (one, other) = (BodyBudget.Account(budget, [1]), BodyBudget.Account(budget, [2]))
    try one.take(40)
    #expect(throws: HTTPProblem.self) { try one.take(1) }
    try other.take(40)
    let third = BodyBudget.Account(budget, [3])
    let problem = #expect(throws: HTTPProblem.self) { try third.take(21) }
    #expect(problem?.status == .serviceUnavailable && problem?.headers[.retryAfter] != nil)
    one.close()
    one.close()
    #expect(budget.taken == 40)
    try third.take(21)
    other.close()
    third.close()
    #expect(budget.taken == 0)
  }
}
