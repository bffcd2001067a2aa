import CommandLineTool
import Curl
import DeskCore

/// The simulated agents of one desk, started and stopped together.
struct AgentCrew: Sendable {
  /// Their combined counts.
  let tally = AgentTally()
  private let client: HTTPClient
  private let agents: [SimulatedAgent]

  /// - Parameters:
  ///   - names: agents of the desk's policy whose keys are in the desk's folder.
  ///   - seed: the random seed; the same seed reproduces the behaviour.
  init(_ names: [AgentID], of local: LocalDesk, behaviour: AgentBehaviour, seed: UInt64) throws {
    var configuration = HTTPClient.Configuration()
    configuration.userAgent = "frontdesk-agents"
    // Each agent's stream holds a connection; steps share the others.
    configuration.maximumConnectionsPerHost = names.count + 32
    configuration.maximumConnections = names.count + 32
    configuration.maximumTransfers = names.count * 8 + 64
    let client = try HTTPClient(configuration: configuration)
    self.client = client
    let tally = tally
    agents = try names.enumerated().map { position, name in
      SimulatedAgent(
        name, console: ConsoleClient(client: client, url: local.consoleURL, key: try local.keys.agentKey(name)),
        behaviour: behaviour, tally: tally, seed: seed &+ UInt64(position) &* 1_000_003)
    }
  }

  /// Runs the agents until `body` returns, then signs them out. A crew runs once.
  func work<Result>(_ body: (AgentTally) async throws -> Result) async rethrows -> Result {
    do {
      let result = try await withThrowingTaskGroup(of: Void.self) { group in
        for agent in agents { group.addTask { await agent.run() } }
        let result = try await body(tally)
        group.cancelAll()
        return result
      }
      await leave()
      return result
    } catch {
      await leave()
      throw error
    }
  }

  private func leave() async {
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
    await client.shutDown()
  }
}
