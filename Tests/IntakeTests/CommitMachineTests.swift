import DeskCore
import PostgreSQL
import TestKit
import Testing

@testable import Intake
@testable import Store

@Suite("CommitMachine")
struct CommitMachineTests {
  @Test("commits a message at once when idle; batches others and commits them together")
  func batchesMessagesUnderLoad() {
    var desk = Transcript()
    #expect(desk.submit(1, "a") == ["commit 2: a"])
    #expect(desk.submit(2, "b") == ["commit 4: b"])
    #expect(desk.submit(3, "c") == [])
    #expect(desk.submit(4, "d e") == [])
    #expect(desk.commit(2, "a") == ["answer 1: accepted a", "commit 8: c d e"])
    #expect(desk.commit(4, "b") == ["answer 2: accepted b"])
    #expect(desk.commit(8, "c d e") == ["answer 3: accepted c", "answer 4: accepted d, accepted e"])
    #expect(desk.machine.pendingCount == 0)
    #expect(desk.machine.pendingBytes == 0)
    #expect(desk.machine.commitCount == 0)
  }

  @Test("a commit takes no more than its limit of messages")
  func limitsMessagesPerCommit() {
    var desk = Transcript { $0.messagesPerCommit = 2 }
    #expect(desk.submit(1, "a b c d e") == ["commit 6: a b", "commit 7: c d"])
    #expect(desk.commit(6, "a b") == ["commit 8: e"])
  }

  @Test("a commit takes no more than its limit of bytes, but always one message")
  func limitsBytesPerCommit() {
    var desk = Transcript { $0.bytesPerCommit = 150 }
    #expect(desk.submit(1, "a b") == ["commit 3: a", "commit 4: b"])
  }

  @Test("the same message twice is one row, and both senders get the same answer, waiting or in progress")
  func coalescesDuplicates() {
    var desk = Transcript { $0.commitsInFlight = 1 }
    #expect(desk.submit(1, "a") == ["commit 2: a"])
    #expect(desk.submit(2, "a") == [])
    #expect(desk.submit(3, "b b") == [])
    #expect(desk.submit(4, "b") == [])
    #expect(desk.commit(2, "a") == ["answer 1: accepted a", "answer 2: accepted a", "commit 4: b"])
    #expect(desk.commit(4, "b") == ["answer 3: accepted b, accepted b", "answer 4: accepted b"])
  }

  @Test("an id with different content conflicts at once, and affects no other message")
  func differentContentUnderOneIDConflicts() {
    var desk = Transcript { $0.commitsInFlight = 1 }
    #expect(desk.submit(1, "a") == ["commit 2: a"])
    #expect(desk.submit(2, "a!") == ["answer 2: conflict"])
    #expect(desk.submit(3, "a! b") == [])
    #expect(desk.commit(2, "a") == ["answer 1: accepted a", "commit 4: b"])
    #expect(desk.commit(4, "b") == ["answer 3: conflict, accepted b"])
  }

  @Test("the same id on another channel is a different message")
  func sameIDOnAnotherChannelIsDifferent() {
    var desk = Transcript()
    #expect(desk.submit(1, "a app:a") == ["commit 3: a app:a"])
  }

  @Test("ids are compared byte by byte, as in the database", arguments: [true, false])
  func comparesIDsByteByByte(haveEqualTexts: Bool) {
    var machine = CommitMachine()
    let entries = NormalForms.texts.enumerated().map { position, id in
      var message = Transcript.entry("a").message
      message.externalID = id
      if !haveEqualTexts { message.digest = [UInt8(truncatingIfNeeded: position)] }
      return CommitMachine.Entry(message: message, byteCount: 1, sender: .channel("web"))
    }
    var committed: [IncomingMessage] = []
    for effect in machine.handle(.submitted(1, entries), now: .zero) {
      if case .commit(_, let messages, _) = effect { committed += messages }
    }
    #expect(committed.map { Array($0.externalID.utf8) } == NormalForms.texts.map { Array($0.utf8) })
    #expect(machine.pendingCount == NormalForms.texts.count)
    // The same bytes are the same message: it waits for the first one's row, or conflicts with it.
    let before = machine.pendingCount
    _ = machine.handle(.submitted(2, entries), now: .zero)
    #expect(machine.pendingCount == before)
  }

