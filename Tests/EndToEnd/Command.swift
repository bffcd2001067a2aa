import Foundation

/// A process of the built products, with its output as a sequence of lines.
///
/// `@unchecked Sendable`: Foundation's `Process` is only started here and asked for its id and status afterwards, and the
/// continuations are resumed under the mutex.
final class Command: @unchecked Sendable {
  /// The folder of the products: `FRONTDESK_TEST_PRODUCTS`, to test an optimised build, or else that of the running test bundle.
  static let products: URL = {
    if let optimisedProducts { return optimisedProducts }
    let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    return own.deletingLastPathComponent()
  }()

  /// Whether the products are optimised, so that bounds in milliseconds apply to them.
  static var isOptimised: Bool {
    #if DEBUG
      optimisedProducts != nil
    #else
      true
    #endif
  }

  private static let optimisedProducts = ProcessInfo.processInfo.environment["FRONTDESK_TEST_PRODUCTS"].map {
    URL(fileURLWithPath: $0)
  }

  struct Ended: Sendable {
    /// The exit status, or the number of the signal.
    let status: Int32
    /// Whether a signal ended it.
    let wasSignalled: Bool
    let output: String

    init(status: Int32, output: String, wasSignalled: Bool) {
      self.status = status
      self.output = output
      self.wasSignalled = wasSignalled
    }
  }

  /// Standard output and standard error together, line by line, for one reader.
  let lines: AsyncStream<String>
  private let process = Process()
  private let input = Pipe()
  private let exited: AsyncStream<(status: Int32, wasSignalled: Bool)>

  /// Starts a product, or another program by its absolute path, with arguments.
  /// - Parameter launcher: the absolute path of a program that executes the product, such as `/usr/bin/env`.
  init(
    _ product: String, _ arguments: [String], environment: [String: String] = [:], through launcher: String? = nil
  ) throws {
    let output = Pipe()
    let program =
      product.hasPrefix("/")
      ? URL(fileURLWithPath: product) : Command.products.appendingPathComponent(product)
    process.executableURL = launcher.map { URL(fileURLWithPath: $0) } ?? program
    process.arguments = (launcher == nil ? [] : [program.path]) + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
    process.standardInput = input
    process.standardOutput = output
    process.standardError = output
    let (lines, lineContinuation) = AsyncStream.makeStream(of: String.self)
    let (exited, exitContinuation) = AsyncStream.makeStream(of: (status: Int32, wasSignalled: Bool).self)
    self.lines = lines
    self.exited = exited
    process.terminationHandler = { process in
      exitContinuation.yield((process.terminationStatus, process.terminationReason == .uncaughtSignal))
      exitContinuation.finish()
    }
    try process.run()
    // Only the child writes, so that its output ends when it exits.
    try? output.fileHandleForWriting.close()
    let reading = output.fileHandleForReading
    Thread.detachNewThread {
      var rest = Data()
      while case let chunk = reading.availableData, !chunk.isEmpty {
        rest.append(chunk)
        while let end = rest.firstIndex(of: 0x0A) {
          lineContinuation.yield(String(decoding: rest[rest.startIndex..<end], as: UTF8.self))
          rest.removeSubrange(rest.startIndex...end)
        }
      }
      if !rest.isEmpty { lineContinuation.yield(String(decoding: rest, as: UTF8.self)) }
      lineContinuation.finish()
    }
  }

  var processID: Int32 { process.processIdentifier }

  /// Asks it to stop gracefully.
  func terminate() {
    kill(processID, SIGTERM)
  }

  /// Waits for its end, and collects the remaining output.
  func end() async -> Ended {
    var output = ""
    for await line in lines { output += line + "\n" }
    var last: (status: Int32, wasSignalled: Bool) = (-1, false)
    for await ended in exited { last = ended }
    return Ended(status: last.status, output: output, wasSignalled: last.wasSignalled)
  }

  /// Runs a product to completion.
  static func run(_ product: String, _ arguments: [String]) async throws -> Ended {
    try await Command(product, arguments).end()
  }
}
