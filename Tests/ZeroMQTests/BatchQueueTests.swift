import SystemPrimitives
import Testing
import ZeroMQ

@Suite struct BatchQueueTests {
  @Test func waitingElementsArriveInOneBoundedBatch() async {
    let queue = BatchQueue<Int>(limit: 100, batchLimit: 3)
    queue.push([1, 2])
    queue.push([3, 4])
    queue.finish()
    var batches: [[Int]] = []
    for await batch in queue { batches.append(batch) }
    #expect(batches == [[1, 2, 3], [4]])
  }

  @Test func aWaitingConsumerIsWoken() async {
    let queue = BatchQueue<Int>(limit: 10)
    async let first = { () -> [Int]? in
      var iterator = queue.makeAsyncIterator()
      return await iterator.next()
    }()
    queue.push([7])
    #expect(await first == [7])
  }

  @Test func theProducerPausesAtTheLimitAndResumesOnce() async {
    let calls = PthreadMutex(0)
    let queue = BatchQueue<Int>(limit: 4, batchLimit: 2) { calls.withLock { $0 += 1 } }
    #expect(queue.push([1, 2, 3]))
    #expect(!queue.push([4, 5]))
    var iterator = queue.makeAsyncIterator()
    #expect(await iterator.next() == [1, 2])
    #expect(calls.withLock { $0 } == 0)
    #expect(await iterator.next() == [3, 4])
    #expect(calls.withLock { $0 } == 1)
    #expect(await iterator.next() == [5])
    #expect(calls.withLock { $0 } == 1)
    #expect(queue.push([6]))
  }

  @Test func nothingIsAcceptedAfterTheEnd() async {
    let queue = BatchQueue<Int>(limit: 4)
    queue.finish()
    queue.push([1])
    var iterator = queue.makeAsyncIterator()
    #expect(await iterator.next() == nil)
    #expect(queue.count == 0)
  }

  @Test func cancellationEndsTheWait() async {
    let queue = BatchQueue<Int>(limit: 4)
    let task = Task {
      var iterator = queue.makeAsyncIterator()
      return await iterator.next()
    }
    task.cancel()
    #expect(await task.value == nil)
    queue.push([1])
    var iterator = queue.makeAsyncIterator()
    #expect(await iterator.next() == [1])
  }
}
