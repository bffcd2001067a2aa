import Curl
import DeskCore
import Testing

@testable import Notifier

@Suite struct DeliveryOutcomeTests {
  private let now = Instant(seconds: 1_000_000_000)  // Sun, 09 Sep 2001 01:46:40 GMT

  private func outcome(_ status: Int, _ headers: HTTPHeaders = [:]) -> DeliveryOutcome {
    DeliveryOutcome(HTTPClient.Response(status: status, headers: headers), now: now)
  }

  @Test(arguments: [200, 202, 204, 299])
  func everySuccessStatusIsDelivered(status: Int) {
    #expect(outcome(status) == .delivered)
  }

  @Test func status410IsPermanent() {
    #expect(outcome(410) == .gone)
  }

  @Test(arguments: [301, 307, 400, 404, 500, 502])
  func otherStatusesAreRetried(status: Int) {
    guard case .failed(let reason, nil) = outcome(status) else {
      Issue.record("\(status) is not a failure")
      return
    }
    #expect(reason.contains("\(status)"))
  }

  @Test(arguments: [
    ("120", Duration.seconds(120)), ("0", .zero), ("Sun, 09 Sep 2001 01:47:40 GMT", .seconds(60)),
    ("Sun, 09 Sep 2001 01:45:40 GMT", .zero), ("9999999", .seconds(86_400)),
    ("99999999999999999999999", .seconds(86_400)), ("Sunday, 09-Sep-01 01:47:40 GMT", .seconds(60)),
    ("Sun Sep  9 01:47:40 2001", .seconds(60)), ("Fri, 31 Dec 9999 23:59:59 GMT", .seconds(86_400)),
  ])
  func honoursRetryAfter(text: String, asked: Duration) {
    for status in [429, 503] {
      guard case .failed(_, let read) = outcome(status, ["retry-after": text]) else {
        Issue.record("\(status) is not a failure")
        return
      }
      #expect(read == asked)
    }
  }

  @Test(
    arguments: [
      "", "-1", "soon", "1.5", "+5", " 5", "１２", "Sun, 09 Sep 294248 01:47:40 GMT", "Sun, 31 Feb 2001 01:47:40 GMT",
    ])
  func ignoresInvalidRetryAfter(text: String) {
    #expect(DeliveryOutcome.retryAfter(text, now: now) == nil)
  }
}
