import ServiceKit

/// `frontdesk-sla-watcher`
@main
struct SLAWatcherCommand {
  static func main() async {
    await ServiceMain.run(
      service: SLAWatcherService.name,
      summary: "Warns of promises in danger, marks broken ones, closes what is settled; one leads, others stand by.",
      keys: SLAWatcherConfiguration.keys
    ) { runtime in
      try await SLAWatcherService(runtime).parts
    }
  }
}
