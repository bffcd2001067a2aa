package import ArgumentParser
import CommandLineTool

/// What operators do with a desk whose database was restored from a backup.
package struct RestoreCommand: AsyncParsableCommand {
  package init() {}
  package static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Check a desk that was restored from a backup, and make it safe to start.",
    discussion: """
      The order: stop all services; restore the database to a moment (deploy/README.md); `frontdesk restore check`; `frontdesk restore \
      settle`; start the services; have channels send again what was acknowledged after the moment.
      """,
    subcommands: [CheckRestore.self, SettleRestore.self], defaultSubcommand: CheckRestore.self)

  /// The maximum number of examples in a finding.
  static let examples = 0...1000

  /// The most that clocks may differ. Beyond it, what a restore has lost would pass for a difference of clocks.
  static let clockToleranceMaximum = DurationArgument(.seconds(3600), "1h")

  static func validate(_ clockTolerance: DurationArgument) throws {
    guard clockTolerance.duration <= clockToleranceMaximum.duration else {
      throw ValidationError(
        "--clock-tolerance \(clockTolerance) is more than \(clockToleranceMaximum): it is for clocks that differ, and beyond that losses "
          + "would pass for such a difference; set the clocks, or compare with --moment")
    }
  }
}