  @Test("accepts nothing beyond the limits")
  func refusesOverload() {
    var desk = Transcript {
      $0.messagesPending = 3
      $0.commitsInFlight = 1
    }
    #expect(desk.submit(1, "a b") == ["commit 3: a b"])
    #expect(desk.submit(2, "c d") == ["answer 2: overloaded"])
    #expect(desk.submit(3, "c") == [])
    #expect(desk.submit(4, "d") == ["answer 4: overloaded"])
    #expect(desk.commit(3, "a b") == ["answer 1: accepted a, accepted b", "commit 5: c"])
    var bytes = Transcript { $0.bytesPending = 150 }
    #expect(bytes.submit(1, "a b") == ["answer 1: overloaded"])
    #expect(bytes.submit(2, "a") == ["commit 2: a"])
  }

  @Test("a failed commit is retried after growing pauses; waiting messages stay in order")
  func retriesFailedCommitsAfterGrowingPauses() {
    var desk = Transcript { $0.commitsInFlight = 1 }
    #expect(desk.submit(1, "a") == ["commit 2: a"])
    #expect(desk.submit(2, "b") == [])
    #expect(desk.fail(2) == ["pause 2: 25 ms"])
    #expect(desk.resume(2) == ["commit 2: a"])
    #expect(desk.fail(2) == ["pause 2: 50 ms"])
    #expect(desk.resume(2) == ["commit 2: a"])
    #expect(desk.commit(2, "a") == ["answer 1: accepted a", "commit 4: b"])
  }

  @Test("pauses do not grow beyond their limit")
  func limitsRetryPauses() {
    var desk = Transcript()
    _ = desk.submit(1, "a")
    var last: [String] = []
    for _ in 0..<40 {
      last = desk.fail(2)
      _ = desk.resume(2)
    }
    #expect(last == ["pause 2: 1000 ms"])
  }

  @Test("messages that waited too long are given up, newer ones are retried")
  func givesUpMessagesThatWaitedTooLong() {
    var desk = Transcript { $0.commitsInFlight = 1 }
    #expect(desk.submit(1, "a") == ["commit 2: a"])
    #expect(desk.submit(2, "b") == [])
    desk.now = .seconds(5)
    #expect(desk.submit(3, "c") == [])
    #expect(desk.fail(2) == ["pause 2: 25 ms"])
    desk.now = .seconds(8)
    #expect(desk.resume(2) == ["answer 1: unavailable", "commit 5: b c"])
    #expect(desk.fail(5) == ["answer 2: unavailable", "pause 5: 25 ms"])
    #expect(desk.resume(5) == ["commit 5: c"])
    #expect(desk.commit(5, "c") == ["answer 3: accepted c"])
  }

