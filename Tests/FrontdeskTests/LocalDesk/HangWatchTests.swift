import Testing

@testable import DeskSupervisor
@testable import LoadTesting

@Suite("Hang detection") struct HangWatchTests {
  private let start = ContinuousClock.now

  /// One answer per second: + is a good one, - is none. The verdict after each: ! means replace.
  private func verdicts(_ answers: String, every seconds: Double = 1) -> String {
    var watch = HangWatch(startedAt: start)
    return String(
      answers.enumerated().map { position, answer in
        watch.take(isAlive: answer == "+", at: start + .seconds(Double(position) * seconds)) ? "!" : "."
      })
  }

  @Test(arguments: [
    // It answers, stops, and is replaced after five misses in a row.
    ("+++-----", ".......!"),
    // A shorter gap is tolerated each time.
    ("+----+----+", "..........."),
    // A process that never misses is never replaced.
    ("++++++++++", ".........."),
  ])
  func onlyALongEnoughSilenceIsAHang(_ answers: String, _ expected: String) {
    #expect(verdicts(answers) == expected)
  }

  @Test func aStartMayTakeAMinute() {
    let silent = String(repeating: "-", count: 70)
    #expect(
      verdicts(silent).firstIndex(of: "!").map { verdicts(silent).distance(from: silent.startIndex, to: $0) } == 60)
    // Probing ten times per second does not replace it sooner.
    #expect(!verdicts(String(repeating: "-", count: 599), every: 0.1).contains("!"))
    #expect(verdicts(String(repeating: "-", count: 599) + "+-----", every: 0.1).suffix(6) == ".....!")
  }

  @Test func ourOwnPauseIsNotMistakenForAHang() {
    // A laptop that slept for an hour: the first probe afterwards is one probe.
    var watch = HangWatch(startedAt: start)
    let verdicts = [(true, 1), (false, 3601), (true, 3602)].map { isAlive, second in
      watch.take(isAlive: isAlive, at: start + .seconds(second))
    }
    #expect(!verdicts.contains(true))
  }

  @Test func theLimitsAreConsistent() {
    // Slower than a lease holds (4 s), so that a short stop is harmless, and fast enough to matter.
    let quickest = UpBounds.readyProbePause * UpBounds.hangFailures
    let slowest = (UpBounds.readyProbePause + UpBounds.probeTimeout) * UpBounds.hangFailures
    #expect(quickest > .seconds(4) && slowest <= .seconds(20))
    #expect(ChaosBounds.pauseMilliseconds.upperBound < 1000 * Int((UpBounds.probeTimeout * 4).components.seconds))
  }
}
