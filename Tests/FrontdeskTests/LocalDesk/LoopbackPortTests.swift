import Foundation
import Testing

@testable import Frontdesk

@Suite struct LoopbackPortTests {
  /// Enough that a port that is not held is nearly always among them: some 14,000 to 28,000 are drawn from.
  static let draws = 200_000

  @Test func `A held port is given to nobody who asks for any`() throws {
    let held = try LoopbackPort.held()
    for draw in 0..<LoopbackPortTests.draws {
      let other = try LoopbackPort.free()
      guard other != held.number else {
        Issue.record("draw \(draw) gave the held port \(other)")
        return
      }
    }
  }

  @Test func `A server binds the held port by its number, and after its end the next one does`() throws {
    let held = try LoopbackPort.held()
    for _ in 0..<2 {
      let server = try #require(Listener(port: held.number))
      #expect(LoopbackPort(held.number) == nil, "somebody listens there")
      withExtendedLifetime(server) {}
    }
    withExtendedLifetime(held) {}
  }

  @Test func `A wanted port that somebody listens on is refused by name`() throws {
    let held = try LoopbackPort.held()
    let server = try #require(Listener(port: held.number))
    let failure = #expect(throws: CommandFailure.self) {
      try DeskPorts(intake: nil, channel: nil, console: held.number, last: nil)
    }
    #expect("\(try #require(failure))".contains("--port-console"))
    withExtendedLifetime((held, server)) {}
  }

  @Test func `A desk keeps the ports of the last time, unless one is taken`() throws {
    let first = try DeskPorts(intake: nil, channel: nil, console: nil, last: nil)
    let server = try #require(Listener(port: first.numbers.channel))
    let second = try DeskPorts(intake: nil, channel: nil, console: nil, last: first.numbers)
    #expect(second.numbers.intake == first.numbers.intake)
    #expect(second.numbers.console == first.numbers.console)
    #expect(second.numbers.channel != first.numbers.channel)
    withExtendedLifetime((first, server)) {}
  }

  @Test func `Two services cannot have one port`() throws {
    let held = try LoopbackPort.held()
    #expect(throws: CommandFailure.self) {
      try DeskPorts(intake: held.number, channel: held.number, console: nil, last: nil)
    }
  }

  /// A server that listens as long as it lives.
  private final class Listener {
    private let descriptor: Int32

    init?(port: Int) {
      guard let bound = LoopbackPort.bind(to: port) else { return nil }
      descriptor = bound.descriptor
      guard listen(descriptor, 1) == 0 else { return nil }
    }

    deinit { close(descriptor) }
  }
}