  @Test("a duplicate with the message's own identifier was written by an unanswered attempt")
  func recognisesCommitsWhoseAnswerWasLost() {
    var desk = Transcript()
    #expect(desk.submit(1, "a b") == ["commit 3: a b"])
    #expect(desk.fail(3) == ["pause 3: 25 ms"])
    #expect(desk.resume(3) == ["commit 3: a b"])
    #expect(
      desk.handle(
        .committed(3, [.duplicate(Transcript.acceptance("a")), .duplicate(Transcript.acceptance("z"))]))
        == ["answer 1: accepted a, duplicate z"])
  }

  @Test("a permanently refused message is found by halving, and only its sender is notified")
  func isolatesARefusedMessage() {
    var desk = Transcript { $0.commitsInFlight = 1 }
    #expect(desk.submit(1, "a b c d") == ["commit 5: a b c d"])
    #expect(desk.submit(2, "e") == [])
    #expect(desk.refuse(5) == ["commit 7: a b"])
    #expect(desk.commit(7, "a b") == ["commit 8: c d"])
    #expect(desk.refuse(8) == ["commit 9: c"])
    #expect(desk.refuse(9) == ["commit 10: d"])
    #expect(desk.commit(10, "d") == ["answer 1: accepted a, accepted b, refused, accepted d", "commit 11: e"])
  }

  @Test("messages soon after a commit are batched for a while, or until there are enough for a commit")
  func batchesMessagesSoonAfterACommit() {
    var desk = Transcript {
      $0.shortestGathering = .milliseconds(3)
      $0.longestGathering = .milliseconds(3)
      $0.messagesWorthACommit = 4
    }
    #expect(desk.submit(1, "a") == ["commit 2: a"])
    desk.now = .milliseconds(1)
    #expect(desk.submit(2, "b") == ["gather 2 ms"])
    #expect(desk.submit(3, "c") == [])
    #expect(desk.commit(2, "a") == ["answer 1: accepted a"])
    desk.now = .milliseconds(3)
    #expect(desk.handle(.gathered) == ["commit 5: b c"])
    #expect(desk.submit(4, "d") == ["gather 3 ms"])
    #expect(desk.submit(5, "e f g") == ["commit 10: d e f g"])
    #expect(desk.commit(5, "b c") == ["answer 2: accepted b", "answer 3: accepted c"])
    #expect(desk.handle(.gathered) == [])
    desk.now = .milliseconds(9)
    #expect(desk.submit(6, "h") == ["commit 12: h"])
    #expect(desk.submit(7, "i") == [], "two are in progress")
    #expect(desk.handle(.drainingBegan) == [])
    #expect(desk.commit(12, "h") == ["answer 6: accepted h", "commit 14: i"])
  }

  @Test("messages are batched for a multiple of what commits take: a busier system makes larger batches")
  func batchesInProportionToTheTimeOfACommit() {
    var desk = Transcript {
      $0.gatheringPerCommitTime = 2
      $0.shortestGathering = .milliseconds(1)
      $0.longestGathering = .milliseconds(9)
    }
    /// Commits that take some time, one after the other, and how long a message after the last one has left waits.
    func gathering(after commits: Int, of time: Duration) -> [String] {
      var effects: [String] = []
      for _ in 0..<commits {
        desk.now += .seconds(1)
        guard
          case .commit(let id, _, _)? = desk.machine.handle(.submitted(1, [Transcript.entry("a")]), now: desk.now).first
        else { return ["no commit"] }
        desk.now += time
        _ = desk.commit(id, "a")
      }
      desk.now += .seconds(1)
      guard
        case .commit(let id, _, _)? = desk.machine.handle(.submitted(2, [Transcript.entry("b")]), now: desk.now).first
      else { return ["no commit"] }
      effects += desk.submit(3, "c")
      _ = desk.commit(id, "b")
      _ = desk.handle(.gathered)
      desk.now += .seconds(1)
      if case .commit(let id, _, _)? = desk.machine.handle(.gathered, now: desk.now).first { _ = desk.commit(id, "c") }
      return effects
    }
    #expect(gathering(after: 0, of: .zero) == ["gather 1 ms"], "nothing is known yet")
    #expect(gathering(after: 60, of: .milliseconds(2)).first?.hasPrefix("gather 3.9") == true)
    #expect(gathering(after: 100, of: .milliseconds(50)) == ["gather 9 ms"])
  }

  @Test("a sender with hardly any room left is full, and others are not, until everything is")
  func tellsWhoIsFull() {
    var desk = Transcript {
      $0.messagesPending = 4
      $0.messagesPendingPerSender = 2
      $0.bytesPendingPerSender = 1_000
    }
    let (web, app, mail) = (MessageSender.channel("web"), MessageSender.channel("app"), MessageSender.channel("mail"))
    #expect(!desk.machine.isFull(for: web))
    _ = desk.submit(1, "a")
    #expect(!desk.machine.isFull(for: web))
    _ = desk.submit(2, "b")
    #expect(desk.machine.isFull(for: web) && !desk.machine.isFull(for: app))
    _ = desk.submit(3, "app:c app:d")
    #expect(desk.machine.isFull(for: mail))
    _ = desk.commit(2, "a")
    #expect(!desk.machine.isFull(for: web) && !desk.machine.isFull(for: mail) && desk.machine.isFull(for: app))
    var bytes = Transcript { $0.bytesPendingPerSender = 101 }
    _ = bytes.submit(1, "a")
    #expect(!bytes.machine.isFull(for: web))
    bytes = Transcript { $0.bytesPendingPerSender = 100 }
    _ = bytes.submit(1, "a")
    #expect(bytes.machine.isFull(for: web))
  }

  @Test("requests that arrive together leave together, also from an idle machine")
  func requestsThatArriveTogetherShareACommit() {
    var desk = Transcript()
    let requests = ["a b", "c", "d"].enumerated().map { number, names in
      CommitMachine.Request(
        id: CommitMachine.SubmissionID(number + 1),
        entries: names.split(separator: " ").map { Transcript.entry(String($0)) })
    }
    #expect(desk.handle(.arrived(requests)) == ["commit 5: a b c d"])
    #expect(
      desk.commit(5, "a b c d") == ["answer 1: accepted a, accepted b", "answer 2: accepted c", "answer 3: accepted d"])
  }

  @Test("while the link is deep, commits take no more than it has room for, and the rest waits")
  func waitsForTheLink() {
    var desk = Transcript { $0.linkInterval = .milliseconds(5) }
    desk.linkRoom = 3
    #expect(desk.submit(1, "a b c d e") == ["commit 6: a b c", "gather 5 ms"])
    desk.linkRoom = 0
    #expect(desk.submit(2, "f") == [])
    #expect(desk.commit(6, "a b c") == [])
    #expect(desk.handle(.gathered) == ["gather 5 ms"], "it looks again")
    desk.linkRoom = 10
    #expect(desk.handle(.gathered) == ["commit 8: d e f"])
    #expect(
      desk.commit(8, "d e f")
        == ["answer 1: accepted a, accepted b, accepted c, accepted d, accepted e", "answer 2: accepted f"])
  }

  @Test("a message that has waited for the link too long is refused as overload, and may be sent again")
  func refusesWhatWaitsForTheLinkTooLong() {
    var desk = Transcript { $0.linkPatience = .seconds(4) }
    desk.linkRoom = 0
    #expect(desk.submit(1, "a") == ["gather 5 ms"])
    desk.now = .seconds(3)
    #expect(desk.submit(2, "b") == [])
    #expect(desk.handle(.gathered) == ["gather 5 ms"])
    desk.now = .seconds(4)
    #expect(desk.handle(.gathered) == ["answer 1: overloaded", "gather 5 ms"])
    #expect(desk.machine.pendingCount == 1)
    desk.linkRoom = .max
    #expect(desk.submit(3, "a") == ["commit 4: b a"])
    #expect(desk.commit(4, "b a") == ["answer 2: accepted b", "answer 3: accepted a"])
  }

  @Test("what is left at shutdown does not wait for the link")
  func drainingDoesNotWaitForTheLink() {
    var desk = Transcript()
    desk.linkRoom = 0
    #expect(desk.submit(1, "a") == ["gather 5 ms"])
    #expect(desk.handle(.drainingBegan) == ["commit 2: a"])
    #expect(desk.commit(2, "a") == ["answer 1: accepted a", "drained"])
  }

  @Test("a commit that failed is retried although the link is deep: it may have been written")
  func retriesDoNotWaitForTheLink() {
    var desk = Transcript { $0.commitsInFlight = 1 }
    #expect(desk.submit(1, "a") == ["commit 2: a"])
    desk.linkRoom = 0
    #expect(desk.fail(2) == ["pause 2: 25 ms"])
    #expect(desk.resume(2) == ["commit 2: a"])
    #expect(desk.commit(2, "a") == ["answer 1: accepted a"])
  }

  @Test("draining accepts nothing more and ends after the last answer")
  func drainingEndsAfterTheLastAnswer() {
    var desk = Transcript()
    #expect(desk.submit(1, "a") == ["commit 2: a"])
    #expect(desk.handle(.drainingBegan) == [])
    #expect(desk.submit(2, "b") == ["answer 2: draining"])
    #expect(desk.commit(2, "a") == ["answer 1: accepted a", "drained"])
    var idle = Transcript()
    #expect(idle.handle(.drainingBegan) == ["drained"])
  }

  @Test("a message with a locked ticket waits separately: the others are answered, and it occupies no commit")
  func lockedTicketsWaitSeparately() {
    var desk = Transcript { $0.commitsInFlight = 1 }
    #expect(desk.submit(1, "a b c") == ["commit 4: a b c"])
    #expect(desk.handle(.failed(4, .contention)) == ["carefully commit 4: a b c"])
    let outcomes = [AcceptOutcome.accepted(Transcript.acceptance("a")), .heldUp, .accepted(Transcript.acceptance("c"))]
    #expect(desk.handle(.committed(4, outcomes)) == ["pause 5: 25 ms"])
    #expect(desk.machine.heldUpCount == 1)
    // Other customers' messages leave in the meantime; those of the same customer leave carefully.
    #expect(desk.submit(2, "d@other") == ["commit 7: d"])
    #expect(desk.commit(7, "d") == ["answer 2: accepted d"])
    #expect(desk.submit(3, "e") == ["carefully commit 9: e"])
    #expect(desk.handle(.committed(9, [.heldUp])) == ["pause 10: 25 ms"])
    #expect(desk.resume(5) == ["carefully commit 5: b"])
    #expect(desk.handle(.committed(5, [.heldUp])) == ["pause 11: 50 ms"])
    #expect(desk.resume(11) == ["carefully commit 11: b"])
    #expect(desk.commit(11, "b") == ["answer 1: accepted a, accepted b, accepted c"])
    desk.now = .seconds(8)
    #expect(desk.resume(10) == ["answer 3: held up"])
    #expect(desk.machine.heldUpCount == 0)
    #expect(desk.submit(4, "f") == ["commit 13: f"])
  }

  @Test("a message blocked by another lock is found by halving, and pauses alone")
  func findsLockedMessagesByHalving() {
    var desk = Transcript { $0.commitsInFlight = 1 }
    #expect(desk.submit(1, "a b") == ["commit 3: a b"])
    #expect(desk.handle(.failed(3, .contention)) == ["carefully commit 3: a b"])
    #expect(desk.handle(.failed(3, .contention)) == ["carefully commit 4: a"])
    #expect(desk.handle(.failed(4, .contention)) == ["pause 4: 25 ms", "carefully commit 5: b"])
    #expect(desk.commit(5, "b") == [])
    #expect(desk.submit(2, "c") == ["commit 7: c"])
    #expect(desk.commit(7, "c") == ["answer 2: accepted c"])
    #expect(desk.resume(4) == ["carefully commit 4: a"])
    #expect(desk.commit(4, "a") == ["answer 1: accepted a, accepted b"])
  }

  @Test("a message that breaks its connection is found once others succeed, and does not block them")
  func findsMessagesThatBreakConnections() {
    var desk = Transcript()
    #expect(desk.submit(1, "a b") == ["commit 3: a b"])
    #expect(desk.fail(3) == ["pause 3: 25 ms"])
    #expect(desk.submit(2, "c") == [], "PostgreSQL may be unreachable")
    #expect(desk.resume(3) == ["commit 3: a b", "commit 5: c"])
    #expect(desk.fail(3) == ["pause 3: 50 ms"])
    #expect(desk.commit(5, "c") == ["answer 2: accepted c"])
    // PostgreSQL is reachable: nothing waits for the pause any more.
    #expect(desk.submit(3, "d") == ["commit 7: d"])
    #expect(desk.commit(7, "d") == ["answer 3: accepted d"])
    #expect(desk.resume(3) == ["commit 3: a b"])
    #expect(desk.fail(3) == ["commit 8: a"])
    #expect(desk.commit(8, "a") == ["commit 9: b"])
    #expect(desk.fail(9) == ["pause 9: 25 ms"])
    #expect(desk.submit(4, "e") == ["commit 11: e"])
    desk.now = .seconds(8)
    #expect(desk.commit(11, "e") == ["answer 4: accepted e"])
    #expect(desk.resume(9) == ["answer 1: accepted a, unavailable"])
  }

  @Test("one sender's flood does not delay another: the next commit has its message")
  func floodsDoNotDelayOtherSenders() {
    var desk = Transcript {
      $0.commitsInFlight = 1
      $0.commitsForOthers = 0
      $0.messagesPerCommit = 4
    }
    #expect(desk.submit(1, "a b c d e f g h i j") == ["commit 11: a b c d"])
    #expect(desk.submit(2, "app:z") == [])
    #expect(desk.commit(11, "a b c d") == ["commit 13: e app:z f g"])
  }

  @Test("while a flood's commits are in progress, another sender's messages get their own commit")
  func reservesACommitForOtherSenders() {
    var desk = Transcript {
      $0.commitsInFlight = 1
      $0.messagesPerCommit = 4
    }
    #expect(desk.submit(1, "a b c d e f g h i j") == ["commit 11: a b c d"])
    #expect(desk.submit(2, "app:y app:z") == ["commit 14: app:y app:z"])
    #expect(desk.submit(3, "app:x") == [], "one at a time")
    #expect(desk.commit(14, "app:y app:z") == ["answer 2: accepted y, accepted z", "commit 16: app:x"])
    #expect(desk.commit(11, "a b c d") == ["commit 17: e f g h"])
  }

  @Test("small commits are followed by a shared one, because more of them would only be smaller")
  func smallCommitsAreFollowedByASharedOne() {
    var desk = Transcript {
      $0.commitsInFlight = 1
      $0.messagesPerCommit = 4
    }
    #expect(desk.submit(1, "a") == ["commit 2: a"])
    #expect(desk.submit(2, "app:z") == [])
    #expect(desk.commit(2, "a") == ["answer 1: accepted a", "commit 4: app:z"])
  }

  @Test("one sender cannot take the room of all others")
  func limitsOneSendersShare() {
    var desk = Transcript {
      $0.messagesPendingPerSender = 2
      $0.bytesPendingPerSender = 250
      $0.commitsInFlight = 1
    }
    #expect(desk.submit(1, "a b") == ["commit 3: a b"])
    #expect(desk.submit(2, "c") == ["answer 2: overloaded"])
    #expect(desk.submit(3, "app:a app:b app:c") == ["answer 3: overloaded"])
    #expect(desk.submit(4, "app:a app:b") == [])
    #expect(desk.commit(3, "a b") == ["answer 1: accepted a, accepted b", "commit 6: app:a app:b"])
    #expect(desk.submit(5, "c") == [])
  }

  @Test("whatever happens, every submission has exactly one answer and nothing is left", arguments: 0..<60)
  func everySubmissionHasExactlyOneAnswer(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed) + 1)
    var desk = Transcript {
      $0.messagesPerCommit = 3
      $0.messagesPending = 12
      $0.deadline = .seconds(2)
      $0.longestGathering = .milliseconds(40)
      $0.messagesWorthACommit = 3
    }
    var open: [CommitMachine.BatchID: [IncomingMessage]] = [:]
    var gathering = false
    var pausing: Set<CommitMachine.BatchID> = []
    var answered: [CommitMachine.SubmissionID: Int] = [:]
    func note(_ effects: [CommitMachine.Effect]) {
      for effect in effects {
        switch effect {
        case .commit(let id, let messages, _):
          #expect(!messages.isEmpty && messages.count <= 3)
          #expect(Set(messages.map(\.externalID)).count == messages.count)
          open[id] = messages
        case .pause(let id, _): pausing.insert(id)
        case .gather: gathering = true
        case .answer(let id, _): answered[id, default: 0] += 1
        case .drained: break
        }
        #expect(open.count <= 2)
      }
    }
    func turn(isEnding: Bool) {
      desk.now += .milliseconds(Int.random(in: 0...300, using: &random))
      if gathering, isEnding || Bool.random(using: &random) {
        gathering = false
        return note(desk.machine.handle(.gathered, now: desk.now))
      }
      if let id = pausing.sorted().first, isEnding || Bool.random(using: &random) {
        pausing.remove(id)
        return note(desk.machine.handle(.pauseEnded(id), now: desk.now))
      }
      guard let (id, messages) = open.min(by: { $0.key < $1.key }) else { return }
      open[id] = nil
      switch Int.random(in: 0..<(isEnding ? 1 : 6), using: &random) {
      case 1: note(desk.machine.handle(.failed(id, .outage), now: desk.now))
      case 2: note(desk.machine.handle(.failed(id, .refusal), now: desk.now))
      case 3: note(desk.machine.handle(.failed(id, .contention), now: desk.now))
      case 4:
        let outcomes = messages.map { message in
          Bool.random(using: &random) ? .heldUp : AcceptOutcome.accepted(Transcript.acceptance(message.externalID))
        }
        note(desk.machine.handle(.committed(id, outcomes), now: desk.now))
      default:
        let outcomes = messages.map { AcceptOutcome.accepted(Transcript.acceptance($0.externalID)) }
        note(desk.machine.handle(.committed(id, outcomes), now: desk.now))
      }
    }
    for submission in 1...100 {
      let names = (0..<Int.random(in: 1...4, using: &random)).map { _ in "\(Int.random(in: 0..<20, using: &random))" }
      let event = CommitMachine.Event.submitted(UInt64(submission), names.map { Transcript.entry($0) })
      note(desk.machine.handle(event, now: desk.now))
      turn(isEnding: false)
    }
    for _ in 0..<1000 where !open.isEmpty || !pausing.isEmpty { turn(isEnding: true) }
    #expect(answered.count == 100 && answered.values.allSatisfy { $0 == 1 }, "seed \(seed)")
    #expect(desk.machine.pendingCount == 0 && desk.machine.pendingBytes == 0, "seed \(seed)")
    #expect(desk.machine.heldUpCount == 0 && desk.machine.commitCount == 0, "seed \(seed)")
  }
}

