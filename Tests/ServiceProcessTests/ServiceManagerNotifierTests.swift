import Foundation
import Logging
import TestService
import Testing

@testable import ServiceHealth
@testable import ServiceProcess

@Suite("Service manager notifications") struct NotificationMachineTests {
  private let start = ContinuousClock.now

  @Test func readyAndStoppingAreNotifiedOnceEach() {
    var machine = NotificationMachine(watchdog: nil)
    let messages = [(false, false), (true, false), (false, false), (true, true), (true, true)].map {
      isReady, isDraining in
      machine.messages(isReady: isReady, isDraining: isDraining)
    }
    #expect(messages == [[], ["READY=1"], [], ["STOPPING=1"], []])
  }

  @Test func watchdogMessagesComeThreeTimesPerInterval() {
    var machine = NotificationMachine(watchdog: .seconds(30))
    let due = (0..<40).filter { machine.isSignDue(at: start + .seconds($0)) }
    #expect(due == [0, 10, 20, 30])
  }

  @Test func moreTimeIsRequestedBeforeReadiness() {
    var machine = NotificationMachine(watchdog: .milliseconds(20_500))
    #expect(machine.signOfLife == "EXTEND_TIMEOUT_USEC=20500000")
    _ = machine.messages(isReady: true, isDraining: false)
    #expect(machine.signOfLife == "WATCHDOG=1")
  }

  @Test(
    arguments: [
      ("20000000", 20.0), ("99999", nil), ("0", nil), ("-5", nil), ("9223372036854775807", nil), ("soon", nil),
      ("", nil),
    ] as [(String, Double?)])
  func theWatchdogIntervalIsInMicroseconds(_ text: String, _ seconds: Double?) {
    #expect(NotificationMachine.watchdog(text) == seconds.map { .seconds($0) })
  }
}

/// A real service manager socket.
private final class Manager: Sendable {
  let path: String
  private let descriptor: Int32

  init(isAbstract: Bool) throws {
    let name = "frontdesk-notify-\(UUID().uuidString.prefix(8))"
    path = isAbstract ? "@\(name)" : NSTemporaryDirectory() + name
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(path.utf8)
    if isAbstract { bytes[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
    let isBound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) == 0 }
    }
    try #require(isBound)
    // A missing message is a failure, not a hang.
    var limit = timeval(tv_sec: 30, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit {
    close(descriptor)
    unlink(path)
  }

  /// Waits for the next message that is not `passedOver`, on a separate thread.
  func next(passingOver passedOver: String = "") async -> String {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: self.receive(passedOver)) }
    }
  }

  private func receive(_ passedOver: String) -> String {
    while true {
      var piece = [UInt8](repeating: 0, count: 256)
      let count = recv(descriptor, &piece, piece.count, 0)
      let text = String(decoding: piece.prefix(max(0, count)), as: UTF8.self)
      if count <= 0 || text != passedOver { return text }
    }
  }
}

@Suite("A service manager's socket", .timeLimit(.minutes(3))) struct ServiceManagerNotifierTests {
  private static let logger = Logger.silent

  @Test(arguments: [true, false]) func theWholeLifecycleIsNotified(isAbstract: Bool) async throws {
    let manager = try Manager(isAbstract: isAbstract)
    let health = HealthState()
    health.declare("postgres")
    let notifier = try #require(
      ServiceManagerNotifier(
        environment: ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "300000", "WATCHDOG_PID": "\(getpid())"],
        health: health, logger: Self.logger))
    let running = Task { try await notifier.run() }
    let waiting = "EXTEND_TIMEOUT_USEC=300000"
    #expect(await manager.next() == waiting, "it waits for the database, and is live")
    health.hold("postgres")
    #expect(await manager.next(passingOver: waiting) == "READY=1")
    #expect(await manager.next() == "WATCHDOG=1")
    // A later database outage changes nothing.
    health.fail("postgres", reason: "PostgreSQL does not respond")
    #expect(await manager.next() == "WATCHDOG=1")
    health.drain()
    #expect(await manager.next(passingOver: "WATCHDOG=1") == "STOPPING=1")
    #expect(await manager.next() == "WATCHDOG=1", "a draining process is still live")
    running.cancel()
    _ = await running.result
  }

  @Test func noNotificationsWithoutASocket() {
    for environment in [
      [:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "relative"],
      ["NOTIFY_SOCKET": "/" + String(repeating: "x", count: 200)],
    ] {
      #expect(ServiceManagerNotifier(environment: environment, health: HealthState(), logger: Self.logger) == nil)
    }
  }
}
