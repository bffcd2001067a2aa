import Foundation

/// What a stretch of a measurement cost: processor time by service, and how busy the machine was.
struct BenchCost: Sendable, Equatable {
  /// Processor time in microseconds a message: services, PostgreSQL with all its processes, `up` and this client.
  // exact-keys: names of services from the desk's own list.
  var microsecondsByService: [String: Double] = [:]
  /// The part of it behind the last decision: the search's index, vacuuming, and other work that follows.
  var microsecondsLater = 0.0
  /// The busy share of all processors while messages were sent and decided, 0 to 1; by whatever was running.
  var busyShare: Double?
  /// The share of the desk and this client: the rest of `busyShare` are other programs, and the kernel outside of processes.
  var ownShare: Double?
  /// The share of this client alone, which the desk would have if it had the machine for itself.
  var clientShare = 0.0

  var microseconds: Double { microsecondsByService.values.reduce(0, +) }
}

/// Measures the processor time of a stretch: made at its beginning, asked at its end.
struct BenchCostMeter: Sendable {
  private let processes: BenchProcesses
  private let begin = ContinuousClock.now
  private let machine = MachineTime.now
  // exact-keys: as above.
  private let before: [String: Double]

  init(_ processes: BenchProcesses) throws {
    self.processes = processes
    before = try processes.processorSeconds()
  }

  /// Returns a cost with the busy shares since the beginning, without the processor time of messages.
  func shares() throws -> BenchCost {
    let now = MachineTime.now
    let time = (ContinuousClock.now - begin) / .seconds(1)
    let seconds = try seconds()
    let available = time * Double(ProcessInfo.processInfo.activeProcessorCount)
    return BenchCost(
      busyShare: machine.flatMap { machine in now.flatMap { $0.busyShare(since: machine) } },
      ownShare: seconds.values.reduce(0, +) / available,
      clientShare: (seconds[BenchProcesses.client] ?? 0) / available)
  }

  /// Returns each service's processor time in seconds since the beginning.
  // exact-keys: as above.
  func seconds() throws -> [String: Double] {
    var seconds = try processes.processorSeconds()
    for (service, earlier) in before { seconds[service, default: 0] -= earlier }
    return seconds
  }
}
