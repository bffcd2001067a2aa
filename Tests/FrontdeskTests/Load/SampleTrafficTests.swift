import DeskCore
import Testing

@testable import LoadTesting

@Suite("Sample traffic")
struct SampleTrafficTests {
  private static let traffic = SampleTraffic(
    samples: ["退款什么时候到账", "Where is my parcel", "怎么改地址"], channels: ["web", "app"], prefix: "run-",
    messagesPerCustomer: 2)

  @Test("Ids are distinct, and each customer has the requested number of messages, all on one channel")
  func identities() {
    let messages = (0..<600).map(Self.traffic.message)
    #expect(Set(messages.map(\.id)).count == 600)
    #expect(messages.allSatisfy { $0.id.hasPrefix("run-") })
    let customers = Dictionary(grouping: messages, by: \.customer)
    #expect(customers.count == 300)
    #expect(customers.values.allSatisfy { $0.count == 2 && Set($0.map(\.channel)).count == 1 })
  }

  @Test("Customers write again after the given number of messages")
  func returning() {
    let traffic = SampleTraffic(
      samples: ["a", "b"], channels: ["web", "app"], prefix: "", messagesPerCustomer: 2, returnAfter: 50)
    let customers = (0..<400).map { traffic.message($0).customer }
    #expect(Set(customers).count == 200)
    for (customer, places) in Dictionary(grouping: customers.indices, by: { customers[$0] }) {
      #expect(places.count == 2 && places[1] - places[0] == 50, "\(customer): \(places)")
    }
  }

  @Test("Every sample is used, first unchanged, and repetitions differ from it and from one another")
  func samplesAreUsedAndVaried() {
    let texts = (0..<60).map { Self.traffic.message($0).text }
    #expect(Set(texts.prefix(3)) == ["退款什么时候到账", "Where is my parcel", "怎么改地址"])
    #expect(Set(texts).count == 60)
  }

  @Test("Variations are in the sample's language")
  func language() {
    #expect(SampleTraffic.varied("Where is it", 7, isChinese: false).unicodeScalars.allSatisfy { $0.isASCII })
    #expect(SampleTraffic.varied("在哪", 1, isChinese: true).hasPrefix("请问一下，在哪"))
  }

  @Test("The same position always gives the same message")
  func repeatable() {
    #expect(Self.traffic.message(123) == Self.traffic.message(123))
  }
}