/// A machine whose effects read like sentences. A message is named by its id; `channel:id` names another channel's, `id!` the same id with
/// different content. Each occupies 100 bytes.
struct Transcript {
  var machine: CommitMachine
  var now: Duration = .zero
  /// Messages that commits may add to the link.
  var linkRoom = Int.max

  init(_ change: (inout CommitMachine.Limits) -> Void = { _ in }) {
    var limits = CommitMachine.Limits()
    limits.longestGathering = .zero
    change(&limits)
    machine = CommitMachine(limits: limits)
  }

  mutating func submit(_ id: CommitMachine.SubmissionID, _ names: String) -> [String] {
    handle(.submitted(id, names.split(separator: " ").map { Self.entry(String($0)) }))
  }

  mutating func commit(_ id: CommitMachine.BatchID, _ names: String) -> [String] {
    handle(.committed(id, names.split(separator: " ").map { .accepted(Self.acceptance(String($0))) }))
  }

  mutating func fail(_ id: CommitMachine.BatchID) -> [String] { handle(.failed(id, .outage)) }

  mutating func refuse(_ id: CommitMachine.BatchID) -> [String] { handle(.failed(id, .refusal)) }

  mutating func resume(_ id: CommitMachine.BatchID) -> [String] { handle(.pauseEnded(id)) }

