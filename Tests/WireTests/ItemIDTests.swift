import Testing
import Wire

@Suite struct ItemIDTests {
  @Test func bytesAreBigEndian() {
    let id = ItemID(high: 0x0011_2233_4455_6677, low: 0x8899_AABB_CCDD_EEFF)
    let bytes = (0..<16).map { UInt8($0 * 0x11) }
    #expect(ItemID(bytes: bytes) == id)
    #expect(ItemID(bytes: [0] + bytes.dropLast()) != id)
    #expect(id.description == "00112233-4455-6677-8899-aabbccddeeff")
  }

  @Test(arguments: [0, 1, 15, 17])
  func wrongLengthsAreRefused(count: Int) {
    #expect(ItemID(bytes: [UInt8](repeating: 1, count: count)) == nil)
  }
}
