import ServiceProcess

@main
struct RouterCommand {
  static func main() async {
    await ServiceMain.run(
      service: RouterService.name,
      summary: "Decides queue, priority and deadlines of labelled messages, and offers waiting tickets to agents.",
      keys: RouterConfiguration.keys
    ) { runtime in
      try await RouterService(runtime).parts
    }
  }
}
