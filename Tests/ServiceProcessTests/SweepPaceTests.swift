import ServiceProcess
import Testing

@Suite struct SweepPaceTests {
  @Test(arguments: [
    (Duration.zero, Duration.milliseconds(500)), (.milliseconds(20), .milliseconds(500)),
    (.milliseconds(50), .milliseconds(950)), (.seconds(1), .seconds(3)), (.seconds(60), .seconds(3)),
  ])
  func slowerEmptySweepsHaveLongerPauses(took: Duration, rest: Duration) {
    #expect(SweepPace.rest(after: took) == rest)
  }
}
