internal import Curl
internal import DeskCore
internal import Logging
internal import Observability
internal import ServiceSettings
internal import Store
internal import Tracing

/// Sets up the tracer of a process.
enum TracingSetUp {
  /// Makes the process's tracer the one of swift-distributed-tracing; once per process.
  /// - Returns: the exporter, if spans are recorded.
  /// - Throws: `ConfigurationError` when the endpoint is not a URL.
  static func start(
    service: String, instance: InstanceID, _ configuration: ServiceConfiguration, metrics: MetricsRegistry,
    logger: Logger
  ) throws -> OTLPExporter? {
    let sampling = TraceSampling(share: configuration.share(StandardKeys.tracingSampleShare.name))
    guard let endpoint = configuration.optionalString(StandardKeys.tracingEndpoint.name), !endpoint.isEmpty else {
      InstrumentationSystem.bootstrap(FrontdeskTracer(sampling: sampling))
      return nil
    }
    guard (try? WebTarget(endpoint)) != nil, !endpoint.contains(where: { $0 == "?" || $0 == "#" }) else {
      throw ConfigurationError(mistakes: [
        .init(
          place: StandardKeys.tracingEndpoint.name, value: endpoint,
          problem: "is not an http or https URL without user name, password and query",
          remedy: "write the collector's base URL, such as http://127.0.0.1:4318")
      ])
    }
    let spans = SpanBuffer(metrics: metrics)
    let client = try HTTPClient(
      configuration: HTTPClient.Configuration(
        userAgent: "frontdesk/\(BuildInformation.version)", maximumConnectionsPerHost: 1, maximumConnections: 1))
    InstrumentationSystem.bootstrap(FrontdeskTracer(sampling: sampling, spans: spans))
    return OTLPExporter(
      target: OTLPExporter.Target(
        endpoint: endpoint, service: "frontdesk-\(service)", version: BuildInformation.version,
        instance: instance.description), spans: spans, client: client, metrics: metrics, logger: logger)
  }
}
