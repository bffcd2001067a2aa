package import ArgumentParser
import Foundation

/// The reason a command failed: what happened, why, and what to do about it.
package struct CommandFailure: Error, CustomStringConvertible {
  /// The exit status of the process.
  package enum Status: Int32, Sendable {
    /// Something failed, or a check found something.
    case failed = 1
    /// The usage or an input file is wrong; the same call will fail again.
    case wrongCall = 2
  }

  package let status: Status
  package let problem: String
  package let remedy: String?

  /// Describes a failure.
  /// - Parameters:
  ///   - problem: what happened and why, starting in lower case, without a full stop.
  ///   - remedy: what to do about it, likewise.
  package init(_ problem: String, remedy: String? = nil, status: Status = .failed) {
    self.problem = problem
    self.remedy = remedy
    self.status = status
  }

  package var description: String { remedy.map { "\(problem); \($0)" } ?? problem }

  /// Prints the error and exits.
  package static func end(with error: any Error, of command: (some ParsableCommand).Type) -> Never {
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
