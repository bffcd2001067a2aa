import Testing
import ZeroMQ

@Suite struct CurveKeysTests {
  @Test func textAndBytesGiveTheSameKey() throws {
    let keys = try CurveKeyPair.generate()
    #expect(keys.publicKey.z85.utf8.count == 40)
    #expect(CurvePublicKey(z85: keys.publicKey.z85) == keys.publicKey)
    #expect(CurvePublicKey(bytes: keys.publicKey.bytes) == keys.publicKey)
    #expect(CurveSecretKey(z85: keys.secretKey.z85) == keys.secretKey)
  }

  /// The example in RFC 32.
  @Test func z85FollowsItsDefinition() {
    let bytes: [UInt8] = [0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B]
    let key = CurvePublicKey(bytes: bytes + bytes + bytes + bytes)
    #expect(key?.z85 == String(repeating: "HelloWorld", count: 4))
  }

  @Test func thePublicKeyIsDerivedFromTheSecretKey() throws {
    let keys = try CurveKeyPair.generate()
    #expect(try CurveKeyPair(secretKey: keys.secretKey) == keys)
    #expect(try CurveKeyPair.generate() != keys)
  }

  @Test(arguments: ["", "short", String(repeating: "a", count: 41), String(repeating: "\"", count: 40)])
  func invalidTextIsNotAKey(text: String) {
    #expect(CurvePublicKey(z85: text) == nil)
    #expect(CurveSecretKey(z85: text) == nil)
  }

  @Test func aSecretKeyIsNotPrinted() throws {
    let keys = try CurveKeyPair.generate()
    var dumped = ""
    dump(keys, to: &dumped)
    let shown = "\(keys) \(String(reflecting: keys)) \(dumped)"
    #expect(!shown.contains(keys.secretKey.z85))
    #expect(!shown.contains("\(keys.secretKey.bytes[0]), \(keys.secretKey.bytes[1]), \(keys.secretKey.bytes[2])"))
  }
}
