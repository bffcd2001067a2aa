import Glibc
import SystemPrimitives
import Testing

@testable import EventThread

@Suite struct EpollReactorTests {
  @Test func reportsReadableDescriptors() async {
    let thread = ReactorThread()
    let (readEnd, writeEnd) = makePipe()
    let received = AsyncStream<UInt8>.makeStream()
    await thread.run { reactor in
      reactor.register(readEnd, interest: .read) { readiness in
        guard readiness.contains(.readable) else { return }
        var byte: UInt8 = 0
        if read(readEnd, &byte, 1) == 1 { received.continuation.yield(byte) }
      }
    }
    var bytes: [UInt8] = []
    var iterator = received.stream.makeAsyncIterator()
    for byte: UInt8 in [1, 2, 3] {
      send(byte, to: writeEnd)
      if let next = await iterator.next() { bytes.append(next) }
    }
    #expect(bytes == [1, 2, 3])
    await thread.run { $0.remove(readEnd) }
    await thread.thread.stop()
    close(readEnd)
    close(writeEnd)
  }

  @Test func reportsPeerDisconnection() async {
    let thread = ReactorThread()
    let (readEnd, writeEnd) = makePipe()
    let closed = AsyncStream<Void>.makeStream()
    await thread.run { reactor in
      reactor.register(readEnd, interest: .read) { readiness in
        if readiness.contains(.closed) {
          reactor.remove(readEnd)
          closed.continuation.yield()
        }
      }
    }
    close(writeEnd)
    var iterator = closed.stream.makeAsyncIterator()
    #expect(await iterator.next() != nil)
    await thread.thread.stop()
    close(readEnd)
  }

  @Test func aRemovedDescriptorIsNotServedInTheSameTurn() {
    let reactor = EpollReactor()
    let (first, firstWriter) = makePipe()
    let (second, secondWriter) = makePipe()
    let served = Counter()
    for (descriptor, other) in [(first, second), (second, first)] {
      reactor.register(descriptor, interest: .read) { [unowned reactor] _ in
        served.increment()
        reactor.remove(other)
      }
    }
    send(1, to: firstWriter)
    send(1, to: secondWriter)
    reactor.turn(waitingAtMost: .zero)
    #expect(served.value == 1)
    for descriptor in [first, second, firstWriter, secondWriter] { close(descriptor) }
  }

  @Test func interestCanChange() {
    let reactor = EpollReactor()
    let (readEnd, writeEnd) = makePipe()
    let writable = Counter()
    reactor.register(writeEnd, interest: .write) { readiness in
      if readiness.contains(.writable) { writable.increment() }
    }
    reactor.turn(waitingAtMost: .zero)
    #expect(writable.value == 1)
    reactor.modify(writeEnd, interest: [])
    reactor.turn(waitingAtMost: .zero)
    #expect(writable.value == 1)
    reactor.modify(writeEnd, interest: .write)
    reactor.turn(waitingAtMost: .zero)
    #expect(writable.value == 2)
    close(readEnd)
    close(writeEnd)
  }

  @Test func timersFireInTimeOrder() async {
    let thread = ReactorThread()
    let fired = AsyncStream<Int>.makeStream()
    await thread.run { reactor in
      for (delay, number) in [(30, 3), (10, 1), (20, 2), (40, 5), (35, 4)] {
        reactor.after(.milliseconds(delay)) { fired.continuation.yield(number) }
      }
      let cancelled = reactor.after(.milliseconds(5)) { fired.continuation.yield(0) }
      reactor.cancel(cancelled)
    }
    var numbers: [Int] = []
    var iterator = fired.stream.makeAsyncIterator()
    while numbers.count < 5, let number = await iterator.next() { numbers.append(number) }
    #expect(numbers == [1, 2, 3, 4, 5])
    await thread.thread.stop()
  }

  @Test func aBusyDescriptorDoesNotStarveJobs() async {
    let thread = ReactorThread()
    let (readEnd, writeEnd) = makePipe()
    send(1, to: writeEnd)
    let served = Counter()
    // The byte is never read, so the descriptor is ready in every turn.
    await thread.run { $0.register(readEnd, interest: .read) { _ in served.increment() } }
    for _ in 0..<500 { await thread.run { _ in } }
    #expect(served.value > 0)
    await thread.run { $0.remove(readEnd) }
    await thread.thread.stop()
    close(readEnd)
    close(writeEnd)
  }

  @Test func manyJobsDoNotStarveDescriptors() async {
    let thread = ReactorThread()
    let (readEnd, writeEnd) = makePipe()
    let isServed = Counter()
    await thread.run { reactor in
      reactor.register(readEnd, interest: .read) { _ in
        isServed.increment()
        reactor.remove(readEnd)
      }
    }
    send(1, to: writeEnd)
    // The flood ends only when the descriptor was served: if it were starved, this test would not end.
    await withTaskGroup { group in
      for _ in 0..<8 {
        group.addTask { while isServed.value == 0 { await thread.run { _ in } } }
      }
    }
    #expect(isServed.value == 1)
    await thread.thread.stop()
    close(readEnd)
    close(writeEnd)
  }
}

private actor ReactorThread {
  private let reactor = EpollReactor()
  nonisolated let thread: EventThread
  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  init() { thread = EventThread(name: "reactor-test", reactor: reactor) }

  func run(_ body: @Sendable (EpollReactor) -> Void) { body(reactor) }
}

private final class Counter: Sendable {
  private let count = PthreadMutex(0)
  var value: Int { count.withLock { $0 } }
  func increment() { count.withLock { $0 += 1 } }
}

private func makePipe() -> (readEnd: Int32, writeEnd: Int32) {
  var ends: [Int32] = [0, 0]
  let status = pipe(&ends)
  precondition(status == 0)
  return (ends[0], ends[1])
}

private func send(_ byte: UInt8, to descriptor: Int32) {
  var byte = byte
  let written = write(descriptor, &byte, 1)
  precondition(written == 1)
}
