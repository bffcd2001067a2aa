import CommandLineTool
import Foundation

extension BenchReport {
  /// For people.
  var text: String {
    (headLines.joined(separator: "\n") + "\n\n")
      + [latencyTable, stageTable, serviceTable, trafficTable, crowdTable].filter { !$0.rows.isEmpty }.map(\.text)
      .joined(
        separator: "\n\n")
  }

  private var headLines: [String] {
    var lines: [String] = []
    let runs = "\(runs) \(runs == 1 ? "run" : "runs, medians")"
    if let processorRatio {
      lines.append(
        "processor      \(String(format: "%.2f", processorRatio)) times a bare loop that writes the same rows (\(runs))"
      )
    }
    if let saturationPerSecond {
      lines.append(
        "saturation     \(Int(saturationPerSecond))/s accepted to queued, durable; "
          + cost(processorPerMessage, busyShare) + " (\(runs))")
      lines.append(
        "               of it \(Int((laterProcessorPerMessage ?? 0).rounded())) µs after the decision, for the search's index, vacuuming and the like"
      )
    }
    if let rawLimitPerSecond {
      lines.append(
        "raw limit      \(Int(rawLimitPerSecond))/s for the bare loop; " + cost(rawProcessorPerMessage, rawBusyShare))
    }
    if let ratio { lines.append("ratio          \(String(format: "%.2f", ratio)) of the raw limit") }
    if let offers {
      let times = [offers.acceptToOfferedP50, offers.acceptToOfferedP99, offers.acceptToOfferedP999]
        .map(RoundedTime.milliseconds)
      lines.append(
        "accept to offer  p50 \(times[0])  p99 \(times[1])  p99.9 \(times[2])  (\(Int(offers.offeredPerSecond))/s, "
          + "\(offers.agents) agents, machine \(Self.percent(offers.busyShare)) busy)")
    }
    if let first {
      let times = [first.firstQueued, first.medianQueued, first.lastQueued].map(RoundedTime.milliseconds)
      lines.append(
        "after ready    of \(first.messages) messages sent at once the first was queued after \(times[0]), half after "
          + "\(times[1]), all after \(times[2])")
    }
    if !hasCommitTimes {
      lines.append(
        "               (the server records no commit times: latencies are those of the transactions' beginnings)")
    }
    return lines.map { "  " + $0 }
  }

  private func cost(_ microseconds: Double?, _ share: Double?) -> String {
    "\(Int((microseconds ?? 0).rounded())) µs of processor time a message, machine \(Self.percent(share)) busy"
  }

  private static func percent(_ share: Double?) -> String { share.map { "\(Int(($0 * 100).rounded())) %" } ?? "?" }

  private var latencyTable: TextTable {
    var table = TextTable([
      ("offered", .right), ("decided", .right), ("busy", .right), ("per message", .right), ("per commit", .right),
      ("bare rows", .right), ("ack p50", .right), ("p99", .right), ("p99.9", .right),
      ("due to queued p50", .right), ("p99", .right), ("p99.9", .right),
      ("commits p50", .right), ("p99", .right), ("p99.9", .right),
    ])
    for load in loads {
      table.add(
        [
          "\(Int(load.offeredPerSecond))/s", "\(Int(load.decidedPerSecond))/s", Self.percent(load.busyShare),
          "\(Int(load.processorMicrosecondsPerMessage)) µs", String(format: "%.1f", load.messagesPerCommit),
          load.rawProcessorMicrosecondsPerMessage.map { "\(Int($0)) µs" } ?? "",
        ]
          + [
            load.acceptToAckP50, load.acceptToAckP99, load.acceptToAckP999, load.dueToQueuedP50, load.dueToQueuedP99,
            load.dueToQueuedP999, load.acceptToQueuedP50, load.acceptToQueuedP99, load.acceptToQueuedP999,
          ].map(RoundedTime.milliseconds))
    }
    return table
  }

  private var stageTable: TextTable {
    var table = TextTable([("stage alone", .left), ("per second", .right), ("what", .left)])
    for stage in stages { table.add([stage.stage, "\(Int(stage.perSecond))", stage.meaning]) }
    return table
  }

  private var serviceTable: TextTable {
    var table = TextTable([
      ("service", .left), ("idle MB", .right), ("loaded MB", .right), ("idle CPU", .right),
      ("per message", .right),
      ("ready after", .right),
    ])
    func text(_ value: Double?, _ format: String) -> String { value.map { String(format: format, $0) } ?? "" }
    for service in services {
      table.add([
        service.service, text(service.idleMegabytes, "%.0f"), text(service.fullMegabytes, "%.0f"),
        text(service.idleProcessorPercent, "%.1f %%"), text(service.processorMicrosecondsPerMessage, "%.1f µs"),
        text(service.readySeconds, "%.2f s"),
      ])
    }
    return table
  }

  private var trafficTable: TextTable {
    var table = TextTable([("traffic", .left), ("saturation", .right), ("each", .right), ("busy", .right)])
    for figures in traffic {
      table.add([
        figures.kind, "\(Int(figures.perSecond))/s", "\(Int(figures.processorMicrosecondsPerMessage)) µs",
        Self.percent(figures.busyShare),
      ])
    }
    return table
  }

  private var crowdTable: TextTable {
    var table = TextTable([
      ("live tickets", .right), ("saturation", .right), ("per message", .right), ("busy", .right),
    ])
    for crowd in crowds {
      table.add([
        "\(crowd.liveTickets)", "\(Int(crowd.saturationPerSecond))/s",
        String(format: "%.0f µs", crowd.processorMicrosecondsPerMessage), Self.percent(crowd.busyShare),
      ])
    }
    return table
  }
}
