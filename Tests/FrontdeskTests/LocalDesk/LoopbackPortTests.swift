import Foundation
import Testing

@testable import CommandLineTool
@testable import DeskSupervisor

@Suite struct LoopbackPortTests {
  /// Enough that a port that is not held is nearly always among them: the range has some 14,000 to 28,000.
  static let draws = 200_000

  @Test func aHeldPortIsNotGivenOutAsAFreePort() throws {
    let held = try LoopbackPort.held()
    for draw in 0..<LoopbackPortTests.draws {
      let other = try LoopbackPort.free()
      guard other != held.number else {
        Issue.record("draw \(draw) gave the held port \(other)")
        return
      }
    }
  }

  @Test func aServerBindsTheHeldPortByNumberAndAnotherOneAfterItHasEnded() throws {
    let held = try LoopbackPort.held()
    for _ in 0..<2 {
      let server = try #require(Listener(port: held.number))
      #expect(LoopbackPort(held.number) == nil, "the port is in use")
      withExtendedLifetime(server) {}
    }
    withExtendedLifetime(held) {}
  }

  @Test func aRequestedPortThatIsInUseIsRefusedByName() throws {
    let held = try LoopbackPort.held()
    let server = try #require(Listener(port: held.number))
    let failure = #expect(throws: CommandFailure.self) {
      try DeskPorts(intake: nil, channel: nil, console: held.number, last: nil)
    }
    #expect("\(try #require(failure))".contains("--port-console"))
    withExtendedLifetime((held, server)) {}
  }

  @Test func aDeskKeepsItsPreviousPortsUnlessOneIsInUse() throws {
    let first = try DeskPorts(intake: nil, channel: nil, console: nil, last: nil)
    let server = try #require(Listener(port: first.numbers.channel))
    let second = try DeskPorts(intake: nil, channel: nil, console: nil, last: first.numbers)
    #expect(second.numbers.intake == first.numbers.intake)
    #expect(second.numbers.console == first.numbers.console)
    #expect(second.numbers.channel != first.numbers.channel)
    withExtendedLifetime((first, server)) {}
  }

  @Test func twoServicesCannotShareOnePort() throws {
    let held = try LoopbackPort.held()
    #expect(throws: CommandFailure.self) {
      try DeskPorts(intake: held.number, channel: held.number, console: nil, last: nil)
    }
  }

  /// A server that listens for its lifetime.
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
