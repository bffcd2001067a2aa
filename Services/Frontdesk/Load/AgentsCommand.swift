import ArgumentParser
import Foundation

/// `frontdesk agents`.
struct AgentsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agents", abstract: "Simulate agents at work.", subcommands: [Simulate.self])

  /// `frontdesk agents simulate`.
  struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "simulate",
      abstract: "Let agents of the policy come, take offers, answer and resolve, through the console's API alone.",
      discussion: "Ctrl-C sends them home. A restart of the console only makes them come back.")

    @OptionGroup var desk: DeskOptions

    @Argument(help: "How many agents.")
    var number: Int

    @Option(help: "The mean time from accepting a ticket to resolving it.", transform: DurationArgument.read)
    var handleTime = DurationArgument(.milliseconds(500), "500ms")

    @Option(help: "The share of offers that are accepted, 0 to 1; of the others most are declined, some run out.")
    var acceptShare = 0.95

    @Option(
      help:
        "The share of tickets at which something comes between: handed on, a break after it, or gone without a word.")
    var unrest = 0.0

    @Option(
      name: .customLong("for"), help: "How long (default: until Ctrl-C).", transform: DurationArgument.read)
    var length: DurationArgument?

    @Option(help: "Makes the same behaviour again.")
    var seed: UInt64?

    func validate() throws {
      guard (1...LoadBounds.agents).contains(number) else {
        throw ValidationError("The number of agents is 1 to \(LoadBounds.agents).")
      }
      guard (0...1).contains(acceptShare) else { throw ValidationError("--accept-share is 0 to 1.") }
      guard (0...1).contains(unrest) else { throw ValidationError("--unrest is 0 to 1.") }
    }

    func run() async throws {
      let local = try desk.localDesk()
      let names = Array(local.keys.agents().prefix(number))
      guard !names.isEmpty else {
        throw CommandFailure("the desk has no agents yet", remedy: "apply a policy: `frontdesk apply deploy/desk.yaml`")
      }
      if names.count < number { Terminal.say("the policy has \(names.count) agents: simulating those") }
      let seed = seed ?? UInt64.random(in: 0..<1_000_000)
      Terminal.say("\(names.count) agents come to work (seed \(seed)); Ctrl-C sends them home")
      let temper = AgentTemper(handleTime: handleTime.duration, acceptShare: acceptShare, unrest: unrest)
      let crew = try AgentCrew(names, of: local, temper: temper, seed: seed)
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
