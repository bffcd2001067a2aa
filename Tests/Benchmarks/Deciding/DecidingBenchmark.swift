import DeskCore
import Foundation
import PolicyReading
import Store
import SwiftProtobuf
import Wire

/// `swift run -c release DecidingBenchmark [ROUNDS] [PART…]`: the processor time that a decision costs a router, part by part, without
/// sockets and database. Messages are those of the sample model, the policy is `deploy/desk.yaml`.
@main
struct DecidingBenchmark {
  /// Messages of one round, each on a ticket of its own.
  private static let count = 2_000

  static func main() throws {
    let rounds = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 11 : 11
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardizedFileURL
    let yaml = try String(contentsOf: root.appending(path: "deploy/desk.yaml"), encoding: .utf8)
    let policy = try PolicyDocument(yaml: yaml, version: 7, environment: [:]).policy
    let samples = try SampleItems.read(root.appending(path: "Services/Classifier/Samples/concerns.csv"), count: count)
    var parts = DecisionParts(policy: policy, samples)
    print("ns per message, minimum and median of \(rounds) rounds; timeline entry: \(parts.entryBytes) bytes")
    let wanted = CommandLine.arguments.dropFirst(2)
    for part in DecisionParts.Part.allCases where wanted.isEmpty || wanted.contains(part.rawValue) {
      var times: [Int] = []
      for _ in 0..<rounds {
        let begun = processorTime()
        parts.run(part)
        times.append(Int((processorTime() - begun) / .nanoseconds(1)) / count)
      }
      times.sort()
      print("\(part.rawValue.padding(toLength: 12, withPad: " ", startingAt: 0)) \(times[0]) \(times[rounds / 2])")
    }
    precondition(parts.sum != 0, "the parts are not optimised away")
  }

  /// The processor time of this process.
  private static func processorTime() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}
