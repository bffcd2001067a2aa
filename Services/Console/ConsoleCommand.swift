import ServiceProcess

/// `frontdesk-console`
@main
struct ConsoleCommand {
  static func main() async {
    await ServiceMain.run(
      service: ConsoleService.name, summary: "Serves agents and operators over HTTP.", keys: ConsoleConfiguration.keys
    ) { runtime in
      try await ConsoleService.parts(runtime)
    }
  }
}
