import EventThread
import Foundation
import TestKit
import Wire
import ZeroMQ

@testable import Messaging

/// The item with the given number.
func item(_ number: Int, text: String = "where is my parcel?") -> LinkItem {
  var content = LinkItem.Content()
  content.ticketID = id(number)
  content.channel = "web"
  content.customer = "customer-\(number)"
  content.text = text
  return LinkItem(id(number), content)
}

func id(_ number: Int) -> ItemID { ItemID(high: 0xF00D, low: UInt64(number)) }

func items(_ numbers: Range<Int>) -> [LinkItem] { numbers.map { item($0) } }

func ids(_ numbers: some Sequence<Int>) -> [ItemID] { numbers.map { id($0) } }

func identity(_ instanceID: String, service: String = "test") -> LinkIdentity {
  LinkIdentity(service: service, instanceID: instanceID, build: "test")
}

func hello(_ instanceID: String) -> WireHello { identity(instanceID).hello }

/// A simulated process: a context with its thread, its keys and its name.
struct TestProcess {
  let owner: ZeroMQThread
  let keys: CurveKeyPair

  init() throws {
    owner = ZeroMQThread(context: try ZeroMQContext())
    keys = try CurveKeyPair.generate()
  }

  var security: SocketOptions.Security { .curveServer(secretKey: keys.secretKey, domain: "link") }

  func peer(_ instanceID: String, at endpoint: String) -> LinkPeer {
    LinkPeer(instanceID: instanceID, endpoint: endpoint, serverPublicKey: keys.publicKey)
  }
}

extension Duration {
  /// Longer than any stall of a busy machine, also under a sanitizer: a shorter silence does not count as a failure.
  static let patience: Duration = HangLimit.duration
}

extension WorkSource.Options {
  /// No worker is lost and no item expires unless a test causes it.
  static var patient: Self {
    var options = Self()
    options.silenceLimit = .patience
    options.itemAge = .patience
    return options
  }

  /// No item expires; a lost worker is detected as soon as a stall cannot be mistaken for one.
  static var mourning: Self {
    var options = patient
    options.silenceLimit = .seconds(5)
    return options
  }
}

/// Collects values until there are enough, without sleeping.
actor Collector<Value: Sendable> {
  private(set) var values: [Value] = []
  private var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []

  func add(_ more: some Sequence<Value> & Sendable) {
    values += more
    let satisfied = waiters.filter { $0.count <= values.count }
    waiters.removeAll { $0.count <= values.count }
    for waiter in satisfied { waiter.continuation.resume() }
  }

  func wait(for count: Int) async {
    guard values.count < count else { return }
    await withCheckedContinuation { waiters.append((count, $0)) }
  }
}
