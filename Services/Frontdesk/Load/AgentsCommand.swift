import ArgumentParser
import Curl
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

    @Option(help: "The mean time from accepting a ticket to resolving it.")
    var handleTime = DurationArgument(.milliseconds(500), "500ms")

    @Option(help: "The share of offers that are accepted, 0 to 1; of the others most are declined, some run out.")
    var acceptShare = 0.95

    @Option(name: .customLong("for"), help: "How long (default: until Ctrl-C).")
    var length: DurationArgument?

    @Option(help: "Makes the same behaviour again.")
    var seed: UInt64?

    func validate() throws {
      guard (1...LoadBounds.agents).contains(number) else {
        throw ValidationError("The number of agents is 1 to \(LoadBounds.agents).")
      }
      guard (0...1).contains(acceptShare) else { throw ValidationError("--accept-share is 0 to 1.") }
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
      let client = try HTTPClient(configuration: Self.configuration(agents: names.count))
      let tally = AgentTally()
      let temper = AgentTemper(handleTime: handleTime.duration, acceptShare: acceptShare)
      let agents = try names.enumerated().map { position, name in
        SimulatedAgent(
          console: ConsoleClient(client: client, url: local.consoleURL, key: try local.keys.agentKey(name)),
          temper: temper, tally: tally, seed: seed &+ UInt64(position) &* 1_000_003)
      }
      await Self.work(agents, tally, for: length?.duration)
      await client.shutDown()
      Terminal.say("done: \(tally.counts.line)")
    }

    private static func configuration(agents: Int) -> HTTPClient.Configuration {
      var configuration = HTTPClient.Configuration()
      configuration.userAgent = "frontdesk-agents"
      // Each agent's stream holds a connection; steps share the others.
      configuration.maximumConnectionsPerHost = agents + 32
      configuration.maximumConnections = agents + 32
      configuration.maximumTransfers = agents * 8 + 64
      return configuration
    }

    private static func work(_ agents: [SimulatedAgent], _ tally: AgentTally, for length: Duration?) async {
      let interruption = Interruption()
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await LiveLine.show { tally.counts.line } }
        for agent in agents { group.addTask { await agent.run() } }
        await waitForEnd(interruption, length)
        group.cancelAll()
        await group.waitForAll()
      }
      await withTaskGroup(of: Void.self) { group in
        group.addTask { try? await Task.sleep(for: LoadBounds.farewellTime) }
        group.addTask {
          await withDiscardingTaskGroup { farewells in
            for agent in agents { farewells.addTask { await agent.goHome() } }
          }
        }
        await group.next()
        group.cancelAll()
      }
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
