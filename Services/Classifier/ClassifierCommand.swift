import ServiceProcess

@main
struct ClassifierCommand {
  static func main() async {
    await ServiceMain.run(
      service: ClassifierService.name,
      summary: "Labels messages: category, confidence, urgency, sentiment and language, in Chinese and English.",
      keys: ClassifierConfiguration.keys
    ) { runtime in
      try await ClassifierService(runtime).parts
    }
  }
}