  mutating func handle(_ event: CommitMachine.Event) -> [String] {
    machine.handle(event, now: now, linkRoom: linkRoom).map { effect in
      switch effect {
      case .commit(let id, let messages, let isCareful):
        (isCareful ? "carefully " : "") + "commit \(id): " + messages.map(Self.name).joined(separator: " ")
      case .pause(let id, let pause): "pause \(id): \(pause / .milliseconds(1)) ms".replacing(".0 ", with: " ")
      case .gather(let time): "gather \(time / .milliseconds(1)) ms".replacing(".0 ", with: " ")
      case .answer(let id, .outcomes(let outcomes)):
        "answer \(id): " + outcomes.map(Self.describe).joined(separator: ", ")
      case .answer(let id, .overloaded): "answer \(id): overloaded"
      case .answer(let id, .draining): "answer \(id): draining"
      case .drained: "drained"
      }
    }
  }

  static func entry(_ name: String) -> CommitMachine.Entry {
    let sides = name.split(separator: "@")
    let parts = sides[0].split(separator: ":")
    let id = String(parts.last ?? "").replacing("!", with: "")
    let message = IncomingMessage(
      id: acceptance(id).message, ticket: acceptance(id).ticket,
      channel: ChannelID(parts.count > 1 ? String(parts[0]) : "web"),
      customer: sides.count > 1 ? String(sides[1]) : "c", externalID: id,
      digest: [name.hasSuffix("!") ? 1 : 0], subject: nil, body: "t", attributes: nil, attachments: nil, sentAt: nil,
      traceparent: nil)
    return CommitMachine.Entry(message: message, byteCount: 100, sender: .channel(message.channel))
  }

  /// An acceptance whose identifiers encode the message's name.
  static func acceptance(_ name: String) -> Acceptance {
    let number = name.unicodeScalars.reduce(UInt64(0)) { $0 << 8 | UInt64($1.value) }
    return Acceptance(
      message: MessageID(high: 1, low: number), ticket: TicketID(high: 2, low: number), opensTicket: true,
      tier: .standard, acceptedAt: Instant(seconds: 0))
  }

  private static func name(_ message: IncomingMessage) -> String {
    (message.channel == "web" ? "" : "\(message.channel):") + message.externalID
  }

  private static func describe(_ outcome: CommitMachine.Outcome) -> String {
    func name(_ acceptance: Acceptance) -> String {
      Unicode.Scalar(UInt8(truncatingIfNeeded: acceptance.message.low)).description
    }
    return switch outcome {
    case .accepted(let acceptance): "accepted \(name(acceptance))"
    case .duplicate(let acceptance): "duplicate \(name(acceptance))"
    case .duplicateOfDropped: "duplicate of a dropped one"
    case .conflict: "conflict"
    case .heldUp: "held up"
    case .unavailable: "unavailable"
    case .refused: "refused"
    case .overloaded: "overloaded"
    }
  }
}
