import DeskCore
import Language
import Logging
import Messaging
import ServiceLifecycle
import ServiceProcess
import Wire

/// A classifier: pure computation between two links.
struct ClassifierService {
  static let name = "classifier"

  /// The parts, in start order.
  let parts: [any Service]

  init(_ runtime: ServiceRuntime) async throws {
    let configuration = ClassifierConfiguration(runtime.configuration)
    // Before reading: a file that changes in the meantime is then read again.
    let stamp = ModelFile.stamp(path: configuration.modelPath)
    let model = try ModelFile.read(path: configuration.modelPath)
    let encoder = try configuration.encoderPath.map { try EncoderPack.readEncoder(path: $0) }
    let live = LiveModel(model, encoder: encoder)
    runtime.logger.info(
      "model loaded",
      metadata: [
        "path": "\(configuration.modelPath)", "labels": "\(model.labels.count)", "version": "\(model.version)",
      ])
    if let hindrance = live.hindrance {
      runtime.logger.notice("the second stage for uncertain messages is disabled", metadata: ["reason": "\(hindrance)"])
    }
    let drift = DriftMetrics(runtime.metrics)
    drift.use(model)
    let articles = LiveArticles(encoder: encoder)
    let policy = runtime.policy
    let shadow = Shadow(share: configuration.candidateShare, metrics: ShadowMetrics(runtime.metrics)) {
      policy.current?.triageThreshold ?? ClassifierBounds.automaticConfidence
    }
    // Batches are labelled one after the other.
    runtime.work.open(places: 1)
    let labeller = Labeller(
      live, articles: articles, secondLooks: SharedSecondStageBudget(share: configuration.secondLookShare),
      drift: drift,
      shadow: shadow, metrics: runtime.metrics, work: runtime.work)
    let sink = runtime.workSink(creditWindow: configuration.creditWindow, batchLimit: ClassifierBounds.itemsPerBatch)
    var options = WorkSource.Options()
    // Never more than upstream allows us to hold; both windows count the same items.
    options.items = configuration.creditWindow * 2
    let source = try await runtime.workSource(options)
    let writer = LabelWriter(store: runtime.store, metrics: runtime.metrics, logger: runtime.logger)
    parts = [
      ArticleKeeper(articles: articles, policy: runtime.policy, logger: runtime.logger),
      Acknowledger(
        source: source, sink: sink, held: labeller.held, writer: writer, metrics: runtime.metrics,
        logger: runtime.logger),
      LinkGauges(source, name: "classifier-router", metrics: runtime.metrics, logger: runtime.logger),
      LinkLabeller(sink: sink, source: source, labeller: labeller, drainTime: configuration.drainTime),
      runtime.follow(linksOf: "intake", with: sink),
      runtime.awaitLinks(to: source, of: "intake", from: sink),
      ModelWatcher(
        path: configuration.modelPath, seen: stamp, model: live, drift: drift, metrics: runtime.metrics,
        logger: runtime.logger),
      ShadowTrials(
        path: configuration.candidatePath, shadow: shadow, encoder: encoder, store: runtime.store,
        logger: runtime.logger),
      UnlabelledSweeper(
        store: runtime.store, labeller: labeller, writer: writer, metrics: runtime.metrics, logger: runtime.logger),
    ]
  }
}
