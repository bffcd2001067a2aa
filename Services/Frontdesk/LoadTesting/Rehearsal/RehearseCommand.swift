package import ArgumentParser
import CommandLineTool
import Foundation

/// `frontdesk rehearse`.
package struct RehearseCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "rehearse", abstract: "Rehearse a peak on a private desk, to see that capacity follows it.",
    subcommands: [Peak.self, Scaling.self], defaultSubcommand: Peak.self)

  package init() {}
}
