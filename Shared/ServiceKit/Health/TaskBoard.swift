internal import EventThread
public import ServiceLifecycle

/// The background tasks of one process, for `/metrics` and `frontdesk status`.
public final class TaskBoard: Sendable {
  private let watched = PthreadMutex<[@Sendable () -> [WatchedTask]]>([])
  private let sources = PthreadMutex<[@Sendable () -> [WatchedTask.Problem]]>([])

  /// Adds failures and ages of its tasks to every scrape of `metrics`.
  public init(metrics: MetricsRegistry) {
    metrics.collector { [weak self] scrape in self?.collect(into: &scrape) }
  }

  /// Reports on the tasks of those parts of a service that have some, whatever tasks they have at the time; on no more than
  /// `TaskBounds.tasksPerProcess`.
  public func watch(_ parts: [any Service]) {
    for case let part as any WatchedService in parts { watched.withLock { $0.append { part.tasks } } }
  }

  private var tasks: [WatchedTask] {
    var seen: Set<ObjectIdentifier> = []
    let all = watched.withLock { $0 }.flatMap { $0() }.filter { seen.insert(ObjectIdentifier($0)).inserted }
    return Array(all.prefix(TaskBounds.tasksPerProcess))
  }

  /// Asks for problems that are no task's failure.
  public func ask(_ source: @escaping @Sendable () -> [WatchedTask.Problem]) {
    sources.withLock { $0.append(source) }
  }

  /// The failures that go on, longest first.
  public var problems: [WatchedTask.Problem] {
    let failing = tasks.compactMap(\.problem)
    let others = sources.withLock { $0 }.flatMap { $0() }
    return (failing + others).sorted { ($1.lasting, $0.task) < ($0.lasting, $1.task) }
  }

  private func collect(into scrape: inout MetricsScrape) {
    for task in tasks {
      let labels = ["task": task.name]
      scrape.counter(
        "frontdesk_task_failures_total", help: "Rounds of a background task that failed.", labels: labels,
        Double(task.failuresTotal))
      scrape.gauge(
        "frontdesk_task_age_seconds", help: "Time since a background task last finished a round without failure.",
        labels: labels, task.age.seconds)
    }
  }
}
