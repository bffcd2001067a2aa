import EventThread
import Foundation
import Testing

@testable import ServiceHealth

/// An actor on an event thread, whose job can be blocked.
private actor Worker {
  let thread: EventThread
  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  init(_ thread: EventThread) { self.thread = thread }

  /// Blocks the thread until the gate opens.
  func hang(entered: DispatchSemaphore, gate: DispatchSemaphore) {
    entered.signal()
    gate.wait()
  }
}

@Suite("Liveness", .timeLimit(.minutes(3))) struct LivenessTests {
  @Test func aHangingThreadIsNamedUntilItResumes() async {
    let name = "hangs-\(UInt16.random(in: 0 ... .max))"
    let thread = EventThread(name: name, reactor: EpollReactor())
    // Long enough for a busy machine: it ends as soon as all threads have taken a turn.
    let patient = Liveness(patience: .seconds(30))
    #expect(await !patient.stuckThreads().contains(name), "it waits for nothing, and is live")
    let (entered, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let worker = Worker(thread)
    let hanging = Task { await worker.hang(entered: entered, gate: gate) }
    await Self.wait(entered)
    #expect(await Liveness(patience: .milliseconds(50)).stuckThreads().contains(name))
    gate.signal()
    await hanging.value
    #expect(await !patient.stuckThreads().contains(name))
    await thread.stop()
    #expect(!ThreadPulse.all.contains { $0.name == name }, "one that has ended is no longer checked")
  }

  /// On a separate thread: tasks have few.
  private static func wait(_ semaphore: DispatchSemaphore) async {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        semaphore.wait()
        continuation.resume()
      }
    }
  }
}
