import ServiceProcess

/// `frontdesk-sla-watcher`
@main
struct SLAWatcherCommand {
  static func main() async {
    await ServiceMain.run(
      service: SLAWatcherService.name,
      summary: "Warns of SLA targets at risk, marks breaches, closes settled tickets; one leads, others stand by.",
      keys: SLAWatcherConfiguration.keys
    ) { runtime in
      try await SLAWatcherService(runtime).parts
    }
  }
}
