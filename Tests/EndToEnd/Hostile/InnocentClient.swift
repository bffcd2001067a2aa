import Curl
import Dispatch
import Foundation
import Testing

@testable import Frontdesk

/// A client that behaves: it hands in one message after the other with a key of its own, from the same address as everybody else in a
/// test, and notes how long each answer took.
final class InnocentClient: Sendable {
  /// What came of its messages.
  struct Measurement: Sendable {
    var waits: [Duration] = []
    /// Answers other than 202, and errors.
    var refusals: [String] = []

    /// What the median must stay below, where an assault occupies all processors, so that no bound in seconds says anything of an
    /// unoptimised build; nil where `p99` is judged.
    var medianLimit: Duration?

    /// The waiting time that half of the messages did not exceed.
    var median: Duration { Self.median(of: waits) }

    static func median(of waits: [Duration]) -> Duration {
      waits.isEmpty ? .seconds(3600) : waits.sorted()[waits.count / 2]
    }

    /// The waiting time that 99 of 100 messages did not exceed.
    var p99: Duration {
      let sorted = waits.sorted()
      return sorted.isEmpty ? .seconds(3600) : sorted[min(sorted.count - 1, sorted.count * 99 / 100)]
    }
  }

  /// What a hostile client may cost this one (`p99`).
  #if DEBUG
    /// Unoptimised services, with the hostile client on the same processors, take some eight times as long. Anyone who waits behind a
    /// hostile client waits longer still: each fault that these tests were written for cost 2 to 8 seconds, or an answer.
    static let promise = Duration.seconds(2)
  #else
    static let promise = Duration.milliseconds(250)
  #endif
  /// On a machine that is busy with other things, where messages wait long without any hostile client, so many times as long as then.
  static let noise = 4
  /// A message every so often.
  private static let pace = Duration.milliseconds(20)
  private static let undisturbedMessages = 150
  private static let patience = Duration.seconds(15)

  private let client: HTTPClient
  private let url: String
  private let key: String

  /// Makes a key as an operator would.
  init(_ desk: RunningDesk, label: String = "innocent") async throws {
    let output = try await desk.expect(["keys", "create", "--channel", "web", "--label", label])
    key = String(try #require(output.split(separator: "\n").first { $0.hasPrefix("fd_") }))
    url = "http://127.0.0.1:\(try ClientKeys(desk).intakePort)/v1/messages"
    // One connection, which stays open.
    client = try HTTPClient(configuration: .init(maximumConnectionsPerHost: 1))
  }

  func close() async { await client.shutDown() }

  /// Hands messages in while no one else does.
  func undisturbed() async -> Measurement {
    var measurement = Measurement()
    for number in 0..<Self.undisturbedMessages {
      await send("calm-\(number)", into: &measurement)
      try? await Task.sleep(for: Self.pace)
    }
    // The first ones meet what is made at first use.
    measurement.waits.removeFirst(min(measurement.waits.count, Self.undisturbedMessages / 3))
    return measurement
  }

  /// Hands messages in while a body runs.
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
