package import ArgumentParser

/// `frontdesk simulate`.
package struct SimulateCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "simulate", abstract: "Try a peak, a policy or a number of agents in virtual time.")

  package init() {}
}
