import DeskCore
import Testing

@Suite struct FirstFailureTests {
  private struct Failure: Error, Equatable {
    let number: Int
  }

  @Test func everyStepIsTriedAndTheFirstFailureKept() async {
    var failures = FirstFailure()
    var tried: [Int] = []
    for number in 1...4 {
      await failures.attempt {
        tried.append(number)
        if number.isMultiple(of: 2) { throw Failure(number: number) }
      }
    }
    #expect(tried == [1, 2, 3, 4])
    #expect(throws: Failure(number: 2)) { try failures.rethrow() }
  }

  @Test func nothingIsThrownWithoutAFailure() async throws {
    var failures = FirstFailure()
    await failures.attempt {}
    try failures.rethrow()
  }
}
