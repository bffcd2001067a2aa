package import ArgumentParser
import ServiceProcess

/// Runs the executor: the one process of a desk that works with the rights of the database's owner.
package struct OperateCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "operate", abstract: "Carry out what operators ask for on the pages, until stopped.",
    discussion: """
      A service like the others, with the same options (`frontdesk operate --help`), but connected as the owner of the database. \
      `frontdesk up`, compose, the systemd units and the Kubernetes manifests start it.
      """)

  @Argument(parsing: .captureForPassthrough, help: .hidden)
  var options: [String] = []

  package init() {}

  package func run() async throws {
    await ServiceMain.run(
      service: ExecutorService.name,
      summary: "Carries out what operators ask for on the pages, as the owner of the database.",
      program: "frontdesk operate", arguments: options, keys: ExecutorConfiguration.keys
    ) { runtime in
      try ExecutorService.parts(runtime)
    }
  }
}
