import Foundation
import Testing

/// How much is tried, and what for.
///
/// FRONTDESK_FUZZ_INPUTS sets the number of inputs of each test (a million and more for a night), FRONTDESK_FUZZ_SEED the seed. An
/// input that ends the process leaves its number: the progress is in the file that FRONTDESK_FUZZ_TRACE names, if it names one.
enum FuzzRun {
  static let inputs = number("FRONTDESK_FUZZ_INPUTS") ?? 1000
  static let seed = UInt64(number("FRONTDESK_FUZZ_SEED") ?? 20_261_122)
  /// Kilobytes by which the process may grow over a run, whatever the number of inputs: caches and the allocator's slack.
  private static let growthMaximum = 64 << 10

  /// Hands every input to a parser, and sees that memory does not grow with their number.
  static func run(
    _ mutator: Mutator, share: Int = 1, sourceLocation: SourceLocation = #_sourceLocation,
    _ parse: (_ input: [UInt8], _ number: Int) throws -> Void
  ) rethrows {
    var mutator = mutator
    let count = inputs / share
    let trace = ProcessInfo.processInfo.environment["FRONTDESK_FUZZ_TRACE"]
    var settled = residentKilobytes
    for number in 0..<count {
      let input = mutator.next()
      if let trace { try? Data("seed \(seed), input \(number)\n".utf8).write(to: URL(fileURLWithPath: trace)) }
      try parse(input, number)
      // What the first tenth needs is what it costs to be warm.
      if number == count / 10 { settled = residentKilobytes }
    }
    let growth = residentKilobytes - settled
    #expect(growth < growthMaximum, "the process grew by \(growth) kB (seed \(seed))", sourceLocation: sourceLocation)
  }

  /// Notes what does not hold. Cheaper than an expectation where all goes well, as it nearly always does.
  static func demand(_ holds: Bool, _ what: @autoclosure () -> String, input: Int) {
    if !holds { Issue.record("\(what()) (seed \(seed), input \(input))") }
  }

  private static var residentKilobytes: Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return line.flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) } ?? 0
  }

  private static func number(_ name: String) -> Int? {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
  }
}
