package import ArgumentParser
import CommandLineTool
import Foundation

/// `frontdesk agents`.
package struct AgentsCommand: AsyncParsableCommand {

  package init() {}
  package static let configuration = CommandConfiguration(
    commandName: "agents", abstract: "Simulate agents at work.", subcommands: [Simulate.self])

  /// `frontdesk agents simulate`.
  package struct Simulate: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
      commandName: "simulate",
      abstract: "Simulate agents that sign in, accept offers, reply and resolve, using only the console's API.",
      discussion: "Ctrl-C signs them out. After a restart of the console they reconnect.")

    @OptionGroup var desk: DeskOptions

    @Argument(help: "The number of agents.")
    var number: Int

    @Option(help: "The mean time from accepting a ticket to resolving it.", transform: DurationArgument.read)
    var handleTime = DurationArgument(.milliseconds(500), "500ms")

    @Option(help: "The share of offers accepted, 0 to 1; most others are declined, some expire.")
    var acceptShare = 0.95

    @Option(
      help:
        "The share of tickets with an interruption: a transfer, a break afterwards, or a disconnect.")
    var interruptionRate = 0.0

    @Option(
      name: .customLong("for"), help: "The duration (default: until Ctrl-C).", transform: DurationArgument.read)
    var length: DurationArgument?

    @Option(help: "Random seed; the same seed reproduces the run.")
    var seed: UInt64?

    package init() {}

    package func validate() throws {
      guard (1...LoadBounds.agents).contains(number) else {
        throw ValidationError("The number of agents must be 1 to \(LoadBounds.agents).")
      }
      guard (0...1).contains(acceptShare) else { throw ValidationError("--accept-share must be 0 to 1.") }
      guard (0...1).contains(interruptionRate) else { throw ValidationError("--interruption-rate must be 0 to 1.") }
    }

    package func run() async throws {
      let local = try desk.localDesk()
      let names = Array(local.keys.agents().prefix(number))
      guard !names.isEmpty else {
        throw CommandFailure("the desk has no agents yet", remedy: "apply a policy: `frontdesk apply deploy/desk.yaml`")
      }
      if names.count < number { Terminal.say("the policy has \(names.count) agents; simulating all of them") }
      let seed = seed ?? UInt64.random(in: 0..<1_000_000)
      Terminal.say("\(names.count) agents are signing in (seed \(seed)); Ctrl-C signs them out")
      let behaviour = AgentBehaviour(
        handleTime: handleTime.duration, acceptShare: acceptShare, interruptionRate: interruptionRate)
      let crew = try AgentCrew(names, of: local, behaviour: behaviour, seed: seed)
      let interruption = Interruption()
      await crew.work { tally in
        await withTaskGroup(of: Void.self) { group in
          group.addTask { await LiveLine.show { tally.counts.line } }
          await Self.waitForEnd(interruption, length?.duration)
          group.cancelAll()
        }
      }
      Terminal.say("done: \(crew.tally.counts.line)")
    }

    private static func waitForEnd(_ interruption: Interruption, _ length: Duration?) async {
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await interruption.wait() }
        if let length { group.addTask { try? await Task.sleep(for: length) } }
        await group.next()
        group.cancelAll()
      }
    }
  }
}
