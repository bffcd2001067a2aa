import Curl
import Dispatch
import Foundation
import Testing

/// A well-behaved client: it sends one message after the other with its own key, from the same address as all other clients of a
/// test, and records the latency of each answer.
final class InnocentClient: Sendable {
  /// The results of its messages.
  struct Measurement: Sendable {
    var waits: [Duration] = []
    /// Answers other than 202, and errors.
    var refusals: [String] = []

    /// The limit of the median, where an attack occupies all processors, so that a limit in seconds is meaningless for an
    /// unoptimised build; nil where `p99` is checked.
    var medianLimit: Duration?

    /// The median latency.
    var median: Duration { Self.median(of: waits) }

    static func median(of waits: [Duration]) -> Duration {
      waits.isEmpty ? .seconds(3600) : waits.sorted()[waits.count / 2]
    }

    /// The 99th percentile of the latency.
    var p99: Duration {
      let sorted = waits.sorted()
      return sorted.isEmpty ? .seconds(3600) : sorted[min(sorted.count - 1, sorted.count * 99 / 100)]
    }
  }

  /// The allowed `p99` under a hostile client.
  ///
  /// Unoptimised services, with the hostile client on the same processors, take some eight times as long. A client that waits behind a
  /// hostile client waits longer still: each fault that these tests were written for cost 2 to 8 seconds, or an answer.
  static let limit: Duration = Command.isOptimised ? .milliseconds(250) : .seconds(2)
  /// On a busy machine, where messages wait long even without a hostile client, the limit is this multiple of that latency.
  static let noise = 4
  /// The interval between messages.
  private static let pace = Duration.milliseconds(20)
  private static let undisturbedMessages = 150
  private static let patience = Duration.seconds(15)

  private let client: HTTPClient
  private let url: String
  private let key: String

  /// Creates a key as an operator would.
  init(_ desk: RunningDesk, label: String = "innocent") async throws {
    let output = try await desk.expect(["keys", "create", "--channel", "web", "--label", label])
    key = String(try #require(output.split(separator: "\n").first { $0.hasPrefix("fd_") }))
    url = "http://127.0.0.1:\(try ClientKeys(desk).intakePort)/v1/messages"
    // One persistent connection.
    client = try HTTPClient(configuration: .init(maximumConnectionsPerHost: 1))
  }

  func close() async { await client.shutDown() }

  /// Sends messages while no other client does.
  func undisturbed() async -> Measurement {
    var measurement = Measurement()
    for number in 0..<Self.undisturbedMessages {
      await send("calm-\(number)", into: &measurement)
      try? await Task.sleep(for: Self.pace)
    }
    // Warm-up: the first ones pay for initialisation at first use.
    measurement.waits.removeFirst(min(measurement.waits.count, Self.undisturbedMessages / 3))
    return measurement
  }

  /// Sends messages while a body runs.
  func meanwhile(_ body: () async throws -> Void) async throws -> Measurement {
    let sending = Task {
      var measurement = Measurement()
      var number = 0
      while !Task.isCancelled {
        await send("meanwhile-\(number)", into: &measurement)
        number += 1
        try? await Task.sleep(for: Self.pace)
      }
      return measurement
    }
    let outcome = await Result(catching: body)
    sending.cancel()
    let measurement = await sending.value
    try outcome.get()
    return measurement
  }

  private func send(_ id: String, into measurement: inout Measurement) async {
    let body = #"{"id":"innocent-\#(id)","customer":"innocent-\#(id)","text":"Where is my parcel?"}"#
    let begin = ContinuousClock.now
    do {
      let answer = try await client.send(
        HTTPClient.Request(
          method: "POST", url: url, headers: ["Authorization": "Bearer \(key)", "Content-Type": "application/json"],
          body: Array(body.utf8), timeout: Self.patience))
      if answer.status == 202 {
        measurement.waits.append(begin.duration(to: .now))
      } else {
        measurement.refusals.append("\(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
      }
    } catch is CancellationError {
      // The body is over.
    } catch {
      if !Task.isCancelled { measurement.refusals.append("\(error)") }
    }
  }
}

extension Result where Failure == any Error {
  /// Awaits a body's value or error.
  fileprivate init(catching body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
