import ArgumentParser
import DeskCore
import Store

/// How many processes of a service are to run: a number, or as many as its load asks for.
enum WorkerChoice: ExpressibleByArgument, Sendable, Equatable {
  case auto
  case fixed(Int)

  /// Reads `auto` or a number from 0 to `UpBounds.instancesOfService.upperBound`.
  init?(argument: String) {
    if argument == "auto" {
      self = .auto
    } else if let count = Int(argument), UpBounds.instancesOfService.contains(count) {
      self = .fixed(count)
    } else {
      return nil
    }
  }

  /// Reads it for the command line.
  /// - Throws: what is allowed.
  static func read(_ argument: String) throws -> WorkerChoice {
    guard let choice = WorkerChoice(argument: argument) else {
      let range = UpBounds.instancesOfService
      throw ValidationError(
        "'\(argument)' is neither auto nor a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return choice
  }

  /// The number; nil for `auto`.
  var count: Int? { if case .fixed(let count) = self { count } else { nil } }
}

extension CapacityRow {
  /// Whether this row already is what was chosen.
  func matches(_ choice: WorkerChoice) -> Bool {
    switch choice {
    case .auto: mode == .auto
    case .fixed(let count): mode == .fixed && wanted == count
    }
  }
}
