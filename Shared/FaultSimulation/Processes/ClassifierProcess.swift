import DeskCore
import Messaging
import Store
import Wire

/// The classifier: labels what comes over the link or, where no link brings it, from the database.
final class ClassifierProcess: SimulatedProcess {
  private var sink: LinkSink?
  /// The labels of the items that are with the routers.
  private var held: [MessageID: LabelledMessage] = [:]

  override var service: String? { "classifier" }

  override func begin() {
    held = [:]
    source = LinkSource(of: self) { [unowned self] in take($0) }
    sink = LinkSink(of: self) { [unowned self] in label($0) }
    sweep()
  }

  override func learn(_ living: [ServiceInstance]) { sink?.follow("intake", among: living) }

  // MARK: The links

  private func label(_ items: [LinkItem]) {
    let labelled = items.map { item in
      let (id, labels) = (MessageID(item.id), Self.labels(of: item.text))
      held[id] = LabelledMessage(labels, of: id)
      return item.labelled(labels)
    }
    passOn(labelled[...])
  }

  /// Offers items until the link has taken all of them.
  private func passOn(_ items: ArraySlice<LinkItem>) {
    let rest = items.dropFirst(source?.offer(Array(items)) ?? 0)
    if !rest.isEmpty { after(.milliseconds(2)) { [unowned self] in passOn(rest) } }
  }

  private func take(_ outcomes: [WorkOutcome]) {
    let done = outcomes.done
    for id in done { held[MessageID(id)] = nil }
    sink?.finish(done)
    let stranded = outcomes.expired + outcomes.failed.map(\.id)
    guard !stranded.isEmpty else { return }
    let labelled = stranded.compactMap { held.removeValue(forKey: MessageID($0)) }
    write(labelled, attempt: 1) { [unowned self] in sink?.refuse(stranded, reason: RefusalReason.draining) }
  }

  private func write(_ labelled: [LabelledMessage], attempt: Int, _ then: @escaping () -> Void) {
    guard !labelled.isEmpty, attempt <= 5 else { return then() }
    execute({ server in
      server.tables.write(labels: labelled.map { ($0.message, $0.labels) })
    }) { [unowned self] result in
      guard case .failure = result else { return then() }
      after(.milliseconds(100 << attempt)) { [unowned self] in write(labelled, attempt: attempt + 1, then) }
    }
  }

  // MARK: The sweep

  private func sweep() {
    execute({ $0.tables.claimUnlabelled(olderThan: .seconds(3), limit: FaultSimulationBounds.rows) }) {
      [unowned self] result in
      guard case .success(let stale) = result, !stale.isEmpty else {
        return after(.milliseconds(Int64.random(in: 500...700, using: &random))) { [unowned self] in sweep() }
      }
      note("labels \(stale.count) messages from the database")
      let labelled = stale.map { LabelledMessage(Self.labels(of: $0.body), of: $0.id) }
      write(labelled, attempt: 5) { [unowned self] in sweep() }
    }
  }

  /// A model that reads one word.
  private static func labels(of text: String) -> LinkLabels {
    let name = text.prefix { $0 != ":" }
    let category = SimulatedPolicy.categories.first { $0.name.utf8.elementsEqual(name.utf8) }
    var labels = LinkLabels()
    labels.category = category?.name ?? "unclear"
    labels.intent = labels.category
    labels.confidence = Float(category?.confidence ?? 0)
    labels.urgency = 1
    labels.language = "und"
    labels.modelVersion = "simulated"
    return labels
  }
}
