import Foundation
import TestKit
import Testing

/// Runs parsers over fuzzed inputs; see `FuzzSettings`. An input that ends the process leaves its number: the progress is in the file named
/// by FRONTDESK_FUZZ_TRACE, if set.
enum FuzzRun {
  static let inputs = FuzzSettings.inputs
  static let seed = FuzzSettings.seed
  /// Kilobytes by which the process may grow over a run, whatever the number of inputs: caches and the allocator's slack.
  private static let growthMaximum = 64 << 10

  /// Passes every input to a parser, and checks that memory does not grow with their number.
  static func run(
    _ mutator: Mutator, share: Int = 1, sourceLocation: SourceLocation = #_sourceLocation,
    _ parse: (_ input: [UInt8], _ number: Int) throws -> Void
  ) rethrows {
    var mutator = mutator
    let count = inputs / share
    let trace = ProcessInfo.processInfo.environment["FRONTDESK_FUZZ_TRACE"]
    var settled = ProcessMemory.residentKilobytes()
    for number in 0..<count {
      let input = mutator.next()
      if let trace { try? Data("seed \(seed), input \(number)\n".utf8).write(to: URL(fileURLWithPath: trace)) }
      try parse(input, number)
      // The first tenth warms up caches.
      if number == count / 10 { settled = ProcessMemory.residentKilobytes() }
    }
    let growth = ProcessMemory.residentKilobytes() - settled
    #expect(growth < growthMaximum, "the process grew by \(growth) kB (seed \(seed))", sourceLocation: sourceLocation)
  }

  /// Records an unmet condition. Cheaper than an expectation if all goes well, as it nearly always does.
  static func demand(_ holds: Bool, _ what: @autoclosure () -> String, input: Int) {
    if !holds { Issue.record("\(what()) (seed \(seed), input \(input))") }
  }
}
