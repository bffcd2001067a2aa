internal import Glibc
public import Logging
public import ServiceHealth
internal import SystemPrimitives

/// Reports this process's state to a service manager (sd_notify(3)): `READY=1` once it is ready, `WATCHDOG=1` periodically while
/// it is live, `STOPPING=1` when it drains.
///
/// The manager (systemd with `Type=notify`) names a datagram socket in `NOTIFY_SOCKET`, and in `WATCHDOG_USEC` the watchdog
/// timeout. Until it is ready, a live process asks for more time: it may have to wait for the database, and an outage must not
/// kill it.
public struct ServiceManagerNotifier: WatchedService {
  /// Event threads make no progress, so the watchdog is not reset.
  struct StuckThreads: Error {}

  /// The interval of checks for something to report.
  private static let pause: Duration = .milliseconds(200)

  private let socket: NotificationSocket
  private let watchdog: Duration?
  private let health: HealthState
  private let liveness: Liveness
  private let logger: Logger
  private let task = WatchedTask("service_manager")

  /// - Returns: nil if there is no service manager, or its socket does not have a valid Unix socket address.
  public init?(environment: [String: String], health: HealthState, liveness: Liveness = Liveness(), logger: Logger) {
    guard let path = environment["NOTIFY_SOCKET"], let socket = NotificationSocket(path: path) else { return nil }
    self.socket = socket
    self.health = health
    self.liveness = liveness
    self.logger = logger
    // Meant for another process if the PID differs.
    let isOurs = environment["WATCHDOG_PID"].map { Int32($0) == getpid() } ?? true
    watchdog = isOurs ? environment["WATCHDOG_USEC"].flatMap(NotificationMachine.watchdog) : nil
  }

  public var tasks: [WatchedTask] { [task] }

  /// Reports until shutdown reaches this service, which is after everything that drains.
  public func run() async throws {
    let machine = PthreadMutex(NotificationMachine(watchdog: watchdog))
    // Failures do not slow it down: readiness is reported without delay.
    await PeriodicTask(task, every: Self.pause, longestBackOff: Self.pause, logger: logger).run {
      let (isReady, isDraining) = (health.report.ready, health.isDraining)
      for message in machine.withLock({ $0.messages(isReady: isReady, isDraining: isDraining) }) {
        socket.send(message)
      }
      guard machine.withLock({ $0.isSignDue(at: .now) }) else { return .regular }
      guard await liveness.stuckThreads().isEmpty else { throw StuckThreads() }
      socket.send(machine.withLock { $0.signOfLife })
      return .regular
    }
  }
}

/// Decides what is reported when; pure.
struct NotificationMachine: Sendable {
  /// The default and the minimum watchdog timeout.
  static let usualWatchdog: Duration = .seconds(20)
  static let shortestWatchdog: Duration = .milliseconds(100)

  private let watchdog: Duration
  private var isReadySent = false
  private var isStoppingSent = false
  private var nextSign: ContinuousClock.Instant?

  init(watchdog: Duration?) {
    self.watchdog = watchdog ?? Self.usualWatchdog
  }

  /// Reads `WATCHDOG_USEC`; nil for anything that is not a number of microseconds, or too short to meet.
  static func watchdog(_ text: String) -> Duration? {
    guard let microseconds = Int64(text), microseconds >= 0, microseconds < 1 << 53 else { return nil }
    let duration = Duration.microseconds(microseconds)
    return duration >= shortestWatchdog ? duration : nil
  }

  /// Returns what has not been reported yet.
  mutating func messages(isReady: Bool, isDraining: Bool) -> [String] {
    var messages: [String] = []
    if isReady, !isReadySent {
      isReadySent = true
      messages.append("READY=1")
    }
    if isDraining, !isStoppingSent {
      isStoppingSent = true
      messages.append("STOPPING=1")
    }
    return messages
  }

  /// Whether a watchdog ping is due: three per timeout, so that one may be missed.
  mutating func isSignDue(at now: ContinuousClock.Instant) -> Bool {
    if let nextSign, now < nextSign { return false }
    nextSign = now + watchdog / 3
    return true
  }

  /// The watchdog counts from readiness; before that, the start timeout is extended.
  var signOfLife: String {
    if isReadySent || isStoppingSent { return "WATCHDOG=1" }
    let (seconds, attoseconds) = watchdog.components
    return "EXTEND_TIMEOUT_USEC=\(seconds * 1_000_000 + attoseconds / 1_000_000_000_000)"
  }
}

/// Opens a datagram socket to an address in the file system or, with `@`, in the abstract namespace.
final class NotificationSocket: Sendable {
  private let descriptor: Int32
  private let path: [UInt8]

  init?(path: String) {
    var bytes = Array(path.utf8)
    let room = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1
    guard bytes.count > 1, bytes.count <= room, bytes[0] == UInt8(ascii: "/") || bytes[0] == UInt8(ascii: "@") else {
      return nil
    }
    if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
    self.path = bytes
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { return nil }
  }

  deinit { close(descriptor) }

  /// Sends one message. It is lost if the manager does not listen; its watchdog detects that.
  func send(_ message: String) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
    let bytes = Array(message.utf8)
    _ = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), pointer, length)
      }
    }
  }
}
