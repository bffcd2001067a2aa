internal import Foundation
internal import Subprocess

/// A shell command that prints a key file. What it prints reaches neither a log nor an error, only how it ended does; its standard error
/// is discarded, because a script that traces itself would print the keys there.
struct KeyCommand: Sendable {
  /// The reason for missing output.
  enum Failure: Error, Hashable, CustomStringConvertible {
    case ended(String)
    case tooLong
    case tooMuch

    var description: String {
      switch self {
      case .ended(let how): "failed: \(how)"
      case .tooLong: "did not end within \(SealingBounds.commandTime.components.seconds) s"
      case .tooMuch: "prints more than \(SealingBounds.commandBytes) bytes"
      }
    }
  }

  private let text: String
  private let time: Duration

  init(_ text: String, time: Duration = SealingBounds.commandTime) {
    self.text = text
    self.time = time
  }

  /// Runs it. A command that does not end is killed with its whole process group, and is not waited for any longer: a process that it has
  /// left elsewhere may keep its output open.
  func output() async throws(Failure) -> [UInt8] {
    let (outcomes, outcome) = AsyncStream.makeStream(of: Result<[UInt8], Failure>.self)
    let running = Task { outcome.yield(await run()) }
    let waiting = Task {
      try await Task.sleep(for: time)
      outcome.yield(.failure(.tooLong))
    }
    defer {
      running.cancel()
      waiting.cancel()
    }
    for await result in outcomes { return try result.get() }
    throw .tooLong
  }

  private func run() async -> Result<[UInt8], Failure> {
    var options = PlatformOptions()
    options.processGroupID = 0
    options.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .seconds(1))]
    do {
      let result = try await Subprocess.run(
        .name("sh"), arguments: ["-c", text], platformOptions: options, input: .none,
        output: .bytes(limit: SealingBounds.commandBytes), error: .discarded)
      guard result.terminationStatus.isSuccess else { return .failure(.ended("\(result.terminationStatus)")) }
      return .success(result.standardOutput)
    } catch let error as SubprocessError where error.code == .outputLimitExceeded {
      return .failure(.tooMuch)
    } catch is CancellationError {
      return .failure(.tooLong)
    } catch {
      return .failure(.ended("its output could not be read"))
    }
  }
}
