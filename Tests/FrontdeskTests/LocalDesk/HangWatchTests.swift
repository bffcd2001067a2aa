import Testing

@testable import Frontdesk

@Suite("When a process hangs") struct HangWatchTests {
  private let start = ContinuousClock.now

  /// Each second an answer: + is a good one, - is none. The verdict after each: ! replaces.
  private func verdicts(_ answers: String, every seconds: Double = 1) -> String {
    var watch = HangWatch(startedAt: start)
    return String(
      answers.enumerated().map { position, answer in
        watch.take(isAlive: answer == "+", at: start + .seconds(Double(position) * seconds)) ? "!" : "."
      })
  }

  @Test(arguments: [
    // It lives, stops, and is replaced after five in a row.
    ("+++-----", ".......!"),
    // A gap shorter than that is forgiven each time.
    ("+----+----+", "..........."),
    // One that was never asked in vain is never replaced.
    ("++++++++++", ".........."),
  ])
  func transcripts(_ answers: String, _ expected: String) {
    #expect(verdicts(answers) == expected)
  }

  @Test func aStartMayTakeAMinute() {
    let silent = String(repeating: "-", count: 70)
    #expect(
      verdicts(silent).firstIndex(of: "!").map { verdicts(silent).distance(from: silent.startIndex, to: $0) } == 60)
    // Asked ten times a second, it is no sooner.
    #expect(!verdicts(String(repeating: "-", count: 599), every: 0.1).contains("!"))
    #expect(verdicts(String(repeating: "-", count: 599) + "+-----", every: 0.1).suffix(6) == ".....!")
  }

  @Test func aStopOfOurOwnIsNotTakenForOneOfTheirs() {
    // A laptop that slept for an hour: the first question after it is one question.
    var watch = HangWatch(startedAt: start)
    let verdicts = [(true, 1), (false, 3601), (true, 3602)].map { isAlive, second in
      watch.take(isAlive: isAlive, at: start + .seconds(second))
    }
    #expect(!verdicts.contains(true))
  }

  @Test func theBoundsFitEachOther() {
    // Slower than a lease holds (4 s), so that a short stop harms nobody, and soon enough to matter.
    let quickest = UpBounds.readyProbePause * UpBounds.hangFailures
    let slowest = (UpBounds.readyProbePause + UpBounds.probeTimeout) * UpBounds.hangFailures
    #expect(quickest > .seconds(4) && slowest <= .seconds(20))
    #expect(ChaosBounds.pauseMilliseconds.upperBound < 1000 * Int((UpBounds.probeTimeout * 4).components.seconds))
  }
}
