import CZeroMQ
import Glibc

/// An error of libzmq, and the step that failed. It carries no message content.
public struct ZeroMQError: Error, Equatable, CustomStringConvertible {
  /// The kinds of error that callers distinguish.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    private let name: String

    private init(_ name: String) { self.name = name }

    /// Not possible without waiting: no room, or no connected peer.
    public static let wouldBlock = Code("would block")
    /// The addressed peer of a ROUTER is not connected (any longer).
    public static let peerUnreachable = Code("peer unreachable")
    /// Another socket is bound there.
    public static let addressInUse = Code("address in use")
    /// The endpoint's interface, name or transport does not exist here.
    public static let addressInvalid = Code("address invalid")
    /// libzmq rejects the value of an option, a key or an argument.
    public static let invalidArgument = Code("invalid argument")
    /// A signal interrupted the call.
    public static let interrupted = Code("interrupted")
    /// The context is being terminated.
    public static let terminated = Code("context terminated")
    /// Descriptors, sockets or memory have run out.
    public static let exhausted = Code("resources exhausted")
    /// Anything else; see the system's error number.
    public static let other = Code("other")

    /// A short description for logs.
    public var description: String { name }
  }

  /// The kind of error.
  public let code: Code

  /// The error number of libzmq or of the system.
  public let errorNumber: Int32

  /// The step that failed, such as `bind tcp://127.0.0.1:*`.
  public let place: String

  /// Whether the same call can succeed later without a change by the caller.
  public var isRetriable: Bool {
    [.wouldBlock, .peerUnreachable, .interrupted, .exhausted, .addressInUse].contains(code)
  }

  /// The error in one line.
  public var description: String {
    "\(place): \(code) (\(String(cString: zmq_strerror(errorNumber))), errno \(errorNumber))"
  }

  init(errorNumber: Int32, place: String) {
    self.errorNumber = errorNumber
    self.place = place
    code =
      switch errorNumber {
      case EAGAIN: .wouldBlock
      case EHOSTUNREACH: .peerUnreachable
      case EADDRINUSE: .addressInUse
      case EADDRNOTAVAIL, ENODEV, EPROTONOSUPPORT, ZEROMQ_ENOCOMPATPROTO: .addressInvalid
      case EINVAL: .invalidArgument
      case EINTR: .interrupted
      case ZEROMQ_ETERM: .terminated
      case EMFILE, ENFILE, ENOMEM: .exhausted
      default: .other
      }
  }

  /// The error of the call that has just failed on this thread.
  static func last(_ place: @autoclosure () -> String) -> ZeroMQError {
    ZeroMQError(errorNumber: zmq_errno(), place: place())
  }
}
