import ServiceKit

/// `frontdesk-intake`
@main
struct IntakeCommand {
  static func main() async {
    await ServiceMain.run(
      service: "intake",
      summary: "Takes messages from channels over HTTP and ZeroMQ, and commits them before it says so.",
      keys: IntakeConfiguration.keys
    ) { runtime in
      try await IntakeService.parts(runtime)
    }
  }
}
