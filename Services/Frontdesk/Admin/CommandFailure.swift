import ArgumentParser
import Foundation

/// Why a command could not do what it was asked: what happened, why, and what to do about it.
struct CommandFailure: Error, CustomStringConvertible {
  /// How the process ends.
  enum Status: Int32, Sendable {
    /// Something failed, or a check found something.
    case failed = 1
    /// The call or a file given to it is wrong; the same call will fail again.
    case wrongCall = 2
  }

  let status: Status
  let problem: String
  let remedy: String?

  /// Describes a failure.
  /// - Parameters:
  ///   - problem: what happened and why, beginning in lower case, without a full stop.
  ///   - remedy: what to do about it, likewise.
  init(_ problem: String, remedy: String? = nil, status: Status = .failed) {
    self.problem = problem
    self.remedy = remedy
    self.status = status
  }

  var description: String { remedy.map { "\(problem); \($0)" } ?? problem }

  /// Tells the user and ends the process.
  static func end(with error: any Error, of command: (some ParsableCommand).Type) -> Never {
    if let failure = error as? CommandFailure {
      Terminal.complain("frontdesk: \(failure)")
      exit(failure.status.rawValue)
    }
    let code = command.exitCode(for: error)
    // The parser's own errors, and its answers to --help and --version.
    guard code == .failure || error is ExitCode else {
      let message = command.fullMessage(for: error)
      if code.isSuccess { Terminal.say(message) } else { Terminal.complain(message) }
      exit(code.isSuccess ? 0 : Status.wrongCall.rawValue)
    }
    if !(error is ExitCode) { Terminal.complain("frontdesk: \(error)") }
    exit(code.rawValue)
  }
}
