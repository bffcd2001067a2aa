import Foundation
import Testing
import Wire

@Suite struct ItemIDTests {
  @Test func bytesRoundTripBigEndian() {
    let id = ItemID(high: 0x0011_2233_4455_6677, low: 0x8899_AABB_CCDD_EEFF)
    #expect(Array(id.data) == (0..<16).map { $0 * 0x11 })
    #expect(ItemID(bytes: id.data) == id)
    #expect(ItemID(bytes: [0] + Array(id.data).dropLast()) != id)
    #expect(id.description == "00112233-4455-6677-8899-aabbccddeeff")
  }

  @Test(arguments: [0, 1, 15, 17])
  func wrongLengthsAreRefused(count: Int) {
    #expect(ItemID(bytes: Data(repeating: 1, count: count)) == nil)
  }
}
