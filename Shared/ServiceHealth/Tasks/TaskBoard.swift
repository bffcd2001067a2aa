public import Observability
public import ServiceLifecycle
internal import SystemPrimitives

/// The background tasks of one process, for `/metrics` and `frontdesk status`.
public final class TaskBoard: Sendable {
  private let watched = PthreadMutex<[@Sendable () -> [WatchedTask]]>([])
  private let sources = PthreadMutex<[@Sendable () -> [WatchedTask.Problem]]>([])

  /// Adds the failures, ages and times of its tasks to every scrape of `metrics`.
  public init(metrics: MetricsRegistry) {
    metrics.collector { [weak self] scrape in self?.collect(into: &scrape) }
  }

  /// Monitors the tasks of a service's components, whatever tasks they have at the time; at most
  /// `TaskBounds.tasksPerProcess`.
  public func watch(_ parts: [any Service]) {
    for case let part as any WatchedService in parts { watched.withLock { $0.append { part.tasks } } }
  }

  private var tasks: [WatchedTask] {
    var seen: Set<ObjectIdentifier> = []
    let all = watched.withLock { $0 }.flatMap { $0() }.filter { seen.insert(ObjectIdentifier($0)).inserted }
    return Array(all.prefix(TaskBounds.tasksPerProcess))
  }

  /// Adds a source of problems that are not task failures.
  public func ask(_ source: @escaping @Sendable () -> [WatchedTask.Problem]) {
    sources.withLock { $0.append(source) }
  }

  /// The ongoing failures, longest first.
  public var problems: [WatchedTask.Problem] {
    let failing = tasks.compactMap(\.problem)
    let others = sources.withLock { $0 }.flatMap { $0() }
    return (failing + others).sorted { ($1.lasting, $0.task) < ($0.lasting, $1.task) }
  }

  private func collect(into scrape: inout MetricsScrape) {
    for task in tasks {
      let labels = ["task": task.name]
      scrape.counter(
        "frontdesk_background_failures_total", help: "Failed rounds of a background task.", labels: labels,
        Double(task.failuresTotal))
      scrape.gauge(
        "frontdesk_background_age_seconds", help: "Time since a background task last completed a round successfully.",
        labels: labels, task.age.seconds)
      scrape.counter(
        "frontdesk_background_busy_seconds_total",
        help: "Time that the rounds of a background task have taken, what they waited for included.", labels: labels,
        task.busy.seconds)
    }
  }
}
