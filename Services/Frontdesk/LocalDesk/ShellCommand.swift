import Foundation
import Subprocess

/// A program that is run to its end, such as `initdb`.
struct ShellCommand: Sendable {
  let program: String
  let arguments: [String]
  /// Searched before `PATH`.
  var folder: String?

  /// - Returns: what it said.
  /// - Throws: `CommandFailure` with its last words when it fails.
  @discardableResult
  func run() async throws -> String {
    let result = try await outcome()
    guard result.isSuccess else {
      let lastWords = result.output.split(separator: "\n").suffix(3).joined(separator: " / ")
      throw CommandFailure("\(program) \(arguments.first ?? "") failed: \(lastWords)")
    }
    return result.output
  }

  /// Whether it ends with 0.
  func succeeds() async -> Bool {
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

  /// The same messages for everybody, and no settings of somebody else's PostgreSQL.
  private var environment: [Environment.Key: String?] {
    let surroundings = ProcessInfo.processInfo.environment
    var changes: [Environment.Key: String?] = ["LC_ALL": "C.UTF-8"]
    for name in surroundings.keys where name.hasPrefix("PG") {
      if let key = Environment.Key(rawValue: name) { changes[key] = .some(nil) }
    }
    // A library that a user has put before the services, such as a false clock, is not meant for the database.
    if surroundings["LD_PRELOAD"] != nil { changes["LD_PRELOAD"] = .some(nil) }
    if let folder { changes["PATH"] = "\(folder):\(surroundings["PATH"] ?? "/usr/bin:/bin")" }
    return changes
  }
}
