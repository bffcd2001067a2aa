import ServiceProcess

/// `frontdesk-notifier`
@main
struct NotifierCommand {
  static func main() async {
    await ServiceMain.run(
      service: NotifierService.name, summary: "Delivers replies and notices to web hooks, signed, at least once.",
      keys: NotifierConfiguration.keys
    ) { runtime in
      try await NotifierService.parts(runtime)
    }
  }
}
