import ServiceProcess

/// `frontdesk-intake`
@main
struct IntakeCommand {
  static func main() async {
    await ServiceMain.run(
      service: "intake",
      summary: "Accepts messages from channels over HTTP and ZeroMQ; acknowledges them after the commit.",
      keys: IntakeConfiguration.keys
    ) { runtime in
      try await IntakeService.parts(runtime)
    }
  }
}
