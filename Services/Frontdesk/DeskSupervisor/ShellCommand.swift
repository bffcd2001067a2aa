import CommandLineTool
import Foundation
import Subprocess

/// A program that is run to completion, such as `initdb`.
package struct ShellCommand: Sendable {
  package let program: String
  package let arguments: [String]
  /// Searched before `PATH`.
  package var folder: String?

  package init(program: String, arguments: [String], folder: String? = nil) {
    self.program = program
    self.arguments = arguments
    self.folder = folder
  }

  /// - Returns: its output.
  /// - Throws: `CommandFailure` with its last lines of output when it fails.
  @discardableResult
  package func run() async throws -> String {
    let result = try await outcome()
    guard result.isSuccess else {
      let lastWords = result.output.split(separator: "\n").suffix(3).joined(separator: " / ")
      throw CommandFailure("\(program) \(arguments.first ?? "") failed: \(lastWords)")
    }
    return result.output
  }

  /// Returns whether it exits with 0.
  package func succeeds() async -> Bool {
    (try? await outcome().isSuccess) ?? false
  }

  private func outcome() async throws -> (isSuccess: Bool, output: String) {
    do {
      var options = PlatformOptions()
      // Ctrl-C is for `up` to handle.
      options.processGroupID = 0
      let result = try await Subprocess.run(
        .name(program), arguments: Arguments(arguments), environment: .inherit.updating(environment),
        platformOptions: options, input: .none, output: .string(limit: UpBounds.commandOutputBytes),
        error: .combinedWithOutput)
      return (result.terminationStatus.isSuccess, result.standardOutput)
    } catch {
      throw CommandFailure("\(program) cannot be run: \(error)")
    }
  }

  /// The same messages in every locale, and no settings of another PostgreSQL.
  private var environment: [Environment.Key: String?] {
    let environment = ProcessInfo.processInfo.environment
    var changes: [Environment.Key: String?] = ["LC_ALL": "C.UTF-8"]
    for name in environment.keys where name.hasPrefix("PG") {
      if let key = Environment.Key(rawValue: name) { changes[key] = .some(nil) }
    }
    // A library preloaded into the services, such as a fake clock, is not meant for the database.
    if environment["LD_PRELOAD"] != nil { changes["LD_PRELOAD"] = .some(nil) }
    if let folder { changes["PATH"] = "\(folder):\(environment["PATH"] ?? "/usr/bin:/bin")" }
    return changes
  }
}
